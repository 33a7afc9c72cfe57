// @ts-check
/** Reads files that may be gzipped, or packed in an archive, in the worker. */

import { ClassifierError, textOf } from './errors.js';
import { readBlob } from './files.js';

/** Bytes a file may unpack to, as the core's own limit for data sets. */
const MOST_BYTES = 2 ** 30 + 2 ** 16;

/**
 * @param {Blob} file
 * @param {number} [mostBytes]
 * @param {boolean} [packed] it lies in an archive, packed without a head of its own
 * @returns {Promise<Uint8Array<ArrayBuffer>>} its bytes, unpacked, once more if it is gzipped
 */
export async function unzipped(file, mostBytes = MOST_BYTES, packed = false) {
  if (packed) return unzipped(new Blob([await unpacked(file, 'deflate-raw', mostBytes)]), mostBytes);
  const [first, second] = new Uint8Array(await readBlob(file.slice(0, 2)));
  if (first === 0x1f && second === 0x8b) return unpacked(file, 'gzip', mostBytes);
  if (file.size > mostBytes) throw tooLarge(mostBytes);
  return new Uint8Array(await readBlob(file));
}

/**
 * @param {Blob} file
 * @param {'gzip' | 'deflate-raw'} format
 * @param {number} mostBytes
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
async function unpacked(file, format, mostBytes) {
  let left = mostBytes;
  /** @type {TransformStream<Uint8Array, Uint8Array>} */
  const counted = new TransformStream({
    transform(chunk, controller) {
      left -= chunk.length;
      if (left < 0) throw tooLarge(mostBytes);
      controller.enqueue(chunk);
    },
  });
  try {
    const stream = file.stream().pipeThrough(new DecompressionStream(format)).pipeThrough(counted);
    return new Uint8Array(await new Response(/** @type {any} */ (stream)).arrayBuffer());
  } catch (error) {
    if (error instanceof ClassifierError) throw error;
    throw new ClassifierError('format', `The ${format === 'gzip' ? 'gzipped file' : 'archive'} cannot be unpacked: ${textOf(error)}`, { cause: error });
  }
}

/** @param {number} mostBytes */
function tooLarge(mostBytes) {
  return new ClassifierError('limit', `Too large: a data file may unpack to at most ${mostBytes} bytes.`);
}
