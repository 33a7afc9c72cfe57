/** The package in Node, without training. */
import './node.js';

export * from './inference.js';
