/** The package without training: its scripts and its wasm are smaller. */
export { decodeImage } from './decode.js';
export { ClassifierError } from './errors.js';
export { BUILD } from './pkg/build.js';
export { configure } from './platform.js';
export { Predictor as Classifier } from './predictor.js';
