// @ts-check
/**
 * What the worker loads later. A bundler takes it for a file like any other: it imports nothing once it is built, and is found by what
 * it leaves behind.
 */

import { takeDataset } from './datasets.js';
import { laterHandlers } from './later-handlers.js';
import { LIB } from './pkg/build.js';
import { CALLS } from './pkg/engine-later.js';
import { addRest } from './rest.js';

const part = { LIB, CALLS, addRest, laterHandlers, takeDataset };
/** @typedef {typeof part} Part */

/** @type {any} */ (self).ocelliLater = part;
