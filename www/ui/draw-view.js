// The Draw view: what is on the pad goes to the network, what the network says goes on the page.
//
// At most one prediction is on its way; when it comes back and the drawing has changed meanwhile, the newest drawing goes.

import { any, button, byId, input, onFiles } from './dom.js';
import { ConfidenceBars } from './confidence-bars.js';
import { DrawPad } from './draw-pad.js';
import { count, percent } from './format.js';
import { clearNotices, errorCode, errorWords, notify } from './notices.js';
import { PixelPicture } from './pixel-picture.js';

/** @typedef {import('../lib/index.js').Classifier} Classifier */
/** @typedef {import('../lib/index.js').Prediction} Prediction */

/** Below this the second answer is named, too. */
const SURE = 0.6;

export class DrawView {
  #pad = byId('pad', DrawPad);
  #bars = byId('bars', ConfidenceBars);
  #seen = byId('seen', PixelPicture);
  #output = byId('top-prediction', HTMLOutputElement);
  #empty = any('answer-empty');
  /** @type {Classifier | null} */
  #classifier = null;
  /** What lies on the pad when it is a picture. @type {File | null} */
  #picture = null;
  #busy = false;
  #waiting = false;

  /**
   * @param {object} on
   * @param {(file: File) => void} on.network a network file was chosen
   * @param {() => void} on.builtIn back to the network that ships
   */
  constructor(on) {
    const undo = button('undo');
    const clear = button('clear');
    this.#pad.addEventListener('changed', () => {
      undo.disabled = !this.#pad.canUndo;
      clear.disabled = this.#pad.blank;
      this.#read();
    });
    undo.addEventListener('click', () => this.#pad.undo());
    clear.addEventListener('click', () => {
      this.#pad.clear();
      this.#pad.focus({ preventScroll: true, focusVisible: false });
    });
    onFiles(input('picture-file'), ([file]) => file && this.readPicture(file));
    onFiles(input('network-file'), ([file]) => file && on.network(file));
    button('network-builtin').addEventListener('click', on.builtIn);
    document.addEventListener('keydown', (event) => {
      if (any('view-draw').hidden || event.defaultPrevented) return;
      if (event.key === 'Escape') this.#pad.clear();
      if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === 'z') {
        event.preventDefault();
        this.#pad.undo();
      }
    });
    this.#bars.setLabels(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
  }

  /** @param {string} words shown while the pad has no answer */
  setStatus(words) {
    this.#empty.textContent = words;
  }

  /**
   * The network that reads from now on; what is on the pad is read again.
   * @param {Classifier} classifier
   * @param {string} name
   * @param {boolean} builtIn
   */
  setNetwork(classifier, name, builtIn) {
    this.#classifier = classifier;
    const { labels, nParameters } = classifier.info;
    this.#bars.setLabels(labels);
    any('network-name').textContent = name;
    any('network-facts').textContent = ` ${count(nParameters)} parameters`;
    button('network-builtin').hidden = builtIn;
    this.setStatus(labels.length === 10 ? 'Draw a digit from 0 to 9' : 'Draw something');
    if (this.#pad.hasPicture && this.#picture) this.readPicture(this.#picture);
    else this.#read();
  }

  /** Reads a picture file in place of a drawing. @param {File} file */
  async readPicture(file) {
    if (!this.#classifier) {
      notify('The network is still loading. Try the picture again in a moment.');
      return;
    }
    clearNotices();
    const classifier = this.#classifier;
    this.#pad.toggleAttribute('busy', true);
    try {
      const prediction = await classifier.predict(file, { topK: classifier.info.labels.length });
      this.#picture = file;
      this.#pad.showPicture(file, `The picture ${file.name}`);
      button('undo').disabled = button('clear').disabled = false;
      this.#show(prediction);
      if (prediction.blank) this.#output.textContent = 'No digit found in this picture';
    } catch (error) {
      if (errorCode(error) !== 'superseded') notify(`${file.name}: ${errorWords(error)}`);
    } finally {
      this.#pad.toggleAttribute('busy', false);
    }
  }

  /** Sends what is on the pad, unless something is on its way already. */
  async #read() {
    if (this.#pad.blank) this.#show(null);
    const classifier = this.#classifier;
    if (!classifier) return;
    if (this.#busy) {
      this.#waiting = true;
      return;
    }
    this.#busy = true;
    try {
      do {
        this.#waiting = false;
        const { strokes } = this.#pad;
        if (strokes.length === 0) break;
        const prediction = await classifier.predict({ strokes }, { latest: true, topK: classifier.info.labels.length });
        if (classifier === this.#classifier && !this.#pad.blank && !this.#pad.hasPicture) this.#show(prediction);
      } while (this.#waiting && classifier === this.#classifier);
    } catch (error) {
      const code = errorCode(error);
      if (code !== 'superseded' && code !== 'closed') notify(errorWords(error));
    } finally {
      this.#busy = false;
    }
    // A network that came meanwhile reads the drawing, too.
    if (this.#waiting) {
      this.#waiting = false;
      this.#read();
    }
  }

  /** @param {Prediction | null} prediction null: the pad is blank */
  #show(prediction) {
    const output = this.#output;
    const [top, second] = prediction?.classes ?? [];
    if (!prediction || prediction.blank || !top) {
      output.replaceChildren();
      delete output.dataset['label'];
      delete output.dataset['confidence'];
      this.#bars.show([]);
      this.#seen.show(null, 'Nothing drawn yet');
      return;
    }
    output.dataset['label'] = top.label;
    output.dataset['confidence'] = top.confidence.toFixed(4);
    const label = document.createElement('span');
    label.className = 'answer-label';
    label.textContent = top.label;
    const words = document.createElement('span');
    words.className = 'answer-words';
    const unsure = top.confidence < SURE && second ? `, or perhaps ${second.label}` : '';
    words.textContent = ` ${percent(top.confidence)} confidence${unsure}`;
    output.replaceChildren(label, words);
    this.#bars.show(prediction.classes);
    const { input: picture } = prediction;
    const size = picture ? `, ${picture.width} by ${picture.height} pixels` : '';
    this.#seen.show(picture, `The digit as the network sees it${size}`);
  }
}
