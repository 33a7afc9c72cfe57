/** In Node there are files: nothing has to be in one. */
import './node.js';

export { Generator } from './generator.js';
export * from './node.js';
export * from './presets.js';
