// What one network sees of the pictures: each brought to its input once and kept so, as bytes; features by as many workers as
// help, kept with the network in the first of them, so that the page holds none.

import { Classifier } from '../../../lib/index.js';

/** @typedef {import('./project.js').TaughtPicture} TaughtPicture */
/** @typedef {{ signal: AbortSignal, onProgress: (share: number) => void }} Means */

/** Views asked for at once. */
const AT_ONCE = 64;
/** Pictures prepared side by side. */
const SIDE_BY_SIDE = 4;
/** Views for which another worker is worth its start. */
const WORTH_A_WORKER = 300;
const MOST_WORKERS = 4;
export const SEED = 1;
export const DETAIL = /** @type {const} */ ('parts');

export class Sight {
  #file;
  /** @type {Promise<Classifier> | null} */
  #network = null;
  /** What the network sees of each picture; null for one it sees nothing in. @type {Map<number, Uint8Array | null>} */
  #inputs = new Map();
  /** How many views are kept of each picture. @type {Map<number, number>} */
  #nSeen = new Map();

  /** @param {URL} file the network's */
  constructor(file) {
    this.#file = file;
  }

  /** @returns {Promise<Classifier>} */
  async network() {
    try {
      return await (this.#network ??= this.#load());
    } catch (error) {
      this.#network = null;
      throw error;
    }
  }

  async #load() {
    const network = await Classifier.load(this.#file, { training: true });
    network.addEventListener('replaced', () => this.#nSeen.clear());
    return network;
  }

  /** Other pictures have these numbers from now on. */
  async forget() {
    this.#inputs.clear();
    this.#nSeen.clear();
    await (await this.#network)?.forgetFeatures();
  }

  /** @param {number} id */
  isBlank(id) {
    return this.#inputs.get(id) === null;
  }

  /** @param {number} id */
  hasSeen(id) {
    return this.#nSeen.has(id);
  }

  /** @param {TaughtPicture} picture @param {AbortSignal} [signal] @returns {Promise<Uint8Array | null>} */
  async input({ id, bytes }, signal) {
    const known = this.#inputs.get(id);
    if (known !== undefined) return known;
    const input = await (await this.network()).prepare({ encoded: new Uint8Array(bytes) }, { signal });
    this.#inputs.set(id, input);
    return input;
  }

  /** @param {TaughtPicture[]} pictures @param {Means} means */
  async prepare(pictures, { signal, onProgress }) {
    const missing = pictures.filter(({ id }) => !this.#inputs.has(id));
    let next = 0;
    const work = async () => {
      for (let picture = missing[next++]; picture; picture = missing[next++]) {
        await this.input(picture, signal);
        onProgress(Math.min(1, next / missing.length));
      }
    };
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
  }

  /**
   * Has features of the first views of all these pictures, and of no others.
   * @param {TaughtPicture[]} pictures
   * @param {number} views
   * @param {Means} means
   */
  async see(pictures, views, { signal, onProgress }) {
    const network = await this.network();
    const there = new Set(pictures.map(({ id }) => id));
    const gone = [...this.#nSeen.keys()].filter((id) => !there.has(id));
    for (const id of gone) this.#nSeen.delete(id);
    if (gone.length > 0) await network.forgetFeatures(Uint32Array.from(gone));
    const batches = this.#batches(pictures, views);
    const nViews = batches.reduce((sum, { ids, firstView }) => sum + ids.length * (views - firstView), 0);
    const helpers = await this.#helpers(nViews);
    let [next, done] = [0, 0];
    /** @type {Promise<void>[]} */
    const keeping = [];
    const work = async (/** @type {Classifier} */ eye) => {
      const room = new Uint8Array(AT_ONCE * this.#size());
      for (let batch = batches[next++]; batch; batch = batches[next++]) {
        const { ids, firstView } = batch;
        const numbers = Uint32Array.from(ids);
        const options = { firstView, views: views - firstView, detail: DETAIL, numbers, seed: SEED, signal };
        const found = await eye.featuresBatch(this.#write(ids, room), options);
        const kept = network.keepFeatures(numbers, /** @type {Float32Array<ArrayBuffer>} */ (found), { detail: DETAIL });
        kept.catch(() => {}); // told below
        keeping.push(kept.then(() => ids.forEach((id) => this.#nSeen.set(id, views))));
        done += ids.length * (views - firstView);
        onProgress(done / nViews);
      }
    };
    try {
      await Promise.all([network, ...helpers].map(work));
    } finally {
      for (const helper of helpers) helper.close();
      await Promise.all(keeping);
    }
  }

  /** Pictures of which the same views are missing. @param {TaughtPicture[]} pictures @param {number} views */
  #batches(pictures, views) {
    /** @type {Map<number, number[]>} */
    const byFirst = new Map();
    for (const { id } of pictures) {
      const first = this.#nSeen.get(id) ?? 0;
      if (first >= views) continue;
      const ids = byFirst.get(first) ?? [];
      byFirst.set(first, ids);
      ids.push(id);
    }
    return [...byFirst].flatMap(([firstView, ids]) => {
      const n = Math.max(1, Math.floor(AT_ONCE / (views - firstView)));
      return Array.from({ length: Math.ceil(ids.length / n) }, (_, i) => ({ firstView, ids: ids.slice(i * n, (i + 1) * n) }));
    });
  }

  /** More of the same network, as long as there is much to see. @param {number} nViews @returns {Promise<Classifier[]>} */
  async #helpers(nViews) {
    const n = Math.min(MOST_WORKERS, navigator.hardwareConcurrency ?? 1, 1 + Math.floor(nViews / WORTH_A_WORKER)) - 1;
    const loaded = await Promise.allSettled(Array.from({ length: n }, () => Classifier.load(this.#file, { training: true })));
    return loaded.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  }

  /** What the network sees of these pictures, one after the other. @param {number[]} ids */
  bytesOf(ids) {
    return this.#write(ids, new Uint8Array(ids.length * this.#size()));
  }

  /** Bytes of what the network sees of a picture. */
  #size() {
    for (const input of this.#inputs.values()) if (input) return input.length;
    return 0;
  }

  /** @param {number[]} ids @param {Uint8Array} room for as many, or more */
  #write(ids, room) {
    const size = this.#size();
    ids.forEach((id, place) => room.set(this.#inputs.get(id) ?? [], place * size));
    return room.subarray(0, ids.length * size);
  }
}
