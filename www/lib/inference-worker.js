// @ts-check
/** The worker that holds the small engine, which predicts only. */

// What the others import is named here too: the browser then asks for all modules at once, not level by level.
import './errors.js';
import './pkg/build.js';
import './protocol.js';
import { Desk, inferenceHandlers } from './handlers.js';
import { Engine, build, initSync, panicText } from './pkg/inference.js';
import { compiledEngine, serve } from './server.js';

serve({
  start: async () => initSync({ module: await compiledEngine(new URL('./pkg/inference_bg.wasm', import.meta.url)) }),
  handlers: () => inferenceHandlers(new Desk(Engine)),
  build,
  panicText,
});
