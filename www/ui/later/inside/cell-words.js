// One cell of a layer in words and numbers: how its value comes about, or why that is not written out.

import { words } from '../../words.js';
import { stepsOf, termsOf } from './convolution.js';
import { FUNCTIONS, lineOf, patchOf, valueAt, windowOf } from './elementwise.js';

/** @typedef {import('../../../lib/index.js').Activations} Activations */
/** @typedef {import('../../../lib/index.js').LayerParameters} LayerParameters */
/** @typedef {import('./elementwise.js').Cell} Cell */

/**
 * A layer as it is for one picture.
 * @typedef {object} Told
 * @property {string} type
 * @property {Activations} after
 * @property {Activations[]} befores of the layers it reads
 * @property {string[]} names of those
 * @property {LayerParameters[]} parameters
 * @property {boolean} rectified whether a ReLU is all that reads it
 *
 * @typedef {{ title: string, rows: (number | null)[][] }} Numbers
 * @typedef {{ sentence: string, lines: { numbers: Numbers[], end: string }[], rest: string }} CellWords
 */

/** Input channels whose numbers are written out. */
const WRITTEN = 4;

/** @param {number} value */
export const number = (value) => (Math.abs(value) < 0.0005 ? '0' : value.toFixed(Math.abs(value) < 10 ? 2 : 1));

const largest = (/** @type {number[]} */ values) => Math.max(...values);
const mean = (/** @type {number[]} */ values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * What tells the cells of a layer; what does not hang on the cell is found once.
 * @param {Told} told
 * @returns {(cell: Cell) => CellWords}
 */
export function cellWords(told) {
  const { type, after, befores, names } = told;
  const [before, other] = befores;
  const place = (/** @type {Cell} */ cell) => ({ row: cell.row + 1, column: cell.column + 1, value: number(valueAt(after, cell)) });
  const sentence = (/** @type {string} */ key, /** @type {Cell} */ cell, /** @type {Record<string, string | number>} */ values = {}) => ({
    sentence: words(`inside.cell-${key}`, { ...place(cell), ...values }),
    lines: [],
    rest: '',
  });
  const plain = (/** @type {Cell} */ cell) => sentence('valueOnly', cell, { type });

  if (!before) return (cell) => sentence('value', cell);
  if (type === 'conv2d') return convolution(told, before, place) ?? ((cell) => sentence('valueOnly', cell, { type }));
  if ((type === 'add' || type === 'multiply') && other) {
    const [first = '', second = ''] = names;
    return (cell) => {
      const values = { a: number(valueAt(before, cell)), b: number(valueAt(other, cell)), first, second };
      return sentence(type === 'add' ? 'sumOf' : 'productOf', cell, values);
    };
  }
  const named = FUNCTIONS[type];
  if (named) return (cell) => sentence('function', cell, { name: named, x: number(valueAt(before, cell)) });
  if (type === 'batch_norm') {
    return (cell) => {
      const line = lineOf(before, after, cell.channel);
      if (!line) return plain(cell);
      return sentence('line', cell, { x: number(valueAt(before, cell)), factor: number(line.factor), offset: number(line.offset) });
    };
  }
  if (type === 'max_pool2d' || type === 'average_pool2d') return pooling(told, before, type === 'max_pool2d' ? 'largest' : 'mean', sentence) ?? plain;
  if (type === 'concat' && other) {
    const nFirst = before.shape.at(-1) ?? 0;
    return (cell) => {
      const isFirst = cell.channel < nFirst;
      return sentence('takenFrom', cell, { from: names[isFirst ? 0 : 1] ?? '', n: (isFirst ? cell.channel : cell.channel - nFirst) + 1 });
    };
  }
  if (type === 'dropout' || type === 'spatial_dropout') return (cell) => sentence('passedOn', cell);
  return plain;
}

/**
 * @param {Told} told
 * @param {Activations} before
 * @param {(cell: Cell) => Record<string, string | number>} place
 * @returns {((cell: Cell) => CellWords) | null} null where the sums are not those of a plain convolution
 */
function convolution({ after, parameters, rectified }, before, place) {
  const [weights, bias] = parameters;
  const parts = weights ? { before, after, weights, bias } : null;
  const steps = parts && stepsOf(parts);
  if (!parts || !steps) return null;
  return (cell) => {
    const { terms, bias, sum } = termsOf(parts, steps, { ...cell, filter: cell.channel });
    const values = { ...place(cell), terms: number(sum - bias), bias: number(bias), relu: number(Math.max(0, sum)) };
    const lines = terms.slice(0, WRITTEN).map(({ patch, kernel, part }, channel) => ({
      numbers: [
        { title: words('inside.patch', { n: channel + 1 }), rows: patch },
        { title: words('inside.filter'), rows: kernel },
      ],
      end: words('inside.part', { value: number(part) }),
    }));
    const left = terms.slice(WRITTEN);
    const rest = left.length > 0 ? words('inside.rest', { n: left.length, value: number(left.reduce((sum, { part }) => sum + part, 0)) }) : '';
    return { sentence: words(rectified ? 'inside.sumRelu' : 'inside.sum', values), lines, rest };
  };
}

/**
 * @param {Told} told
 * @param {Activations} before
 * @param {'largest' | 'mean'} kind
 * @param {(key: string, cell: Cell) => CellWords} sentence
 * @returns {((cell: Cell) => CellWords) | null}
 */
function pooling({ after }, before, kind, sentence) {
  const window = windowOf(before, after, kind === 'largest' ? largest : mean);
  if (!window) return null;
  return (cell) => {
    const rows = patchOf(before, window, cell);
    const numbers = [{ title: words('inside.window', { n: cell.channel + 1 }), rows }];
    return { ...sentence(kind, cell), lines: [{ numbers, end: '' }] };
  };
}
