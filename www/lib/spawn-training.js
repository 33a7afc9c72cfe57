// @ts-check
/** The workers that hold the whole engine. */

import { BUILD, ENGINE_INTEGRITY } from './pkg/build.js';
import { start } from './spawn.js';

const wasmUrl = () => new URL('./pkg/engine_bg.wasm', import.meta.url);

/** Predicts and trains. */
export function startTrainingWorker() {
  return start({
    name: 'training',
    file: './worker.js',
    direct: () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }),
    wasm: 'engine',
    wasmUrl,
    build: BUILD,
    integrity: ENGINE_INTEGRITY,
  });
}

/** Trains a generator. */
export function startGanWorker() {
  return start({
    name: 'generator',
    file: './gan-worker.js',
    direct: () => new Worker(new URL('./gan-worker.js', import.meta.url), { type: 'module' }),
    wasm: 'engine',
    wasmUrl,
    build: BUILD,
    integrity: ENGINE_INTEGRITY,
  });
}
