// @ts-check
/** What the decoder does: picture files to pixels, and photos of a page to digits. */

import { ClassifierError } from './errors.js';
import { readBlob } from './files.js';
import { joined } from './joined.js';
import { decode, findDigits, findDigitsInPixels } from './pkg/decode.js';
import { drop } from './spent.js';
import { unzipped } from './unzip.js';

/** @typedef {import('./protocol.d.ts').DecodeCalls} DecodeCalls */

/** Pixels a picture may have, as the core's own limit. */
const MOST_PIXELS = 64 * 2 ** 20;
/** Bytes a file may have, as the core's own limit. */
const MOST_BYTES = 256 * 2 ** 20;
/** Bytes of pixels after which a reply about many files tells of no more of them. */
const MOST_TOLD = 2 ** 20;

/** @type {import('./protocol.d.ts').Handlers<DecodeCalls>} */
export const decodeHandlers = {
  async findDigits({ blob, pixels }) {
    const found = blob ? await digitsIn(blob) : pixels && digitsOf(pixels);
    if (!found) throw new ClassifierError('image', 'A page is needed.');
    return { value: found, transfer: [found.places.buffer, found.pictures.buffer] };
  },

  async decode({ blob, bytes: given, packed }) {
    const bytes = await fileOf(blob, given, packed);
    try {
      const value = await decoded(bytes);
      return { value, transfer: [value.data] };
    } finally {
      drop(bytes.buffer);
    }
  },

  async decodeBatch({ bytes, lengths }) {
    /** @type {DecodeCalls['decode']['reply'][]} */
    const pictures = [];
    let [at, size] = [0, 0];
    for (const length of lengths) {
      if (size >= MOST_TOLD) break;
      refuseAbove(length);
      const picture = await decoded(new Uint8Array(bytes, at, length));
      pictures.push(picture);
      at += length;
      size += picture.data.byteLength;
    }
    const pixels = joined(pictures.map(({ data }) => new Uint8Array(data)));
    drop(bytes, ...pictures.map(({ data }) => data));
    const shapes = Uint32Array.from(pictures.flatMap(({ width, height, channels }) => [width, height, channels]));
    return { value: { pixels: pixels.buffer, shapes }, transfer: [pixels.buffer, shapes.buffer] };
  },
};

/** @param {Uint8Array<ArrayBuffer>} bytes @returns {Promise<DecodeCalls['decode']['reply']>} */
async function decoded(bytes) {
  try {
    const { data, width, height, channels } = decode(bytes);
    return { data: data.buffer, width, height, channels };
  } catch (error) {
    // What our decoder leaves out, such as AVIF, the browser may know.
    const value = /** @type {any} */ (error)?.code === 'unsupported' ? await decodeByBrowser(new Blob([bytes])) : null;
    if (!value) throw error;
    return value;
  }
}

/** @typedef {DecodeCalls['findDigits']['reply']} FoundDigits */

/** @param {Blob} blob @returns {Promise<FoundDigits>} */
async function digitsIn(blob) {
  const bytes = await bytesOf(blob);
  try {
    return findDigits(bytes);
  } catch (error) {
    const value = /** @type {any} */ (error)?.code === 'unsupported' ? await decodeByBrowser(blob) : null;
    if (!value) throw error;
    return digitsOf({ ...value, data: new Uint8Array(value.data) });
  }
}

/** @param {import('./index.d.ts').Pixels} pixels @returns {FoundDigits} */
function digitsOf({ data, width, height, channels }) {
  return findDigitsInPixels(data, width, height, channels);
}

/** A picture file's bytes. @param {Blob | undefined} blob @param {ArrayBuffer | undefined} bytes @param {boolean | undefined} packed */
async function fileOf(blob, bytes, packed) {
  if (!blob) {
    if (!bytes) throw new ClassifierError('image', 'A picture file is needed.');
    refuseAbove(bytes.byteLength);
    return new Uint8Array(bytes);
  }
  return packed ? unzipped(blob, MOST_BYTES, true) : bytesOf(blob);
}

/** @param {Blob} blob */
async function bytesOf(blob) {
  refuseAbove(blob.size);
  return new Uint8Array(await readBlob(blob));
}

/** @param {number} size */
function refuseAbove(size) {
  if (size > MOST_BYTES) throw new ClassifierError('limit', `Too large: a picture file may have at most ${MOST_BYTES} bytes.`);
}

/** @param {Blob} blob */
async function decodeByBrowser(blob) {
  /** @type {ImageBitmap} */
  let bitmap;
  try {
    bitmap = await createImageBitmap(blob, { imageOrientation: 'from-image' });
  } catch {
    return null;
  }
  const { width, height } = bitmap;
  if (width * height > MOST_PIXELS) {
    throw new ClassifierError('limit', `Too large: a picture may have at most ${MOST_PIXELS} pixels.`);
  }
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (!context) return null;
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return { data: context.getImageData(0, 0, width, height).data.buffer, width, height, channels: 4 };
}
