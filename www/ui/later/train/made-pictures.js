// Pictures that a generator made, behind those of a data set: they train, and never validate (`trainingOnly`).

import { readDataset } from '../../../lib/index.js';
import { words } from '../../words.js';

/** @typedef {import('../../../lib/index.js').LabelledPixels} LabelledPixels */
/** @typedef {import('../../train-data.js').TrainingData} TrainingData */

/**
 * Data with made pictures behind its own; what was made before is left out.
 * @param {TrainingData} data
 * @param {LabelledPixels} made
 * @returns {Promise<TrainingData>}
 */
export async function withMade(data, made) {
  const own = withoutMade(data);
  const source = await pixelsOf(own);
  const names = source.classNames;
  if (String(source.shape) !== String(made.shape) || String(names) !== String(made.classNames)) throw new Error(words('train.madeUnfit', { name: own.name }));
  const pixels = new Uint8Array(source.pixels.length + made.pixels.length);
  pixels.set(source.pixels);
  pixels.set(made.pixels, source.pixels.length);
  const labels = new Uint32Array(source.labels.length + made.labels.length);
  labels.set(source.labels);
  labels.set(made.labels, source.labels.length);
  return { ...own, source: { ...source, pixels, labels }, nMade: made.labels.length };
}

/** Data as they were before pictures were added. @param {TrainingData} data @returns {TrainingData} */
export function withoutMade(data) {
  const { source, nMade, ...rest } = data;
  if (!nMade || !('pixels' in source)) return data;
  const n = source.labels.length - nMade;
  const size = source.pixels.length / source.labels.length;
  return { ...rest, source: { ...source, pixels: source.pixels.slice(0, n * size), labels: source.labels.slice(0, n) } };
}

/** @param {TrainingData} data @returns {Promise<import('../../../lib/index.js').ReadPixels>} */
async function pixelsOf({ source, name }) {
  if ('pixels' in source) return source;
  if (!('images' in source)) throw new Error(words('train.madeUnfit', { name }));
  const files = [new File([source.images], 'images-idx3-ubyte'), new File([source.labels], 'labels-idx1-ubyte')];
  return readDataset({ files });
}
