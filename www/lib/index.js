/** What the package offers; the types are in `index.d.ts`. */
export { Classifier } from './classifier.js';
export { decodeImage } from './decode.js';
export { ClassifierError } from './errors.js';
export { BUILD } from './pkg/build.js';
export { configure } from './platform.js';
export { Predictor } from './predictor.js';
export { readDataset } from './read-dataset.js';
