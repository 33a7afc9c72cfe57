// @ts-check
/** All workers in one script, for the package in one file: which one it is to be, its name tells. */

import { decodeHandlers } from './decode-handlers.js';
import { ganHandlers } from './gan-handlers.js';
import * as decode from './pkg/decode.js';
import * as engine from './pkg/engine.js';
import { serve } from './server.js';
import { engineHandlers } from './training-handlers.js';

/** @type {{ [name: string]: { from: typeof decode | typeof engine, handlers: () => any } }} */
const WORKERS = {
  'ocelli decode': { from: decode, handlers: () => decodeHandlers },
  'ocelli generator': { from: engine, handlers: () => ganHandlers(engine.GanEngine) },
  'ocelli training': { from: engine, handlers: () => engineHandlers(engine.Engine) },
};
const { from, handlers } = /** @type {(typeof WORKERS)[string]} */ (WORKERS[self.name]);
const { build, initSync, panicText } = from;
serve({ init: initSync, handlers, build, panicText });
