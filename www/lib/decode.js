// @ts-check
/** Picture files to pixels or to the digits on them. Decoder and what looks after it are loaded with the first file. */

import { missingPart } from './errors.js';
import { platform } from './platform.js';

/**
 * Decodes a picture file, upright.
 * @param {Blob} blob
 * @param {{ signal?: AbortSignal, packed?: boolean }} [options] `packed`: it lies packed, as in an archive
 * @returns {Promise<import('./index.d.ts').Pixels>}
 */
export async function decodeImage(blob, options) {
  const { decoder } = platform.parts.decoding ?? (await import('./decoding.js').catch(missingPart));
  return decoder.decode(blob, options);
}

/**
 * What may be digits in a photo of a page.
 * @param {Blob | import('./index.d.ts').Pixels | ImageData} picture
 * @param {{ signal?: AbortSignal }} [options]
 */
export async function findDigits(picture, options) {
  const { decoder } = platform.parts.decoding ?? (await import('./decoding.js').catch(missingPart));
  return decoder.findDigits(picture, options);
}
