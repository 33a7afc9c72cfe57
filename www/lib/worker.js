// @ts-check
/** The worker that holds the whole engine, which predicts and trains. */

import { Engine, build, initSync, panicText } from './pkg/engine.js';
import { compiledEngine, serve } from './server.js';
import { engineHandlers } from './training-handlers.js';

serve({
  start: async () => initSync({ module: await compiledEngine(new URL('./pkg/engine_bg.wasm', import.meta.url)) }),
  handlers: () => engineHandlers(Engine),
  build,
  panicText,
});
