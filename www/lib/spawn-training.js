// @ts-check
/** The workers that hold the whole engine, and the small one where that is enough: one script, so that a page loads it once. */

import { BUILD, ENGINE_INTEGRITY, INFERENCE_INTEGRITY } from './pkg/build.js';
import { start } from './spawn.js';

const script = {
  file: './worker.js',
  direct: () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }),
  laterUrl: () => new URL('./worker-later.js', import.meta.url),
  build: BUILD,
};

/** Predicts and trains. */
export function startTrainingWorker() {
  return start({
    name: 'training',
    ...script,
    wasm: 'engine',
    wasmUrl: () => new URL('./pkg/engine_bg.wasm', import.meta.url),
    restUrl: () => new URL('./pkg/engine-later_bg.wasm', import.meta.url),
    integrity: ENGINE_INTEGRITY,
  });
}

/** Predicts, with the small engine. */
export function startSmallWorker() {
  return start({
    name: 'inference',
    ...script,
    wasm: 'inference',
    wasmUrl: () => new URL('./pkg/inference_bg.wasm', import.meta.url),
    integrity: INFERENCE_INTEGRITY,
  });
}
