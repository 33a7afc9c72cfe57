// @ts-check
/** The worker that trains a generator. */

import { ganHandlers } from './gan-handlers.js';
import { GanEngine, build, initSync, panicText } from './pkg/engine.js';
import { compiledEngine, serve } from './server.js';

serve({
  start: async () => initSync({ module: await compiledEngine(new URL('./pkg/engine_bg.wasm', import.meta.url)) }),
  handlers: () => ganHandlers(GanEngine),
  build,
  panicText,
});
