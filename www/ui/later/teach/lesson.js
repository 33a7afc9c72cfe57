// Learning: pictures to the network's input, inputs to features, features to a new last layer. What is known of a picture is
// kept, so that another lesson takes the last layer alone.

import { Classifier, ClassifierError } from '../../../lib/index.js';
import { words } from '../../words.js';

/** @typedef {import('./project.js').Project} Project */
/** @typedef {import('./project.js').TaughtPicture} TaughtPicture */
/** @typedef {'photos' | 'digits'} BackboneName */

const FILES = {
  photos: new URL('../../../models/photos.safetensors', import.meta.url),
  digits: new URL('../../../models/digits.safetensors', import.meta.url),
};
/** Views of all pictures together: few pictures are looked at in many ways, many in few. */
const N_VIEWS = 3200;
const MOST_VIEWS = 32;
/** Pictures whose features are asked for at once. */
const AT_ONCE = 24;
/** Pictures prepared side by side. */
const SIDE_BY_SIDE = 4;
const SEED = 1;
const DETAIL = /** @type {const} */ ('parts');

/** A power of two, so that a picture more seldom changes it. @param {number} nPictures */
export function viewsFor(nPictures) {
  const most = Math.min(MOST_VIEWS, Math.max(1, N_VIEWS / Math.max(1, nPictures)));
  return 2 ** Math.floor(Math.log2(most));
}

/** Drawings are the digit network's, photos the color one's. @param {Project} project @returns {BackboneName} */
export function backboneFor(project) {
  if (project.settings.backbone !== 'auto') return project.settings.backbone;
  const all = [...project.pictures.values()];
  return all.filter(({ drawn }) => drawn).length * 2 > all.length ? 'digits' : 'photos';
}

export class Teacher {
  /** @type {Partial<Record<BackboneName, Promise<Classifier>>>} */
  #backbones = {};
  /** What the network sees of each picture; null for one it sees nothing in. @type {Record<BackboneName, Map<number, Uint8Array | null>>} */
  #inputs = { photos: new Map(), digits: new Map() };
  /** By picture, of one network and number of views. @type {Map<number, Float32Array>} */
  #features = new Map();
  #featuresOf = '';

  /** Other pictures have these numbers from now on. */
  forget() {
    this.#inputs = { photos: new Map(), digits: new Map() };
    this.#features.clear();
  }

  /** @param {BackboneName} name */
  async #backbone(name) {
    try {
      return await (this.#backbones[name] ??= Classifier.load(FILES[name], { training: true }));
    } catch (error) {
      delete this.#backbones[name];
      throw error;
    }
  }

  /**
   * @param {Project} project
   * @param {{ signal: AbortSignal, onProgress: (share: number) => void }} options
   * @returns {Promise<{ model: Blob, backbone: BackboneName, heldOut: [number, number | null][], blank: number[] }>} `heldOut`: by picture, the class of the answer
   */
  async learn(project, { signal, onProgress }) {
    const name = backboneFor(project);
    const backbone = await this.#backbone(name);
    const inputs = this.#inputs[name];
    const all = [...project.pictures.values()];
    const views = viewsFor(all.length);
    await this.#prepare(all, backbone, inputs, signal, (share) => onProgress(share * 0.2));
    const seen = all.filter(({ id }) => inputs.get(id));
    const classes = project.classes.filter(({ id }) => seen.some(({ classId }) => classId === id));
    if (classes.length < 2) throw new ClassifierError('data', words('teach.needTwo'));
    await this.#see(seen, `${name} ${views}`, { backbone, inputs, views, signal, onProgress: (share) => onProgress(0.2 + share * 0.7) });
    const features = this.#gathered(seen);
    const places = new Map(classes.map(({ id }, place) => [id, place]));
    const { model, heldOut } = await backbone.teach({
      features,
      classes: seen.map(({ classId }) => places.get(classId) ?? 0),
      labels: classes.map((one) => one.name),
      detail: DETAIL,
      views,
      head: project.settings.head,
      seed: SEED,
    }, { signal });
    onProgress(1);
    /** @type {[number, number | null][]} */
    const answers = seen.map(({ id }, index) => [id, classes[heldOut[index] ?? -1]?.id ?? null]);
    return { model, backbone: name, heldOut: answers, blank: all.filter(({ id }) => !inputs.get(id)).map(({ id }) => id) };
  }

  /**
   * @param {TaughtPicture[]} pictures
   * @param {Classifier} backbone
   * @param {Map<number, Uint8Array | null>} inputs
   * @param {AbortSignal} signal
   * @param {(share: number) => void} onProgress
   */
  async #prepare(pictures, backbone, inputs, signal, onProgress) {
    const missing = pictures.filter(({ id }) => !inputs.has(id));
    let next = 0;
    const work = async () => {
      for (let picture = missing[next++]; picture; picture = missing[next++]) {
        const { input } = await backbone.predict(new Blob([picture.bytes], { type: picture.type }), { topK: 1, signal });
        inputs.set(picture.id, input && new Uint8Array(input.data));
        onProgress(next / missing.length);
      }
    };
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
  }

  /**
   * @param {TaughtPicture[]} pictures
   * @param {string} how
   * @param {{ backbone: Classifier, inputs: Map<number, Uint8Array | null>, views: number, signal: AbortSignal, onProgress: (share: number) => void }} means
   */
  async #see(pictures, how, { backbone, inputs, views, signal, onProgress }) {
    if (how !== this.#featuresOf) this.#features.clear();
    this.#featuresOf = how;
    const there = new Set(pictures.map(({ id }) => id));
    for (const id of this.#features.keys()) if (!there.has(id)) this.#features.delete(id);
    const missing = pictures.filter(({ id }) => !this.#features.has(id));
    for (let start = 0; start < missing.length; start += AT_ONCE) {
      const part = missing.slice(start, start + AT_ONCE);
      const sized = inputs.get(part[0]?.id ?? 0)?.length ?? 0;
      const bytes = new Uint8Array(sized * part.length);
      part.forEach(({ id }, index) => bytes.set(inputs.get(id) ?? [], index * sized));
      const numbers = Uint32Array.from(part, ({ id }) => id);
      const found = await backbone.featuresBatch(bytes, { views, detail: DETAIL, numbers, seed: SEED, signal });
      const each = found.length / part.length;
      part.forEach(({ id }, index) => this.#features.set(id, found.slice(index * each, (index + 1) * each)));
      onProgress((start + part.length) / missing.length);
    }
  }

  /** @param {TaughtPicture[]} pictures */
  #gathered(pictures) {
    const each = this.#features.get(pictures[0]?.id ?? 0)?.length ?? 0;
    const all = new Float32Array(each * pictures.length);
    pictures.forEach(({ id }, index) => all.set(this.#features.get(id) ?? [], index * each));
    return all;
  }
}
