// @ts-check
/** The expendable worker that decodes picture files. */

import { DECODE_BUILD, DECODE_INTEGRITY } from './pkg/decode-build.js';
import { start } from './spawn.js';

export function startDecodeWorker() {
  return start({
    name: 'decode',
    file: './decode-worker.js',
    direct: () => new Worker(new URL('./decode-worker.js', import.meta.url), { type: 'module' }),
    wasm: 'decode',
    wasmUrl: () => new URL('./pkg/decode_bg.wasm', import.meta.url),
    build: DECODE_BUILD,
    integrity: DECODE_INTEGRITY,
  });
}
