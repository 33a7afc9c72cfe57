// The data of the Train view: the MNIST sample that comes with the page, or the visitor's own IDX files.

import { any, button, byId, input, onFiles } from './dom.js';
import { ClassBalance } from './confusion-table.js';
import { bytes, count } from './format.js';
import { firstPictures, idxHead } from './idx-files.js';
import { errorWords, notify } from './notices.js';
import { PixelStrip } from './pixel-picture.js';

/** @typedef {{ images: Blob, labels: Blob, name: string, sample: boolean }} TrainingFiles */
/** @typedef {import('../lib/index.js').DatasetInfo} DatasetInfo */

const SAMPLE = {
  images: new URL('../data/mnist-10k-images.idx3-ubyte.gz', import.meta.url),
  labels: new URL('../data/mnist-10k-labels.idx1-ubyte.gz', import.meta.url),
};
/** Pictures in the strip. */
const N_SAMPLES = 16;

/** @param {URL} url */
async function fetchBlob(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return response.blob();
}

export class TrainData {
  /** @type {TrainingFiles | null} */
  files = null;
  /** A file of the visitor's pair that waits for the other. @type {{ images?: File, labels?: File }} */
  #half = {};
  #ready;
  /** Counts what was asked for: data that comes late does not replace what was asked for after it. */
  #turn = 0;

  /** @param {(files: TrainingFiles) => Promise<DatasetInfo>} ready takes new files to the network; its errors are shown */
  constructor(ready) {
    this.#ready = ready;
    onFiles(input('data-files'), (files) => this.add(files));
    button('data-sample').addEventListener('click', () => this.loadSample());
  }

  async loadSample() {
    this.#half = {};
    this.#say('Loading 10,000 handwritten digits…');
    this.#turn += 1;
    const turn = this.#turn;
    try {
      const [images, labels] = await Promise.all([fetchBlob(SAMPLE.images), fetchBlob(SAMPLE.labels)]);
      if (turn !== this.#turn) return;
      await this.#take({ images, labels, name: 'MNIST sample', sample: true });
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#say(this.files ? this.files.name : 'No data yet');
      notify(`The MNIST sample could not be loaded: ${errorWords(error)} You can use own IDX files.`, {
        action: { label: 'Try again', run: () => this.loadSample() },
      });
    }
  }

  /** Takes IDX files, in any order, one or two at a time. @param {File[]} files */
  async add(files) {
    try {
      for (const file of files) {
        const { holds } = await idxHead(file, file.name);
        this.#half[holds] = file;
      }
      const { images, labels } = this.#half;
      if (!images || !labels) {
        any('data-note').textContent = images
          ? `${images.name} holds images. Now add the file of labels.`
          : `${labels?.name} holds labels. Now add the file of images.`;
        return;
      }
      this.#half = {};
      this.#turn += 1;
      this.#say('Reading your files…');
      await this.#take({ images, labels, name: images.name, sample: false });
    } catch (error) {
      this.#half = {};
      any('data-note').textContent = '';
      notify(errorWords(error));
      if (this.files) await this.#take(this.files).catch(() => undefined);
      else await this.loadSample();
    }
  }

  /** @param {TrainingFiles} files */
  async #take(files) {
    const info = await this.#ready(files);
    this.files = files;
    const size = bytes(files.images.size + files.labels.size);
    const [height, width, channels] = info.shape;
    const what = files.sample ? 'handwritten digits' : 'pictures';
    this.#say(`${files.name}: ${count(info.nExamples)} ${what}`);
    const counts = info.classCounts;
    const [fewest, most] = [Math.min(...counts), Math.max(...counts)];
    const each = fewest === most ? `${count(most)} of each` : `${count(fewest)} to ${count(most)} of each`;
    any('data-note').textContent =
      `${height} × ${width} pixels${channels === 3 ? ' in colour' : ''}, ${counts.length} classes, ${each}; ${size}.`;
    button('data-sample').hidden = files.sample;
    byId('balance', ClassBalance).show(counts, info.classNames);
    const pictures = await firstPictures(files.images, N_SAMPLES).catch(() => null);
    byId('samples', PixelStrip).show(pictures?.pixels ?? new Uint8Array(), pictures?.width ?? 1, pictures?.height ?? 1);
  }

  /** @param {string} words */
  #say(words) {
    any('data-name').textContent = words;
  }
}
