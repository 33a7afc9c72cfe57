// @ts-check
/** Starts the workers, also when the library itself comes from another origin. */

const here = import.meta.url;

/**
 * The worker that predicts. The literal form is what bundlers look for.
 * @returns {Worker}
 */
export function startInferenceWorker() {
  return start('./inference-worker.js', () => new Worker(new URL('./inference-worker.js', import.meta.url), { type: 'module' }));
}

/**
 * The worker that predicts and trains.
 * @returns {Worker}
 */
export function startTrainingWorker() {
  return start('./worker.js', () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }));
}

/**
 * The worker that trains a generator.
 * @returns {Worker}
 */
export function startGanWorker() {
  return start('./gan-worker.js', () => new Worker(new URL('./gan-worker.js', import.meta.url), { type: 'module' }));
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
