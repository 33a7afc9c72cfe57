// @ts-check
/** Turns whatever holds a picture, a model or a data file into what can be transferred to a worker. */

import { decodeImage } from './decode.js';
import { ClassifierError, abortError, textOf, throwIfAborted } from './errors.js';

/** @typedef {import('./index.d.ts').ImageSource} ImageSource */
/** @typedef {import('./index.d.ts').Pixels} Pixels */
/** @typedef {import('./protocol.d.ts').WireSource} WireSource */

/**
 * Captures a picture as it is now, without touching the caller's own.
 *
 * Canvases, bitmaps and elements travel as bitmaps: reading their pixels is left to the worker.
 *
 * @param {ImageSource} source
 * @param {AbortSignal} [signal]
 * @returns {Promise<WireSource>} of which {@link transferOf} tells what to transfer
 */
export async function capture(source, signal) {
  throwIfAborted(signal);
  if (typeof source !== 'object' || source === null) throw unusable(source);
  if ('strokes' in source) return packStrokes(source.strokes);
  if (source instanceof Blob) return packPixels(await decodeImage(source, { signal }), false);
  if (typeof ImageData !== 'undefined' && source instanceof ImageData) {
    return packPixels({ data: source.data, width: source.width, height: source.height, channels: 4 }, true);
  }
  if ('data' in source && 'channels' in source) return packPixels(source, true);
  try {
    if ('decode' in source) await source.decode(); // an <img> that may still be loading
    return { kind: 'bitmap', bitmap: await createImageBitmap(source) };
  } catch (error) {
    throw new ClassifierError('image', `The picture cannot be read: ${textOf(error)}`, { cause: error });
  }
}

/**
 * @param {WireSource} source
 * @returns {Transferable[]}
 */
export function transferOf(source) {
  switch (source.kind) {
    case 'pixels':
      return [source.data];
    case 'bitmap':
      return [source.bitmap];
    case 'strokes':
      return [source.points.buffer, source.lengths.buffer];
  }
}

/**
 * Frees a captured picture that is not sent.
 * @param {WireSource} source
 */
export function discard(source) {
  if (source.kind === 'bitmap') source.bitmap.close();
}

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
    const response = await fetch(source, { signal });
    if (!response.ok) throw new Error(`the server answered ${response.status} ${response.statusText}`.trim());
    return await readBody(response, onProgress);
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

/**
 * @param {Response} response
 * @param {((progress: { share: number }) => void) | undefined} onProgress
 * @returns {Promise<ArrayBuffer>}
 */
async function readBody(response, onProgress) {
  const expected = Number(response.headers.get('content-length'));
  if (!onProgress || !expected || !response.body) return response.arrayBuffer();
  let received = 0;
  const counted = response.body.pipeThrough(
    new TransformStream({
      transform(chunk, controller) {
        received += chunk.byteLength;
        onProgress({ share: Math.min(1, received / expected) }); // an encoded body is longer than it says
        controller.enqueue(chunk);
      },
    }),
  );
  return new Response(counted).arrayBuffer();
}

/**
 * @param {{ data: Uint8Array | Uint8ClampedArray, width: number, height: number, channels: number }} pixels
 * @param {boolean} borrowed whether the buffer stays the caller's
 * @returns {WireSource}
 */
function packPixels({ data, width, height, channels }, borrowed) {
  const whole = data.byteLength === data.buffer.byteLength && data.buffer instanceof ArrayBuffer;
  const buffer = borrowed || !whole ? new Uint8Array(data).buffer : /** @type {ArrayBuffer} */ (data.buffer);
  return { kind: 'pixels', data: buffer, width, height, channels };
}

/**
 * @param {import('./index.d.ts').StrokePoint[][]} strokes
 * @returns {WireSource}
 */
function packStrokes(strokes) {
  const lengths = Uint32Array.from(strokes, (stroke) => stroke.length);
  const points = Float32Array.from(strokes.flatMap((stroke) => stroke.flatMap(({ x, y }) => [x, y])));
  return { kind: 'strokes', points, lengths };
}

/** @param {unknown} source */
function unusable(source) {
  return new ClassifierError('image', `A picture is needed, but ${source === null ? 'null' : typeof source} came.`);
}
