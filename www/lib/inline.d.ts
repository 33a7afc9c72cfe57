/** All of the package in one file. */
export { Generator } from './generator.js';
export * from './index.js';
export * from './presets.js';
