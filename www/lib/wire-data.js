// @ts-check
/** Turns data sets and prepared pictures into what can be transferred to a worker. */

import { ClassifierError } from './errors.js';
import { whole } from './sources.js';

/**
 * A data set as it travels.
 * @param {Exclude<import('./index.d.ts').Dataset, import('./index.d.ts').FilesDataset>} dataset
 * @returns {import('./protocol.d.ts').WireDataset}
 */
export function wireDataset(dataset) {
  if ('generated' in dataset) {
    const { generated, count = 4000, seed = 1 } = dataset;
    return { generated, count: whole('count', count, 1), seed: whole('seed', seed, 0) };
  }
  if ('pixels' in dataset) return wirePixels(dataset);
  return { images: asBlob('images', dataset.images), labels: asBlob('labels', dataset.labels) };
}

/**
 * @param {import('./index.d.ts').LabelledPixels} dataset
 * @returns {import('./protocol.d.ts').WireDataset}
 */
function wirePixels({ pixels, labels, shape, classNames }) {
  const wrong = (/** @type {string} */ what) => new ClassifierError('data', what);
  if (!(pixels instanceof Uint8Array || pixels instanceof Uint8ClampedArray)) throw wrong('Pixels are needed as a Uint8Array.');
  if (!Array.isArray(shape) || shape.length !== 3) throw wrong('The shape is needed as [height, width, channels].');
  const numbers = Uint32Array.from(labels);
  if (!numbers.every((number, place) => number === labels[place])) throw wrong('Labels are needed as whole numbers from 0.');
  const highest = numbers.reduce((most, number) => Math.max(most, number), -1);
  if (!classNames && highest > 0xffff) throw wrong('Labels are needed as whole numbers from 0 to 65535.');
  const names = classNames ?? Array.from({ length: highest + 1 }, (_, place) => String(place));
  return { pixels: new Blob([/** @type {BlobPart} */ (pixels)]), labels: new Blob([numbers]), shape, classNames: names };
}

/**
 * @param {string} name
 * @param {ArrayBuffer | Blob} file
 */
function asBlob(name, file) {
  if (file instanceof Blob) return file;
  if (ArrayBuffer.isView(file) || Object.prototype.toString.call(file) === '[object ArrayBuffer]') return new Blob([file]);
  throw new ClassifierError('config', `The data set's ${name} are needed as the Blob or ArrayBuffer of an IDX file.`);
}

/**
 * Prepared pictures one after the other, as they travel.
 * @param {Uint8Array} pictures
 */
export function packBatch(pictures) {
  const bytes = /** @type {unknown} */ (pictures);
  if (bytes instanceof Uint8Array || bytes instanceof Uint8ClampedArray) return new Uint8Array(bytes).buffer;
  throw new ClassifierError('image', 'Prepared pictures are needed one after the other in a Uint8Array.');
}

/**
 * Whether something is a list of numbers.
 * @param {unknown} values
 */
export const isList = (values) => Array.isArray(values) || (ArrayBuffer.isView(values) && !(values instanceof DataView));
