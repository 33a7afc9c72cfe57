/** What the package offers; the types are in `index.d.ts`. */
export { Classifier } from './classifier.js';
export { decodeImage } from './decode.js';
export { ClassifierError } from './errors.js';
export { Generator } from './generator.js';
export { BUILD } from './pkg/build.js';
export { readDataset } from './read-dataset.js';
