// @ts-check
/** The expendable worker that decodes picture files. */

import { decodeHandlers } from './decode-handlers.js';
import { build, initSync, panicText } from './pkg/decode.js';
import { compiledEngine, serve } from './server.js';

serve({
  start: async () => initSync({ module: await compiledEngine(new URL('./pkg/decode_bg.wasm', import.meta.url)) }),
  handlers: () => decodeHandlers,
  build,
  panicText,
});
