// @ts-check
/** Picture files to pixels or to the digits on them. Decoder and what looks after it are loaded with the first file. */

import { missingPart } from './errors.js';
import { platform } from './platform.js';

const decoding = async () => platform.parts.decoding ?? (await import('./decoding.js').catch(missingPart));

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

/**
 * Reads a photo of handwriting.
 * @param {import('./index.d.ts').ModelInfo} info
 * @param {import('./index.d.ts').PageSource} source
 * @param {AbortSignal | undefined} signal
 * @param {(picture: ArrayBuffer) => Promise<import('./index.d.ts').Prediction>} predict
 */
export async function readPage(info, source, signal, predict) {
  const { decoder, readPage } = await decoding();
  return readPage(decoder, info, source, signal, predict);
}
