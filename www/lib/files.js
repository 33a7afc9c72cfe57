// @ts-check
/** Reads model files, from wherever they are. */

import { ClassifierError, abortError, textOf, throwIfAborted } from './errors.js';
import { part, platform } from './platform.js';

/**
 * Reads a model file.
 * @param {URL | string | Blob | ArrayBuffer | Uint8Array} source
 * @param {object} options
 * @param {AbortSignal} [options.signal]
 * @param {(progress: { share: number }) => void} [options.onProgress]
 * @returns {Promise<ArrayBuffer>} bytes of our own
 */
export async function readFile(source, { signal, onProgress }) {
  throwIfAborted(signal);
  if (source instanceof ArrayBuffer) return source.slice(0);
  if (source instanceof Uint8Array) return new Uint8Array(source).buffer;
  if (source instanceof Blob) return readBlob(source);
  if (typeof source !== 'string' && !(source instanceof URL)) {
    throw new ClassifierError('config', 'A model comes as a URL, a Blob, an ArrayBuffer or a Uint8Array.');
  }
  try {
    const response = await platform.fetch(source, { signal });
    if (!response.ok) throw new Error(`the server answered ${response.status} ${response.statusText}`.trim());
    if (!onProgress) return await response.arrayBuffer();
    const { counted } = await part('progress', () => import('./load-progress.js'));
    return await counted(response, onProgress).arrayBuffer();
  } catch (error) {
    if (signal?.aborted) throw abortError(signal);
    throw new ClassifierError('network', `${source} did not arrive: ${textOf(error)}`, { cause: error });
  }
}

/**
 * @param {Blob} blob
 * @returns {Promise<ArrayBuffer>}
 */
export async function readBlob(blob) {
  try {
    return await blob.arrayBuffer();
  } catch (error) {
    throw new ClassifierError('network', `The file cannot be read: ${textOf(error)}`, { cause: error });
  }
}
