// @ts-check
/** The workers that hold the whole engine, and the small one where that is enough: one script, so that a page loads it once. */

import { BUILD, ENGINE_INTEGRITY, INFERENCE_INTEGRITY } from './pkg/build.js';
import { start } from './spawn.js';

const engine = /** @type {const} */ ({
  wasm: 'engine',
  wasmUrl: () => new URL('./pkg/engine_bg.wasm', import.meta.url),
  build: BUILD,
  integrity: ENGINE_INTEGRITY,
});

const script = {
  file: './worker.js',
  direct: () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }),
  later: './worker-later.js',
  laterUrl: () => new URL('./worker-later.js', import.meta.url),
};

/** Predicts and trains. */
export function startTrainingWorker() {
  return start({ name: 'training', ...script, ...engine });
}

/** Predicts, with the small engine. */
export function startSmallWorker() {
  return start({
    name: 'inference',
    ...script,
    wasm: 'inference',
    wasmUrl: () => new URL('./pkg/inference_bg.wasm', import.meta.url),
    build: BUILD,
    integrity: INFERENCE_INTEGRITY,
  });
}

/** Trains a generator. */
export function startGanWorker() {
  return start({
    name: 'generator',
    file: './gan-worker.js',
    direct: () => new Worker(new URL('./gan-worker.js', import.meta.url), { type: 'module' }),
    ...engine,
  });
}
