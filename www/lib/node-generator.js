/** Generators in Node. */
import './node.js';

export * from './generator.js';
