// @ts-check
/**
 * Files of any kind to labelled pixels: a worker with the engine tells what they are and reads them, the decoder's
 * worker decodes pictures. Here they are only passed on.
 */

import { filesOf, isArchive } from './archive.js';
import { ClassifierError, textOf, throwIfAborted } from './errors.js';
// Whoever asks for this part has it already; named here, a bundler need not cut what is shared into finer pieces.
import './predictor.js';

/** @typedef {import('./index.d.ts').FilesDataset} FilesDataset */
/** @typedef {import('./index.d.ts').ReadPixels} ReadPixels */
/** @typedef {import('./index.d.ts').Pixels} Pixels */
/** @typedef {import('./protocol.d.ts').DataCalls} DataCalls */
/** @typedef {import('./protocol.d.ts').WireFile} WireFile */
/** @typedef {{ name: string, wire: () => WireFile | Promise<WireFile> }} Item a file, wherever it is */

/** Files of a data set. */
const MOST_FILES = 500_000;
/** Pictures on their way at a time: one is decoded while the one before is prepared. */
const N_AHEAD = 3;
/** Pictures left out whose reasons are told. */
const N_TOLD = 5;

/**
 * What the work needs of others.
 * @typedef {object} Hands
 * @property {<T extends keyof DataCalls>(type: T, request: DataCalls[T]['request'], options?: { transfer?: Transferable[], signal?: AbortSignal }) => Promise<DataCalls[T]['reply']>} call
 *   asks a worker with the engine
 * @property {(file: WireFile) => Promise<Pixels>} decode
 */

/**
 * @param {FilesDataset} dataset
 * @param {Hands} hands
 * @param {object} [options]
 * @param {import('./index.d.ts').ExampleForm} [options.form] what pictures have to become; as they are, unless said
 * @param {AbortSignal} [options.signal]
 * @param {(progress: import('./index.d.ts').ShareDone) => void} [options.onProgress]
 * @returns {Promise<ReadPixels>}
 */
export async function readFiles(dataset, hands, { form, ...options } = {}) {
  const { crop } = dataset;
  if (crop === undefined) return readWhole(dataset, hands, { form, ...options });
  const read = await readWhole(dataset, hands, options); // pictures as they are
  return { ...read, ...cropped(read, crop) };
}

/**
 * The middle of every picture; an odd pixel too many is cut at the end, as the core does.
 * @param {ReadPixels} read
 * @param {number} side
 * @returns {{ pixels: Uint8Array<ArrayBuffer>, shape: [number, number, number] }}
 */
function cropped({ pixels, labels, shape: [height, width, channels] }, side) {
  const most = Math.min(height, width);
  if (!(Number.isSafeInteger(side) && side >= 1 && side <= most)) {
    throw new ClassifierError('shape', `A crop needs a side from 1 to ${most}, but got ${String(side)}.`);
  }
  const [top, left] = [(height - side) >> 1, (width - side) >> 1];
  const row = side * channels;
  const cut = new Uint8Array(labels.length * side * row);
  for (let i = 0; i < labels.length * side; i += 1) {
    const y = Math.floor(i / side) * height + top + (i % side);
    const start = (y * width + left) * channels;
    cut.set(pixels.subarray(start, start + row), i * row);
  }
  return { pixels: cut, shape: [side, side, channels] };
}

/**
 * @param {FilesDataset} dataset
 * @param {Hands} hands
 * @param {object} options
 * @param {import('./index.d.ts').ExampleForm} [options.form]
 * @param {AbortSignal} [options.signal]
 * @param {(progress: import('./index.d.ts').ShareDone) => void} [options.onProgress]
 * @returns {Promise<ReadPixels>}
 */
async function readWhole({ files, part = 'train', coarse = false, transposed }, hands, { form, signal, onProgress }) {
  const items = await itemsOf(files);
  throwIfAborted(signal);
  const arranged = await hands.call('arrange', { paths: items.map(({ name }) => name), part });
  const chosen = Array.from(arranged.places, (place) => /** @type {Item} */ (items[place]));
  if (arranged.kind === 'pictures') {
    const { classNames, labels } = arranged;
    return new PictureReader(hands, { form, signal, onProgress }).read(chosen, labels, classNames);
  }
  /** @type {WireFile[]} */
  const wire = [];
  if (arranged.kind === 'sprites') {
    wire.push(await /** @type {Item} */ (items[arranged.labels]).wire());
    for (const sprite of chosen) {
      const { data, width, height, channels } = await hands.decode(await sprite.wire());
      throwIfAborted(signal);
      wire.push({ name: sprite.name, blob: new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (data)]), picture: { width, height, channels } });
    }
  } else {
    for (const item of chosen) wire.push(await item.wire());
  }
  throwIfAborted(signal);
  if (wire.length === 0) throw unknown(items);
  const read = await hands.call('readFiles', { files: wire, part, coarse, transposed }, { signal });
  throwIfAborted(signal);
  onProgress?.({ share: 1 });
  return { ...read, leftOut: { count: 0, reasons: [] } };
}

/**
 * All files, those of archives too.
 * @param {FilesDataset['files']} files
 * @returns {Promise<Item[]>}
 */
async function itemsOf(files) {
  /** @type {Item[]} */
  const items = [];
  for (const file of files) {
    const blob = file instanceof Blob ? file : file.bytes instanceof Blob ? file.bytes : new Blob([/** @type {BlobPart} */ (file.bytes)]);
    // Of a chosen folder, a file knows where in it it lies.
    const name = (file instanceof File && file.webkitRelativePath) || file.name;
    if (typeof name !== 'string') throw new ClassifierError('config', 'Every file of a data set needs a name.');
    if (/\.(zip|npz)$/i.test(name) || (files.length === 1 && (await isArchive(blob)))) items.push(...(await filesOf(blob)));
    else items.push({ name, wire: () => ({ name, blob }) });
    if (items.length > MOST_FILES) throw new ClassifierError('limit', `Too large: a data set may have at most ${MOST_FILES} files.`);
  }
  return items;
}

/** @param {Item[]} items */
function unknown(items) {
  const [first] = items;
  const got = first ? `${first.name}${items.length > 1 ? ` and ${items.length - 1} more` : ''}` : 'nothing';
  return new ClassifierError('data', `No data set is among these files (${got}): IDX, CIFAR, CSV or NumPy files are read, and a folder of pictures for each class.`);
}

/** Decodes pictures one after the other into the examples' places. What cannot be read is left out, and told. */
class PictureReader {
  #hands;
  #form;
  #signal;
  #onProgress;
  #leftOut = { count: 0, reasons: /** @type {string[]} */ ([]) };
  #n = 0;
  #nDone = 0;

  /**
   * @param {Hands} hands
   * @param {{ form?: import('./index.d.ts').ExampleForm, signal?: AbortSignal, onProgress?: (progress: { share: number }) => void }} options
   */
  constructor(hands, { form, signal, onProgress }) {
    this.#hands = hands;
    this.#form = form;
    this.#signal = signal;
    this.#onProgress = onProgress;
  }

  /**
   * @param {Item[]} items
   * @param {Uint32Array} labels
   * @param {string[]} classNames
   * @returns {Promise<ReadPixels>}
   */
  async read(items, labels, classNames) {
    this.#n = items.length;
    let first = 0;
    /** @type {Pixels | null} */
    let decoded = null;
    // Without a network the first picture that can be read decides the shape.
    while (!this.#form && first < items.length) {
      decoded = await this.#decode(/** @type {Item} */ (items[first]));
      if (decoded) this.#form = { inputShape: await this.#frameOf(decoded) };
      else first += 1;
    }
    const { inputShape: shape = null } = this.#form ?? {};
    if (!shape) throw this.#none();
    const length = shape[0] * shape[1] * shape[2];
    const bytes = items.length * length;
    if (bytes > 2 ** 30) throw new ClassifierError('limit', `Too large: a data set may have at most ${2 ** 30} bytes of pixels, but these would be ${bytes}.`);
    this.#nDone = first;
    const pixels = new Uint8Array(bytes);
    /** @type {Uint8Array} */
    const isThere = new Uint8Array(items.length);
    const put = async (/** @type {number} */ place, /** @type {Pixels | null} */ picture) => {
      const example = picture && (await this.#prepare(/** @type {Item} */ (items[place]).name, picture));
      if (!example) return;
      pixels.set(example, place * length);
      isThere[place] = 1;
    };
    let next = first;
    const worker = async () => {
      while (next < items.length) {
        const place = next++;
        const known = place === first ? decoded : null;
        await put(place, known ?? (await this.#decode(/** @type {Item} */ (items[place]))));
        throwIfAborted(this.#signal);
        this.#nDone += 1;
        this.#onProgress?.({ share: this.#nDone / this.#n });
      }
    };
    await Promise.all(Array.from({ length: N_AHEAD }, worker));
    return this.#packed(pixels, labels, isThere, shape, classNames);
  }

  /**
   * @param {Uint8Array<ArrayBuffer>} pixels
   * @param {Uint32Array} labels
   * @param {Uint8Array} isThere
   * @param {[number, number, number]} shape
   * @param {string[]} classNames
   * @returns {ReadPixels}
   */
  #packed(pixels, labels, isThere, shape, classNames) {
    const length = shape[0] * shape[1] * shape[2];
    let kept = 0;
    const keptLabels = new Uint32Array(labels.length);
    for (let place = 0; place < labels.length; place++) {
      if (!isThere[place]) continue;
      if (kept !== place) pixels.copyWithin(kept * length, place * length, (place + 1) * length);
      keptLabels[kept] = labels[place] ?? 0;
      kept += 1;
    }
    if (kept === 0) throw this.#none();
    return { pixels: pixels.subarray(0, kept * length), labels: keptLabels.subarray(0, kept), shape, classNames, leftOut: this.#leftOut };
  }

  /** @param {Item} item @returns {Promise<Pixels | null>} null for a file that is no picture */
  async #decode(item) {
    throwIfAborted(this.#signal);
    try {
      return await this.#hands.decode(await item.wire());
    } catch (error) {
      return this.#leave(item.name, error);
    }
  }

  /** @param {Pixels} picture */
  async #frameOf({ data, width, height, channels }) {
    return (await this.#hands.call('frameOf', { data: new Uint8Array(data).buffer, width, height, channels })).shape;
  }

  /**
   * @param {string} name
   * @param {Pixels} picture
   * @returns {Promise<Uint8Array | null>}
   */
  async #prepare(name, { data, width, height, channels }) {
    const { inputShape: shape, preprocessing } = /** @type {import('./index.d.ts').ExampleForm} */ (this.#form);
    const buffer = new Uint8Array(data).buffer;
    try {
      const request = { data: buffer, width, height, channels, shape, preprocessing };
      return (await this.#hands.call('prepareExample', request, { transfer: [buffer] })).example;
    } catch (error) {
      return this.#leave(name, error);
    }
  }

  /**
   * @param {string} name
   * @param {unknown} error
   */
  #leave(name, error) {
    throwIfAborted(this.#signal);
    // What is wrong with one picture is no reason to give up; a worker that is gone is.
    if (error instanceof ClassifierError && ['crashed', 'closed', 'startup', 'build'].includes(error.code)) throw error;
    this.#leftOut.count += 1;
    if (this.#leftOut.reasons.length < N_TOLD) this.#leftOut.reasons.push(`${name}: ${textOf(error)}`);
    return null;
  }

  #none() {
    const why = this.#leftOut.reasons[0] ?? '';
    return new ClassifierError('data', `At least one readable picture is needed, but there is none among ${this.#n}. ${why}`.trim());
  }
}
