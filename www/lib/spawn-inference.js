// @ts-check
/** The worker that predicts. */

import { BUILD, INFERENCE_INTEGRITY } from './pkg/build.js';
import { start } from './spawn.js';

export function startInferenceWorker() {
  return start({
    name: 'inference',
    file: './inference-worker.js',
    direct: () => new Worker(new URL('./inference-worker.js', import.meta.url), { type: 'module' }),
    wasm: 'inference',
    wasmUrl: () => new URL('./pkg/inference_bg.wasm', import.meta.url),
    build: BUILD,
    integrity: INFERENCE_INTEGRITY,
  });
}
