// The Draw view: what is on the pad goes to the network, what the network says goes on the page.
//
// At most one prediction is on its way; when it comes back and the drawing has changed meanwhile, the newest drawing goes.

import { any, button, byId, input, onFiles } from './dom.js';
import { AnswerPanel } from './answer-panel.js';
import { CorrectPanel } from './correct-panel.js';
import { DrawPad } from './draw-pad.js';
import { clearNotices, errorCode, errorWords, notify } from './notices.js';
import { words } from './words.js';

/** @typedef {import('../lib/index.js').Classifier} Classifier */
/** @typedef {import('./answer-panel.js').Part} Part */

export class DrawView {
  #pad = byId('pad', DrawPad);
  #answer = new AnswerPanel((place) => this.#choose(place));
  #correct = new CorrectPanel({
    answer: () => {
      const part = this.#parts[this.#chosen];
      return part?.input ? { part, strokes: this.#pad.strokes } : null;
    },
    changed: () => this.#read(),
  });
  /** @type {Classifier | null} */
  #classifier = null;
  /** The digits on the pad. @type {Part[]} */
  #parts = [];
  #chosen = 0;
  #busy = false;
  #waiting = false;

  /**
   * @param {object} on
   * @param {(file: File) => void} on.network a network file was chosen
   * @param {() => void} on.builtIn back to the network that ships
   */
  constructor(on) {
    this.#pad.addEventListener('changed', () => {
      this.#setTools();
      this.#read();
    });
    this.#pad.addEventListener('boxchosen', (event) => this.#choose(/** @type {CustomEvent<number>} */ (event).detail));
    this.#pad.addEventListener('tool', () => this.#setTools());
    button('undo').addEventListener('click', () => this.#pad.undo());
    button('redo').addEventListener('click', () => this.#pad.redo());
    button('eraser').addEventListener('click', () => (this.#pad.erases = !this.#pad.erases));
    input('pen-width').addEventListener('input', () => (this.#pad.penWidth = Number(input('pen-width').value)));
    button('clear').addEventListener('click', () => {
      this.#pad.clear();
      this.#pad.focus({ preventScroll: true, focusVisible: false });
    });
    onFiles(input('picture-file'), ([file]) => file && this.readPicture(file));
    onFiles(input('network-file'), ([file]) => file && on.network(file));
    button('network-builtin').addEventListener('click', on.builtIn);
    document.addEventListener('keydown', (event) => this.#shortcut(event));
    this.#setTools();
  }

  /** The strokes of the digit whose confidences are shown; none of a picture. */
  get chosenInk() {
    const { ink } = this.#pad;
    const own = this.#parts[this.#chosen]?.strokes;
    return own ? ink.filter((_, place) => own.includes(place)) : ink;
  }

  /** @param {string} words shown while the pad has no answer */
  setStatus(words) {
    any('answer-empty').textContent = words;
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
    this.#answer.setLabels(labels);
    this.#correct.setNetwork(classifier);
    any('network-name').textContent = name;
    any('network-facts').textContent = ` ${words('draw.parameters', { n: nParameters })}`;
    any('network-measured').hidden = !builtIn;
    button('network-builtin').hidden = builtIn;
    this.setStatus(words(labels.length === 10 ? 'draw.drawDigits' : 'draw.drawSomething'));
    this.#read();
  }

  /** Reads a picture file in place of a drawing. @param {File} file */
  async readPicture(file) {
    const classifier = this.#classifier;
    if (!classifier) {
      notify(words('draw.stillLoading'));
      return;
    }
    clearNotices();
    this.#pad.toggleAttribute('busy', true);
    try {
      const prediction = await classifier.predict(file, { topK: classifier.info.labels.length });
      this.#pad.showPicture(file, words('draw.thePicture', { name: file.name }));
      this.#setTools();
      this.#show([prediction]);
      if (prediction.blank) this.#answer.say(words('draw.noDigitInPicture'));
    } catch (error) {
      if (errorCode(error) !== 'superseded') notify(`${file.name}: ${errorWords(error)}`);
    } finally {
      this.#pad.toggleAttribute('busy', false);
    }
  }

  /** @param {KeyboardEvent} event */
  #shortcut(event) {
    if (any('view-draw').hidden || event.defaultPrevented) return;
    if (event.key === 'Escape') this.#pad.clear();
    if (!event.ctrlKey && !event.metaKey) return;
    const key = event.key.toLowerCase();
    if (key !== 'z' && key !== 'y') return;
    event.preventDefault();
    if (key === 'z' && !event.shiftKey) this.#pad.undo();
    else this.#pad.redo();
  }

  #setTools() {
    const pad = this.#pad;
    button('undo').disabled = !pad.canUndo;
    button('redo').disabled = !pad.canRedo;
    button('clear').disabled = pad.blank;
    button('eraser').setAttribute('aria-pressed', String(pad.erases));
    input('pen-width').value = String(pad.penWidth);
  }

  /** Sends what is on the pad, unless something is on its way already. */
  async #read() {
    if (this.#pad.blank) this.#show([]);
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
        const { strokes, picture } = this.#pad;
        if (this.#pad.blank) break;
        const parts = await predictParts(classifier, picture, strokes);
        const same = (this.#pad.picture === picture) && !this.#pad.blank;
        if (classifier === this.#classifier && same) this.#show(parts);
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

  /** @param {Part[]} parts none: the pad is blank */
  #show(parts) {
    // The digit being drawn is what one wants to see: the newest.
    const newest = (/** @type {Part} */ part) => Math.max(-1, ...(part.strokes ?? []));
    const latest = parts.reduce((best, part, place) => (newest(part) > newest(parts[best] ?? part) ? place : best), 0);
    if (parts.length !== this.#parts.length || this.#pad.hasAttribute('drawing')) this.#chosen = latest;
    this.#parts = parts;
    this.#display();
  }

  /** @param {number} place of the digit whose confidences are shown */
  #choose(place) {
    this.#chosen = place;
    this.#display();
  }

  #display() {
    const parts = this.#parts;
    this.#chosen = Math.min(this.#chosen, Math.max(parts.length - 1, 0));
    this.#answer.show(parts, this.#chosen);
    const boxes = parts.flatMap((part, place) =>
      part.box && parts.length > 1 ? [{ ...part.box, label: this.#answer.shortOf(part), chosen: place === this.#chosen }] : [],
    );
    this.#pad.showBoxes(boxes);
    this.#correct.show(Boolean(parts[this.#chosen]?.input));
  }
}

/**
 * @param {Classifier} classifier
 * @param {File | null} picture
 * @param {{ x: number, y: number }[][]} strokes
 * @returns {Promise<Part[]>}
 */
async function predictParts(classifier, picture, strokes) {
  const { labels } = classifier.info;
  const topK = labels.length;
  if (picture) return [await classifier.predict(picture, { latest: true, topK })];
  // Classes of one sign each can stand in a row; a bow tie is one drawing, however many strokes it has.
  if (labels.some((label) => [...label].length !== 1)) return [await classifier.predict({ strokes }, { latest: true, topK })];
  return (await classifier.predictStrokes(strokes, { latest: true, topK })).parts;
}
