// @ts-check
/** Data sets on their way into an engine. */

import { ClassifierError, throwIfAborted } from './errors.js';
import { readBlob } from './files.js';
import { unzipped } from './unzip.js';

/** @typedef {import('./protocol.d.ts').WireDataset} WireDataset */

/**
 * What takes data sets.
 * @typedef {object} Taker
 * @property {(images: Uint8Array, labels: Uint8Array) => any} setDataset
 * @property {(name: string, count: number, seed: number) => any} [setGenerated]
 * @property {(pixels: Uint8Array, labels: Uint32Array, shape: Uint32Array, classNames: string[]) => any} [setExamples]
 */

/**
 * Gives a data set to an engine; the engine tells what it is.
 * @param {Taker} engine
 * @param {WireDataset} dataset
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export async function takeDataset(engine, dataset, signal) {
  if ('generated' in dataset) {
    if (!engine.setGenerated) throw new ClassifierError('config', 'A generator learns from pictures in files only.');
    return engine.setGenerated(dataset.generated, dataset.count, dataset.seed);
  }
  if ('pixels' in dataset) {
    if (!engine.setExamples) throw new ClassifierError('config', 'A generator learns from pictures in IDX files only.');
    const [pixels, labels] = await Promise.all([readBlob(dataset.pixels), readBlob(dataset.labels)]);
    throwIfAborted(signal);
    return engine.setExamples(new Uint8Array(pixels), new Uint32Array(labels), Uint32Array.from(dataset.shape), dataset.classNames);
  }
  const [images, labels] = await Promise.all([unzipped(dataset.images), unzipped(dataset.labels)]);
  throwIfAborted(signal);
  return engine.setDataset(images, labels);
}
