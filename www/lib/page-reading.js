// @ts-check
/** A photo of handwriting, read digit by digit: the decoder's worker finds the digits, the model's worker reads them. */

import { ClassifierError, throwIfAborted } from './errors.js';
import { readFile } from './files.js';
import { whole } from './sources.js';

/** @typedef {import('./index.d.ts').PageDigit} PageDigit */
/** @typedef {import('./index.d.ts').PageRow} PageRow */
/** @typedef {import('./index.d.ts').PagePrediction} PagePrediction */
/** @typedef {import('./index.d.ts').Prediction} Prediction */

/** Among other digits of a row, one that is none must look more foreign than alone. As in `src/session/page.rs`. */
const FOREIGN_IN_ROW = 1.5;
/** Pixels a side of a digit. */
const SIDE = 28;
/** Numbers that tell a digit's place: row, number, and its box. */
const N_PLACE = 6;

/**
 * @param {import('./decoder.js').Decoder} decoder
 * @param {import('./index.d.ts').ModelInfo} info
 * @param {import('./index.d.ts').PageSource} source
 * @param {AbortSignal | undefined} signal
 * @param {(picture: ArrayBuffer) => Promise<Prediction>} predict
 * @returns {Promise<PagePrediction>}
 */
export async function readPage(decoder, info, source, signal, predict) {
  if (info.preprocessing.preparation !== 'digit' || info.inputShape.join() !== `${SIDE},${SIDE},1`) {
    throw new ClassifierError('unsupported', 'This network does not read pages: use one that reads single digits of 28 × 28 pixels, such as digits.safetensors.');
  }
  const file = typeof source === 'string' || source instanceof URL ? new Blob([await readFile(source, { signal })]) : source;
  const { width, height, places, pictures } = await decoder.findDigits(file, { signal });
  /** @type {PageDigit[][]} */
  const rows = [];
  for (let at = 0; at * N_PLACE < places.length; at += 1) {
    const [row = 0, number = 0, left = 0, top = 0, right = 0, bottom = 0] = places.subarray(at * N_PLACE, (at + 1) * N_PLACE);
    const prediction = await predict(pictures.slice(at * SIDE * SIDE, (at + 1) * SIDE * SIDE).buffer);
    (rows[row] ??= []).push({ ...prediction, number, box: { left, top, right, bottom }, isDigit: true });
  }
  rows.forEach(refuse);
  const withDigits = rows.filter((row) => row.some(({ isDigit }) => isDigit));
  return { width, height, rows: withDigits.map((digits) => ({ text: textOf(digits), digits })) };
}

/** Tells what is no digit by how foreign it looks, and by the company it is in. @param {PageDigit[]} row */
function refuse(row) {
  const nKnown = row.filter(({ novelty }) => (novelty ?? 0) <= 0).length;
  const bound = nKnown > 1 && 2 * nKnown > row.length ? FOREIGN_IN_ROW : 0;
  for (const digit of row) digit.isDigit = (digit.novelty ?? 0) <= bound;
}

/** @param {PageDigit[]} digits */
function textOf(digits) {
  return digits
    .map(({ number, isDigit, classes }, at) => {
      const space = at > 0 && digits[at - 1]?.number !== number ? ' ' : '';
      return space + (isDigit ? (classes[0]?.label ?? '?') : '?');
    })
    .join('');
}

/**
 * @param {import('./decoder.js').Decoder} decoder
 * @param {import('./keeper.js').Keeper} keeper of the network that reads
 * @param {import('./index.d.ts').ModelInfo} info
 * @param {import('./index.d.ts').PageSource} source
 * @param {import('./index.d.ts').CallOptions & { topK?: number }} [options]
 */
export async function predictPage(decoder, keeper, info, source, { signal, topK = 10 } = {}) {
  whole('topK', topK, 1);
  throwIfAborted(signal);
  return readPage(decoder, info, source, signal, (data) =>
    keeper.call('predict', { source: { kind: 'prepared', data }, topK }, { signal, transfer: [data] }),
  );
}
