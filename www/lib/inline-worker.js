// @ts-check
/** All workers in one script, for the package in one file: which one it is to be, its name tells. */

import { decodeHandlers } from './decode-handlers.js';
import { ganHandlers } from './gan-handlers.js';
import initDecode, * as decode from './pkg/decode.js';
import initEngine, * as engine from './pkg/engine.js';
import { compiledEngine, serve } from './server.js';
import { engineHandlers } from './training-handlers.js';

/** @param {(options: { module_or_path: WebAssembly.Module }) => Promise<unknown>} init */
async function start(init) {
  const module = await compiledEngine();
  if (!module) throw new Error('The page may not compile wasm: its policy needs wasm-unsafe-eval.');
  await init({ module_or_path: module });
}

switch (self.name) {
  case 'ocelli decode':
    serve({ start: () => start(initDecode), handlers: () => decodeHandlers, build: decode.build, panicText: decode.panicText });
    break;
  case 'ocelli generator':
    serve({ start: () => start(initEngine), handlers: () => ganHandlers(engine.GanEngine), build: engine.build, panicText: engine.panicText });
    break;
  default:
    serve({ start: () => start(initEngine), handlers: () => engineHandlers(engine.Engine), build: engine.build, panicText: engine.panicText });
}
