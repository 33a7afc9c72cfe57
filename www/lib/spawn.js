// @ts-check
/** Starts the workers, also when the library itself comes from another origin. */

const here = import.meta.url;

/** Engines that were asked for, by their address. @type {Map<string, Promise<WebAssembly.Module | null>>} */
const modules = new Map();

/**
 * Gives a worker its engine, compiled by the page's side while the worker's own scripts load, once for all workers.
 * Where that fails (a strict policy, a wrong MIME type) the worker gets nothing and loads the engine itself.
 * @param {Worker} worker
 * @param {URL} wasm
 */
function withEngine(worker, wasm) {
  const compiled = modules.get(wasm.href) ?? compile(wasm).catch(() => null);
  modules.set(wasm.href, compiled);
  compiled.then((module) => {
    if (!module) modules.delete(wasm.href);
    worker.postMessage({ type: 'engine', module });
  });
  return worker;
}

/** @param {URL} wasm */
async function compile(wasm) {
  return WebAssembly.compileStreaming(fetch(wasm));
}

/**
 * The worker that predicts. The literal form is what bundlers look for.
 * @returns {Worker}
 */
export function startInferenceWorker() {
  const worker = start('./inference-worker.js', () => new Worker(new URL('./inference-worker.js', import.meta.url), { type: 'module' }));
  return withEngine(worker, new URL('./pkg/inference_bg.wasm', import.meta.url));
}

/**
 * The worker that predicts and trains.
 * @returns {Worker}
 */
export function startTrainingWorker() {
  const worker = start('./worker.js', () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }));
  return withEngine(worker, new URL('./pkg/engine_bg.wasm', import.meta.url));
}

/**
 * The worker that trains a generator.
 * @returns {Worker}
 */
export function startGanWorker() {
  const worker = start('./gan-worker.js', () => new Worker(new URL('./gan-worker.js', import.meta.url), { type: 'module' }));
  return withEngine(worker, new URL('./pkg/engine_bg.wasm', import.meta.url));
}

/**
 * The decoder's worker.
 * @returns {Worker}
 */
export function startDecodeWorker() {
  return start('./decode-worker.js', () => new Worker(new URL('./decode-worker.js', import.meta.url), { type: 'module' }));
}

/**
 * A worker must be of the page's own origin. One from elsewhere is imported by a line of script that is.
 * @param {string} file
 * @param {() => Worker} direct
 */
function start(file, direct) {
  const url = new URL(file, here);
  if (!url.protocol.startsWith('http') || url.origin === self.location.origin) return direct();
  const script = new Blob([`import ${JSON.stringify(url.href)};`], { type: 'text/javascript' });
  const scriptUrl = URL.createObjectURL(script);
  const worker = new Worker(scriptUrl, { type: 'module' });
  worker.addEventListener('message', () => URL.revokeObjectURL(scriptUrl), { once: true });
  return worker;
}
