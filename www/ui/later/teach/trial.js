// What was learnt, tried: a picture chosen, drawn or before the camera is answered at once.

import '../../confidence-bars.js';
import { Classifier } from '../../../lib/index.js';
import { ConfidenceBars } from '../../confidence-bars.js';
import { any, byId, input, onFiles } from '../../dom.js';
import { percent } from '../../format.js';
import { clearNotices, errorCode, errorWords, notify } from '../../notices.js';
import { words } from '../../words.js';
import { keptFile } from './kept-picture.js';

/** @typedef {import('./kept-picture.js').Kept} Kept */

export class Trial {
  #bars = byId('teach-bars', ConfidenceBars);
  /** @type {Classifier | null} */
  #classifier = null;
  /** What was tried last, which the next model answers, too. @type {Pick<Kept, 'bytes' | 'type'> | null} */
  #tried = null;

  constructor() {
    onFiles(input('teach-try-file'), ([file]) => file && this.#answerFile(file));
  }

  /** From now on this model answers, or none. @param {ArrayBuffer | null} model */
  async use(model) {
    const classifier = model && (await Classifier.load(model.slice(0)));
    this.#classifier?.close();
    this.#classifier = classifier;
    any('teach-try').hidden = !classifier;
    if (classifier) this.#bars.setLabels(classifier.info.labels);
    any('teach-answer').textContent = '';
    if (!classifier) this.#tried = null;
    byId('teach-tried', HTMLImageElement).hidden = this.#tried === null;
    if (this.#tried) await this.answer(this.#tried);
  }

  /** @param {File} file */
  async #answerFile(file) {
    clearNotices();
    try {
      await this.answer(await keptFile(file));
    } catch (error) {
      notify(`${file.name}: ${errorWords(error)}`);
    }
  }

  /** @param {Pick<Kept, 'bytes' | 'type'>} picture */
  async answer({ bytes, type }) {
    const classifier = this.#classifier;
    if (!classifier) return;
    this.#tried = { bytes, type };
    try {
      const { classes } = await classifier.predict({ encoded: new Uint8Array(bytes) }, { topK: classifier.info.labels.length, latest: true });
      if (classifier !== this.#classifier) return;
      const [top] = classes;
      this.#bars.show(classes);
      const output = any('teach-answer');
      const text = top ? words('photos.answer', { label: top.label, confidence: percent(top.confidence) }) : words('photos.blank');
      if (output.textContent !== text) output.textContent = text;
      const image = byId('teach-tried', HTMLImageElement);
      image.alt = words('teach.tried');
      const url = URL.createObjectURL(new Blob([bytes], { type }));
      image.onload = image.onerror = () => URL.revokeObjectURL(url);
      image.src = url;
      image.hidden = false;
    } catch (error) {
      if (!['superseded', 'closed'].includes(errorCode(error) ?? '')) notify(errorWords(error));
    }
  }
}
