// @ts-check
/**
 * The package without workers, for where there are none: service workers, shared workers, and programs that have a
 * thread of their own for it. Whatever computes holds up the thread that called it.
 */

import { calls } from './classifier-later.js';
import { readFiles } from './dataset-files.js';
import { decodeHandlers } from './decode-handlers.js';
import { decoder, predictPage } from './decoding.js';
import { ganHandlers } from './gan-handlers.js';
import { InThread } from './in-thread.js';
import { counted } from './load-progress.js';
import initDecode, * as decode from './pkg/decode.js';
import initEngine, * as engine from './pkg/engine.js';
import { platform } from './platform.js';
import { many } from './predict-many.js';
import { engineHandlers } from './training-handlers.js';

export * from './index.js';

/** @param {() => any} handlers */
const whole = (handlers) => () => new InThread({ init: initEngine, build: engine.build, panicText: engine.panicText, handlers });
const training = whole(() => engineHandlers(engine.Engine));
Object.assign(platform.workers, {
  inference: training,
  training,
  generator: whole(() => ganHandlers(engine.GanEngine)),
  decode: () => new InThread({ init: initDecode, build: decode.build, panicText: decode.panicText, handlers: () => decodeHandlers }),
});
platform.wasm.engine = platform.wasm.inference = () => new URL('./pkg/engine-whole_bg.wasm', import.meta.url);
platform.small = false;
platform.mostWorkers = 1;
// A service worker may import nothing later. Not as the modules' own namespaces: all entries would carry what makes those.
platform.parts = { calls: { calls }, decoding: { decoder, predictPage }, files: { readFiles }, many: { many }, progress: { counted } };
