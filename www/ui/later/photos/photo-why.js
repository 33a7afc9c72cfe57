// "Why?": what in the square speaks for a class, laid over the photo.

import { className } from '../../class-names.js';
import { byId, select } from '../../dom.js';
import { errorCode, errorWords, notify } from '../../notices.js';
import { words } from '../../words.js';

/** @typedef {import('../../../lib/index.js').Classifier} Classifier */
/** @typedef {import('../../../lib/index.js').ExplainMethod} ExplainMethod */
/** @typedef {import('../../../lib/index.js').HeatMap} HeatMap */
/** @typedef {import('../../../lib/index.js').Pixels} Pixels */

/** @type {readonly ExplainMethod[]} */
const METHODS = ['gradCam', 'saliency', 'occlusion'];
/** How much of the photo the hottest place covers. */
const COVER = 0.75;

/** Orange where most speaks for the class, clear where nothing does. @param {HeatMap} map */
function paint({ data, width, height }) {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const image = new ImageData(width, height);
  const most = data.reduce((most, value) => Math.max(most, value), 0);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    const share = most > 0 ? Math.max(0, data[pixel] ?? 0) / most : 0;
    image.data.set([255, 120 + 90 * share, 0, 255 * COVER * share], pixel * 4);
  }
  canvas.getContext('2d')?.putImageData(image, 0, 0);
  return canvas;
}

export class PhotoWhy {
  #details = byId('photo-why', HTMLDetailsElement);
  #cover;
  /** @type {{ classifier: Classifier, input: Pixels } | null} */
  #asked = null;
  #busy = false;
  #again = false;
  /** Of the labels in the choice. */
  #labels = '';

  /** @param {(heat: HTMLCanvasElement | null) => void} cover lays the heat over the square */
  constructor(cover) {
    this.#cover = cover;
    for (const method of METHODS) select('why-method').append(new Option(words(`photos.method-${method}`), method));
    this.#details.addEventListener('toggle', () => this.#explain());
    for (const id of ['why-class', 'why-method']) select(id).addEventListener('change', () => this.#explain());
  }

  /**
   * Another square, or another network.
   * @param {Classifier} classifier
   * @param {Pixels | null} input as the network saw it
   */
  ask(classifier, input) {
    const { labels } = classifier.info;
    if (labels.join('\n') !== this.#labels) {
      this.#labels = labels.join('\n');
      const answered = new Option(words('photos.whyAnswered'), '');
      select('why-class').replaceChildren(answered, ...labels.map((label, index) => new Option(className(label), String(index))));
    }
    this.#asked = input && { classifier, input: { ...input, prepared: true } };
    this.#explain();
  }

  async #explain() {
    if (this.#busy) {
      this.#again = true;
      return;
    }
    this.#busy = true;
    try {
      do {
        this.#again = false;
        this.#cover(this.#details.open ? await this.#heat() : null);
      } while (this.#again);
    } catch (error) {
      const code = errorCode(error);
      this.#cover(null);
      if (code !== 'closed' && code !== 'aborted') notify(errorWords(error));
    } finally {
      this.#busy = false;
    }
  }

  async #heat() {
    const asked = this.#asked;
    if (!asked) return null;
    const chosen = select('why-class').value;
    const method = /** @type {ExplainMethod} */ (select('why-method').value);
    const map = await asked.classifier.explain(asked.input, { method, ...(chosen !== '' && { classIndex: Number(chosen) }) });
    if (!map) return null;
    const canvas = paint(map);
    const label = asked.classifier.info.labels[map.classIndex] ?? '';
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', words('photos.heat', { label: className(label) }));
    Object.assign(canvas.dataset, { label, method });
    return canvas;
  }
}
