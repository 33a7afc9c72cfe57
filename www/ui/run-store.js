// A run kept in the browser's own store, so that a reload, a closed tab or a crash loses a few seconds at most.
//
// Two slots take turns, each with a number that counts up; what is said to be kept is so when its transaction is complete,
// not before: a request may succeed and its transaction still fail. Files are kept as bytes, for what engines do with stored
// blobs differs: Firefox forgets one with its record, WebKitGTK refuses it and then never answers that store again.

import { BrowserStore } from './browser-store.js';

/**
 * What a run needs to be gone on with, beside its own state.
 * @typedef {object} KeptRun
 * @property {string} name what the network is called
 * @property {string} preset
 * @property {import('../lib/index.js').TrainOptions} options
 * @property {import('./train-data.js').TrainingData} data
 * @property {ArrayBuffer} model the network's file, as it was at the start
 */

const database = new BrowserStore('ocelli', { run: {} });
const SLOTS = ['state-a', 'state-b'];

/** @param {string} key */
async function read(key) {
  const request = await database.transact('readonly', (store) => store.get(key));
  return request.result;
}

/**
 * Training data with its files as bytes.
 * @typedef {Omit<import('./train-data.js').TrainingData, 'source'> & { source: Stored }} StoredData
 * @typedef {{ images: ArrayBuffer, labels: ArrayBuffer } | AsItIs} Stored
 * @typedef {Exclude<import('./train-data.js').Source, { images: Blob }>} AsItIs made from a seed, or pixels in memory
 */

/** @param {import('./train-data.js').TrainingData} data @returns {Promise<StoredData>} */
async function asBytes(data) {
  const { source } = data;
  if (!('images' in source)) return { ...data, source };
  const [images, labels] = await Promise.all([source.images.arrayBuffer(), source.labels.arrayBuffer()]);
  return { ...data, source: { images, labels } };
}

/** @param {StoredData} data @returns {import('./train-data.js').TrainingData} */
function asFiles(data) {
  const { source } = data;
  if (!('images' in source)) return { ...data, source };
  return { ...data, source: { images: new Blob([source.images]), labels: new Blob([source.labels]) } };
}

export class RunStore {
  /** Counts the states kept. */
  #number = 0;
  /** States on their way, one after the other. @type {Promise<unknown>} */
  #writing = Promise.resolve();
  /** A newer state takes the place of one that waits. @type {ArrayBuffer | null} */
  #waiting = null;

  /** A run begins, and takes the place of the one kept. @param {KeptRun} run */
  async begin(run) {
    this.#number = 0;
    this.#waiting = null;
    await this.#writing.catch(() => undefined);
    const stored = { ...run, data: await asBytes(run.data) };
    await database.transact('readwrite', (store) => {
      store.clear();
      store.put(stored, 'run');
    });
  }

  /**
   * Keeps the run's newest state.
   * @param {ArrayBuffer} state
   * @returns {Promise<unknown>} when it, or a newer one, is kept
   */
  keep(state) {
    const isFirst = this.#waiting === null;
    this.#waiting = state;
    if (!isFirst) return this.#writing;
    this.#writing = this.#writing.catch(() => undefined).then(async () => {
      const bytes = this.#waiting;
      this.#waiting = null;
      if (!bytes) return;
      this.#number += 1;
      const [number, slot] = [this.#number, SLOTS[this.#number % SLOTS.length] ?? ''];
      await database.transact('readwrite', (store) => store.put({ number, bytes }, slot));
    });
    return this.#writing;
  }

  /** The run that is kept with its states, the newest first; null if there is none. */
  async find() {
    const stored = /** @type {(Omit<KeptRun, 'data'> & { data: StoredData }) | undefined} */ (await read('run'));
    const slots = /** @type {({ number: number, bytes: ArrayBuffer } | undefined)[]} */ (await Promise.all(SLOTS.map(read)));
    const states = slots.filter((slot) => slot !== undefined).sort((a, b) => b.number - a.number);
    this.#number = states[0]?.number ?? 0;
    if (!stored || states.length === 0) return null;
    const run = { ...stored, data: asFiles(stored.data) };
    return { run, states: states.map(({ bytes }) => bytes) };
  }

  /** There is nothing to go on with any more. */
  async forget() {
    this.#waiting = null;
    await this.#writing.catch(() => undefined);
    await database.transact('readwrite', (store) => store.clear());
  }
}
