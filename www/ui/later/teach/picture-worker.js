// Makes small pictures of files, away from the page: unpacked, decoded by the browser, made small, packed again.

import { drop, unzipped } from '../../../lib/reading.js';
import { refusal } from '../photos/photo-files.js';
import { keptOf } from './small-picture.js';

/** Bytes a picture may unpack to. */
const MOST_BYTES = 64 * 2 ** 20;

/** A file, packed as it lies in an archive or not. @typedef {{ blob: Blob, packed?: boolean | undefined }} Arrived */
/**
 * What comes of it, or the key of the words that refuse it, or a sentence.
 * @typedef {{ kept: import('./small-picture.js').Kept } | { refused: string } | { failed: string, code: string }} Made
 */

/** One for all: a canvas a picture would be garbage by the thousand. */
const canvas = new OffscreenCanvas(1, 1);
/** One after the other, as there is one canvas. @type {Promise<unknown>} */
let before = Promise.resolve();

/** @param {Blob} packed */
async function unpacked(packed) {
  const bytes = await unzipped(packed, MOST_BYTES, true);
  const file = new Blob([bytes]);
  drop(bytes.buffer);
  return file;
}

/** @param {Arrived} file @returns {Promise<Made>} */
async function made({ blob, packed }) {
  const file = packed ? await unpacked(blob) : blob;
  const refused = await refusal(file);
  if (refused) return { refused };
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' }).catch(() => null);
  if (!bitmap) return { refused: 'teach.noPicture' };
  try {
    return { kept: await keptOf(bitmap, bitmap.width, bitmap.height, canvas) };
  } catch {
    return { refused: 'teach.noRoom' };
  } finally {
    bitmap.close();
  }
}

self.onmessage = (/** @type {MessageEvent<{ id: number, file: Arrived }>} */ { data: { id, file } }) => {
  before = before.then(async () => {
    const answer = await made(file).catch((error) => ({ failed: String(error?.message ?? error), code: String(error?.code ?? 'image') }));
    self.postMessage({ id, answer }, { transfer: 'kept' in answer ? [answer.kept.bytes] : [] });
  });
};
