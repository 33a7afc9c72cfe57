// @ts-check
/** Picture files to pixels. Decoder and what looks after it are loaded with the first file. */

import { part } from './platform.js';

/** Decoder and what looks after it. */
export const decoding = () => part('decoding', () => import('./decoding.js'));

/**
 * Decodes a picture file, upright.
 * @param {Blob | Uint8Array} file
 * @param {{ signal?: AbortSignal, packed?: boolean }} [options] `packed`: it lies packed, as in an archive
 * @returns {Promise<import('./index.d.ts').Pixels>}
 */
export async function decodeImage(file, options) {
  const { decoder } = await decoding();
  return decoder.decode(file, options);
}
