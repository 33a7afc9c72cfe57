// @ts-check
/** The worker that trains a generator. */

import { BUILD, ENGINE_INTEGRITY } from './pkg/build.js';
import { start } from './spawn.js';

export function startGanWorker() {
  return start({
    name: 'generator',
    file: './gan-worker.js',
    direct: () => new Worker(new URL('./gan-worker.js', import.meta.url), { type: 'module' }),
    wasm: 'engine',
    wasmUrl: () => new URL('./pkg/engine_bg.wasm', import.meta.url),
    restUrl: () => new URL('./pkg/engine-later_bg.wasm', import.meta.url),
    build: BUILD,
    integrity: ENGINE_INTEGRITY,
  });
}
