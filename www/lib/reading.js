// @ts-check
/** For the page, which also unpacks files itself. */

// As in `decoding.js`: the page has it already.
import './predictor.js';

export { filesOf, isArchive } from './archive.js';
export { drop } from './spent.js';
export { unzipped } from './unzip.js';
