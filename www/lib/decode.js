// @ts-check
/** Picture files to pixels or to the digits on them. The decoder is loaded with the first file. */

import { Decoder } from './decoder.js';
import { DECODE_BUILD } from './pkg/build.js';
import { startDecodeWorker } from './spawn-decode.js';

const decoder = new Decoder(startDecodeWorker, { build: DECODE_BUILD });

/**
 * Decodes a picture file, upright.
 * @param {Blob} blob
 * @param {{ signal?: AbortSignal, packed?: boolean }} [options] `packed`: it lies packed, as in an archive
 * @returns {Promise<import('./index.d.ts').Pixels>}
 */
export function decodeImage(blob, options) {
  return decoder.decode(blob, options);
}

/**
 * What may be digits in a photo of a page.
 * @param {Blob | import('./index.d.ts').Pixels | ImageData} picture
 * @param {{ signal?: AbortSignal }} [options]
 */
export function findDigits(picture, options) {
  return decoder.findDigits(picture, options);
}
