// @ts-check
/** Turns whatever holds a picture into what can be transferred to a worker. */

import { decodeImage } from './decode.js';
import { ClassifierError, textOf, throwIfAborted } from './errors.js';
import { readFile } from './files.js';

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
  if (typeof source === 'string' || source instanceof URL) {
    const blob = new Blob([await readFile(source, { signal })]);
    return packPixels(await decodeImage(blob, { signal }), false);
  }
  if (typeof source !== 'object' || source === null) throw unusable(source);
  if (ArrayBuffer.isView(source)) return { kind: 'prepared', data: bytesOf(source) };
  if ('encoded' in source) return packPixels(await decodeImage(encodedOf(source.encoded), { signal }), false);
  if ('strokes' in source) return packStrokes(source.strokes);
  if (source instanceof Blob) return packPixels(await decodeImage(source, { signal }), false);
  if (typeof ImageData !== 'undefined' && source instanceof ImageData) {
    return packPixels({ data: source.data, width: source.width, height: source.height, channels: 4 }, true);
  }
  if ('prepared' in source && source.prepared) return { kind: 'prepared', data: new Uint8Array(source.data).buffer };
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
    case 'prepared':
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
 * @param {{ data: Uint8Array | Uint8ClampedArray, width: number, height: number, channels: number }} pixels
 * @param {boolean} borrowed whether the buffer stays the caller's
 * @returns {WireSource}
 */
function packPixels({ data, width, height, channels }, borrowed) {
  if (!(data instanceof Uint8Array || data instanceof Uint8ClampedArray)) throw new ClassifierError('image', 'Pixels are needed as a Uint8Array.');
  if (![width, height, channels].every((side) => Number.isSafeInteger(side) && side > 0 && side < 2 ** 32)) {
    throw new ClassifierError('shape', `A picture needs whole numbers of at least 1, but got ${width}×${height} with ${channels} channels.`);
  }
  const whole = data.byteLength === data.buffer.byteLength && data.buffer instanceof ArrayBuffer;
  const buffer = borrowed || !whole ? new Uint8Array(data).buffer : /** @type {ArrayBuffer} */ (data.buffer);
  return { kind: 'pixels', data: buffer, width, height, channels };
}

/**
 * The values of a picture that has the network's input shape already.
 * @param {ArrayBufferView} values bytes, or numbers from 0 to 1
 * @returns {ArrayBuffer}
 */
function bytesOf(values) {
  if (values instanceof Uint8Array || values instanceof Uint8ClampedArray) return new Uint8Array(values).buffer;
  if (!(values instanceof Float32Array || values instanceof Float64Array)) {
    throw new ClassifierError('image', 'Values are needed as a Uint8Array, or from 0 to 1 as a Float32Array.');
  }
  if (!values.every((/** @type {number} */ value) => value >= 0 && value <= 1)) {
    throw new ClassifierError('image', 'Values of a Float32Array have to lie between 0 and 1.');
  }
  return Uint8Array.from(values, (value) => Math.round(255 * value)).buffer;
}

/**
 * @param {import('./index.d.ts').StrokePoint[][]} strokes
 * @returns {Extract<WireSource, { kind: 'strokes' }>}
 */
export function packStrokes(strokes) {
  const sound = (/** @type {any} */ point) => Number.isFinite(point?.x) && Number.isFinite(point?.y);
  if (!Array.isArray(strokes) || !strokes.every((stroke) => Array.isArray(stroke) && stroke.every(sound))) {
    throw new ClassifierError('image', 'Strokes are needed as lists of points { x, y } with finite numbers.');
  }
  const lengths = Uint32Array.from(strokes, (stroke) => stroke.length);
  const points = Float32Array.from(strokes.flatMap((stroke) => stroke.flatMap(({ x, y }) => [x, y])));
  return { kind: 'strokes', points, lengths };
}

/** @param {unknown} bytes */
function encodedOf(bytes) {
  if (bytes instanceof Uint8Array) return bytes;
  throw new ClassifierError('image', 'The bytes of a picture file are needed as a Uint8Array.');
}

/** @param {unknown} source */
function unusable(source) {
  return new ClassifierError('image', `A picture is needed, but ${source === null ? 'null' : typeof source} came.`);
}

/**
 * @param {string} option
 * @param {number} value
 * @param {number} least
 */
export function whole(option, value, least) {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new ClassifierError('config', `The option ${option} must be a whole number from ${least}, but it is ${typeof value === 'object' ? 'an object' : String(value)}.`);
}
