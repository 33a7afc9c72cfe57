// What one network sees of the pictures: features by as many workers as help, kept with the network in the first of them, so that
// the page holds none. Pictures are brought to the network's input in blocks, each looked at as soon as it is there; of very many
// the inputs go with their block.

import { Classifier } from '../../../lib/index.js';
import { drop } from '../../../lib/reading.js';

/** @typedef {import('./project.js').TaughtPicture} TaughtPicture */
/** @typedef {{ signal: AbortSignal, onProgress: (share: number) => void }} Means */

/** Views asked for at once, and pictures prepared. */
const AT_ONCE = 64;
/** Views for which another worker is worth its start. */
const WORTH_A_WORKER = 300;
const MOST_WORKERS = 4;
/** Bytes of all pictures' inputs that are worth keeping: they can be had again. */
const MOST_KEPT = 12 * 2 ** 20;
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

  /**
   * Has what the network sees of all these pictures, and keeps it.
   * @param {TaughtPicture[]} pictures
   * @param {Means} means
   */
  async prepare(pictures, { signal, onProgress }) {
    const eye = await this.network();
    for (let start = 0; start < pictures.length; start += AT_ONCE) {
      await this.#inputsOf(eye, pictures.slice(start, start + AT_ONCE), { signal, keeps: true });
      onProgress(Math.min(1, (start + AT_ONCE) / pictures.length));
    }
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
    const nViews = batches.reduce((sum, batch) => sum + batch.pictures.length * (views - batch.firstView), 0);
    const helpers = await this.#helpers(nViews);
    const keeps = pictures.length * sizeOf(network) <= MOST_KEPT;
    let [next, done] = [0, 0];
    /** @type {Promise<void>[]} */
    const keeping = [];
    const work = async (/** @type {Classifier} */ eye) => {
      // The next batch is prepared while this one is looked at.
      const begin = () => {
        const batch = batches[next++];
        if (!batch) return null;
        const inputs = this.#inputsOf(eye, batch.pictures, { signal, keeps });
        inputs.catch(() => {}); // told when its turn comes
        return { batch, inputs };
      };
      for (let begun = begin(); begun; ) {
        const { batch, inputs } = begun;
        const { ids, bytes } = await inputs;
        begun = begin();
        const [numbers, { firstView }] = [Uint32Array.from(ids), batch];
        if (ids.length > 0) {
          const options = { firstView, views: views - firstView, detail: DETAIL, numbers, seed: SEED, signal };
          const found = await eye.featuresBatch(bytes, options);
          drop(bytes.buffer);
          const kept = network.keepFeatures(numbers, /** @type {Float32Array<ArrayBuffer>} */ (found), { detail: DETAIL });
          kept.catch(() => {}); // told below
          keeping.push(kept.then(() => ids.forEach((id) => this.#nSeen.set(id, views))));
        }
        done += batch.pictures.length * (views - firstView);
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

  /**
   * What the network sees of these pictures, but for those in which it sees nothing, one after the other.
   * @param {Classifier} eye who prepares them
   * @param {TaughtPicture[]} pictures
   * @param {{ signal: AbortSignal, keeps: boolean }} means
   */
  async #inputsOf(eye, pictures, { signal, keeps }) {
    const missing = pictures.filter(({ id }) => !this.#inputs.has(id));
    const prepared = await eye.prepareBatch(missing.map(({ bytes }) => new Uint8Array(bytes)), { signal });
    const size = sizeOf(eye);
    const blank = new Set(prepared.blank);
    /** @type {Map<number, Uint8Array>} */
    const fresh = new Map();
    missing.forEach(({ id }, place) => {
      if (blank.has(place)) this.#inputs.set(id, null);
      else fresh.set(id, prepared.pictures.subarray(fresh.size * size, (fresh.size + 1) * size));
    });
    const found = pictures.flatMap(({ id }) => {
      const input = fresh.get(id) ?? this.#inputs.get(id);
      return input ? [{ id, input }] : [];
    });
    const bytes = new Uint8Array(found.length * size);
    found.forEach(({ input }, place) => bytes.set(input, place * size));
    if (keeps) for (const [id, input] of fresh) this.#inputs.set(id, input);
    else drop(prepared.pictures.buffer);
    return { ids: found.map(({ id }) => id), bytes };
  }

  /** Pictures of which the same views are missing. @param {TaughtPicture[]} pictures @param {number} views */
  #batches(pictures, views) {
    /** @type {Map<number, TaughtPicture[]>} */
    const byFirst = new Map();
    for (const picture of pictures) {
      const first = this.#nSeen.get(picture.id) ?? 0;
      if (first >= views || this.isBlank(picture.id)) continue;
      const alike = byFirst.get(first) ?? [];
      byFirst.set(first, alike);
      alike.push(picture);
    }
    return [...byFirst].flatMap(([firstView, alike]) => {
      const n = Math.max(1, Math.floor(AT_ONCE / (views - firstView)));
      return Array.from({ length: Math.ceil(alike.length / n) }, (_, i) => ({ firstView, pictures: alike.slice(i * n, (i + 1) * n) }));
    });
  }

  /** More of the same network, as long as there is much to see. @param {number} nViews @returns {Promise<Classifier[]>} */
  async #helpers(nViews) {
    const n = Math.min(MOST_WORKERS, navigator.hardwareConcurrency ?? 1, 1 + Math.floor(nViews / WORTH_A_WORKER)) - 1;
    const loaded = await Promise.allSettled(Array.from({ length: n }, () => Classifier.load(this.#file, { training: true })));
    return loaded.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  }

  /** What the network sees of these pictures, which are prepared, one after the other. @param {number[]} ids */
  bytesOf(ids) {
    const inputs = ids.flatMap((id) => this.#inputs.get(id) ?? []);
    const size = inputs[0]?.length ?? 0;
    const bytes = new Uint8Array(ids.length * size);
    inputs.forEach((input, place) => bytes.set(input, place * size));
    return bytes;
  }
}

/** Bytes of what a network sees of a picture. @param {Classifier} network */
function sizeOf({ info: { inputShape: [height, width, channels] } }) {
  return height * width * channels;
}
