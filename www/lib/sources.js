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
    return unpacked(new Blob([await readFile(source, { signal })]), signal);
  }
  if (typeof source !== 'object' || source === null) {
    throw new ClassifierError('image', `A picture is needed, but ${source === null ? 'null' : typeof source} came.`);
  }
  if (ArrayBuffer.isView(source)) return { kind: 'prepared', data: bytesOf(source) };
  if (source instanceof Blob) return unpacked(source, signal);
  if ('encoded' in source) return unpacked(source.encoded, signal);
  if ('strokes' in source) return packStrokes(source.strokes);
  if ('prepared' in source && source.prepared) return { kind: 'prepared', data: new Uint8Array(source.data).buffer };
  if ('data' in source) return packPixels(source);
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
  if (source.kind === 'strokes') return [source.points.buffer, source.lengths.buffer];
  return [source.kind === 'bitmap' ? source.bitmap : source.data];
}

/**
 * Frees a captured picture that is not sent.
 * @param {WireSource} source
 */
export function discard(source) {
  if (source.kind === 'bitmap') source.bitmap.close();
}

/**
 * A picture file's pixels.
 * @param {Blob | Uint8Array} file
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<WireSource>}
 */
async function unpacked(file, signal) {
  const pixels = await decodeImage(file, { signal });
  return { kind: 'pixels', ...pixels, data: /** @type {ArrayBuffer} */ (pixels.data.buffer) };
}

/**
 * A copy: the caller's stays what it is. An ImageData does not tell that it has four channels.
 * @param {{ data: ArrayBufferView, width: number, height: number, channels?: number }} pixels
 * @returns {WireSource}
 */
function packPixels({ data, width, height, channels = 4 }) {
  if (!(data instanceof Uint8Array || data instanceof Uint8ClampedArray)) throw new ClassifierError('image', 'Pixels are needed as a Uint8Array.');
  if (![width, height, channels].every((side) => Number.isSafeInteger(side) && side > 0 && side < 2 ** 32)) {
    throw new ClassifierError('shape', `A picture needs whole numbers of at least 1, but got ${width}×${height} with ${channels} channels.`);
  }
  return { kind: 'pixels', data: new Uint8Array(data).buffer, width, height, channels };
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

/**
 * @param {string} option
 * @param {number} value
 * @param {number} least
 */
export function whole(option, value, least) {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new ClassifierError('config', `The option ${option} must be a whole number from ${least}, but it is ${typeof value === 'object' ? 'an object' : String(value)}.`);
}
