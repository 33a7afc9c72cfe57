/** The package in Node without threads of its own. */
import './node.js';

export * from './direct.js';
