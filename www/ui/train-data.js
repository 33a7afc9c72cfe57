// The data of the Train view: the MNIST sample that comes with the page, the visitor's own files, or examples made from a
// seed, as the network reads pictures, a pen's strokes or clips.

import { readDataset } from '../lib/index.js';
import { any, button, byId, input, onFiles } from './dom.js';
import { ClassBalance } from './confusion-table.js';
import { bytes, percent } from './format.js';
import { idxHead } from './idx-files.js';
import { errorCode, errorWords, notify } from './notices.js';
import { PixelStrip } from './pixel-picture.js';
import { words } from './words.js';

/** @typedef {import('../lib/index.js').DatasetInfo} DatasetInfo */
/** @typedef {import('../lib/index.js').Pixels} Pixels */
/** @typedef {import('../lib/index.js').ReadPixels} ReadPixels */
/** @typedef {{ images: Blob, labels: Blob } | ReadPixels | { generated: 'strokes' | 'clips', count: number, seed: number }} Source */
/** @typedef {{ source: Source, name: string, sample: boolean, nMade?: number }} TrainingData `nMade` of the examples, the last, were made by a generator */
/** @typedef {'pictures' | 'strokes' | 'clips'} Kind what the examples are */

const SAMPLE = {
  images: new URL('../data/mnist-10k-images.idx3-ubyte.gz', import.meta.url),
  labels: new URL('../data/mnist-10k-labels.idx1-ubyte.gz', import.meta.url),
};
/** Pictures in the strip. */
const N_SAMPLES = 16;

/** Examples made from a seed. @param {'strokes' | 'clips'} kind @returns {TrainingData} */
function generated(kind) {
  return kind === 'strokes'
    ? { source: { generated: kind, count: 4000, seed: 1 }, name: words('train.strokesName'), sample: true }
    : { source: { generated: kind, count: 2000, seed: 1 }, name: words('train.clipsName'), sample: true };
}

/** @param {TrainingData} data @returns {Kind} */
export function kindOf({ source }) {
  return 'generated' in source ? source.generated : 'pictures';
}

/** @param {URL} url */
async function fetchBlob(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return response.blob();
}

/** The MNIST sample. @returns {Promise<TrainingData>} */
export async function fetchSample() {
  const [images, labels] = await Promise.all([fetchBlob(SAMPLE.images), fetchBlob(SAMPLE.labels)]);
  return { source: { images, labels }, name: words('train.sampleName'), sample: true };
}

export class TrainData {
  /** @type {TrainingData | null} */
  data = null;
  /** What pictures to go back to from strokes and clips. @type {TrainingData | null} */
  #pictures = null;
  /** A file of the visitor's pair that waits for the other. @type {{ images?: File, labels?: File }} */
  #half = {};
  #on;
  /** Ends the reading of files that is under way. @type {AbortController | null} */
  #reading = null;
  /** Counts what was asked for: data that comes late does not replace what was asked for after it. */
  #turn = 0;

  /**
   * @param {object} on
   * @param {(data: TrainingData) => Promise<DatasetInfo>} on.ready takes new data to the network; its errors are shown
   * @param {(index: number) => Promise<Pixels>} on.example an example of the data that the network has
   */
  constructor(on) {
    this.#on = on;
    onFiles(input('data-files'), (files) => this.add(files));
    onFiles(input('data-folder'), (files) => this.add(files));
    any('data-folder-label').hidden = !('webkitdirectory' in HTMLInputElement.prototype);
    button('data-cancel').addEventListener('click', () => this.#reading?.abort());
    button('data-sample').addEventListener('click', () => this.loadSample());
    button('data-real').addEventListener('click', () => this.#leaveMadeOut());
  }

  /** Loads the sample of pictures. */
  async loadSample() {
    this.#half = {};
    this.#say(words('train.loadingSample'));
    await this.#use(fetchSample);
  }

  /**
   * Makes sure that there are examples of this kind: those already here, else the sample, or made ones.
   * @param {Kind} kind
   */
  async need(kind) {
    if (this.data && kindOf(this.data) === kind) return;
    if (kind !== 'pictures') {
      this.#say(words('train.making'));
      await this.#use(async () => generated(kind));
    } else if (this.#pictures) {
      const pictures = this.#pictures;
      await this.#use(async () => pictures);
    } else await this.loadSample();
  }

  /** @param {() => Promise<TrainingData>} get */
  async #use(get) {
    this.#turn += 1;
    const turn = this.#turn;
    try {
      const data = await get();
      if (turn === this.#turn) await this.take(data);
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#say(this.data ? this.data.name : words('train.noData'));
      notify(words('train.dataFailed', { why: errorWords(error) }), {
        action: { label: words('page.tryAgain'), run: () => this.#use(get) },
      });
    }
  }

  /**
   * Adds pictures that were made to those at hand.
   * @param {import('../lib/index.js').LabelledPixels} made
   * @returns {Promise<boolean>} whether they fit
   */
  async addMade(made) {
    const { data } = this;
    if (!data) return false;
    try {
      const { withMade } = await import('./later/train/made-pictures.js');
      await this.take(await withMade(data, made));
      return true;
    } catch (error) {
      notify(errorWords(error));
      return false;
    }
  }

  async #leaveMadeOut() {
    const { data } = this;
    if (!data) return;
    const { withoutMade } = await import('./later/train/made-pictures.js');
    await this.#use(async () => withoutMade(data));
  }

  /** Takes the visitor's files, of whatever kind; IDX files in any order, one or two at a time. @param {File[]} files */
  async add(files) {
    const heads = files.length > 2 ? [] : await Promise.all(files.map((file) => idxHead(file, file.name).catch(() => null)));
    if (files.length <= 2 && heads.every((head) => head !== null)) await this.#addIdx(files);
    else await this.#read(files);
  }

  /** Reads files of any kind, which can be cancelled. @param {File[]} files */
  async #read(files) {
    const [first] = files;
    if (!first) return;
    this.#half = {};
    this.#turn += 1;
    const turn = this.#turn;
    this.#reading?.abort();
    const reading = (this.#reading = new AbortController());
    const onProgress = ({ share = 0 }) => this.#say(words('train.reading', { share: percent(share) }));
    onProgress({});
    button('data-cancel').hidden = false;
    try {
      const source = await readDataset({ files }, { signal: reading.signal, onProgress });
      if (turn !== this.#turn) return;
      const { count: n, reasons } = source.leftOut;
      if (source.classNames.length < 2) notify(words('train.oneClass'));
      else if (n > 0) notify(words('train.leftOut', { n, why: reasons[0] ?? '' }));
      const [folder] = first.webkitRelativePath.split('/');
      await this.take({ source, name: folder || first.name, sample: false });
    } catch (error) {
      if (turn !== this.#turn) return;
      notify(errorCode(error) === 'aborted' ? words('train.readingCancelled') : errorWords(error));
      await this.#goBack();
    } finally {
      if (this.#reading === reading) {
        this.#reading = null;
        button('data-cancel').hidden = true;
      }
    }
  }

  /** To the data of before. */
  async #goBack() {
    if (this.data) await this.take(this.data).catch(() => undefined);
    else await this.loadSample();
  }

  /** @param {File[]} files */
  async #addIdx(files) {
    try {
      for (const file of files) {
        const { holds } = await idxHead(file, file.name);
        this.#half[holds] = file;
      }
      const { images, labels } = this.#half;
      if (!images || !labels) {
        any('data-note').textContent = images
          ? words('train.needLabels', { name: images.name })
          : words('train.needImages', { name: labels?.name ?? '' });
        return;
      }
      this.#half = {};
      this.#turn += 1;
      this.#say(words('train.readingFiles'));
      await this.take({ source: { images, labels }, name: images.name, sample: false });
    } catch (error) {
      this.#half = {};
      any('data-note').textContent = '';
      notify(errorWords(error));
      await this.#goBack();
    }
  }

  /** Shows data and gives it to the network. @param {TrainingData} data */
  async take(data) {
    const info = await this.#on.ready(data);
    this.data = data;
    const kind = kindOf(data);
    if (kind === 'pictures') this.#pictures = data;
    const [height, width, channels] = info.shape;
    const what = data.sample && kind === 'pictures' ? 'digits' : kind;
    this.#say(words(`train.dataIs-${what}`, { name: data.name, n: info.nExamples - (data.nMade ?? 0) }));
    any('data-made').hidden = !data.nMade;
    any('data-made-words').textContent = data.nMade ? words('train.madeToo', { n: data.nMade }) : '';
    const counts = info.classCounts;
    const [fewest, most] = [Math.min(...counts), Math.max(...counts)];
    const each = fewest === most ? words('train.eachSame', { n: most }) : words('train.eachRange', { low: fewest, high: most });
    const { source } = data;
    const size = 'images' in source ? bytes(source.images.size + source.labels.size) : 'pixels' in source ? bytes(source.pixels.length) : words('train.madeHere');
    const form = kind === 'pictures' ? (channels === 3 ? 'color' : 'gray') : kind;
    const shape = words(`train.shape-${form}`, { height, width, frames: height / width });
    any('data-note').textContent = words('train.dataNote', { shape, n: counts.length, each, size });
    button('data-sample').hidden = data.sample;
    byId('balance', ClassBalance).show(counts, info.classNames);
    // A clip has eight frames.
    const nSamples = Math.min(info.nExamples, kind === 'clips' ? N_SAMPLES / 8 : N_SAMPLES);
    // Files often lie in the order of their classes: show some of all.
    const spread = data.sample ? 1 : info.nExamples / nSamples;
    const samples = Array.from({ length: nSamples }, (_, index) => this.#on.example(Math.floor(index * spread)));
    byId('samples', PixelStrip).show(await Promise.all(samples).catch(() => []));
  }

  /** @param {string} told */
  #say(told) {
    any('data-name').textContent = told;
  }
}
