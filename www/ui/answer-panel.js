// What the network says of the pad: the answer, each digit of several, the bars, and the picture it saw.

import { className, named } from './class-names.js';
import { any, byId } from './dom.js';
import { ConfidenceBars } from './confidence-bars.js';
import { percent } from './format.js';
import { PixelPicture } from './pixel-picture.js';
import { verdictOf } from './verdict.js';
import { words } from './words.js';

/** @typedef {import('../lib/index.js').Prediction} Prediction */
/** One digit of the pad; a picture's has no strokes. @typedef {Prediction & Partial<import('../lib/index.js').StrokesPart>} Part */

/** In place of what the network has no name for. */
const UNKNOWN = '?';

export class AnswerPanel {
  #bars = byId('bars', ConfidenceBars);
  #seen = byId('seen', PixelPicture);
  #output = byId('top-prediction', HTMLOutputElement);
  #list = any('answer-parts');
  #areDigits = true;
  #onChoose;

  /** @param {(place: number) => void} onChoose a digit of several was chosen */
  constructor(onChoose) {
    this.#onChoose = onChoose;
    this.setLabels(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
  }

  /** @param {readonly string[]} labels */
  setLabels(labels) {
    this.#areDigits = labels.length === 10 && labels.every((label) => /^\d$/.test(label));
    this.#bars.setLabels(labels.map(className));
  }

  /** In place of an answer. @param {string} words */
  say(words) {
    this.#output.textContent = words;
  }

  /** The answer in one sign. @param {Part} part */
  shortOf(part) {
    return verdictOf(part).kind === 'none' ? UNKNOWN : className(part.classes[0]?.label ?? UNKNOWN);
  }

  /**
   * @param {Part[]} parts in the order of reading; none for a blank pad
   * @param {number} chosen the place of the one whose confidences are shown
   */
  show(parts, chosen) {
    const part = parts[chosen];
    const output = this.#output;
    this.#showList(parts, chosen);
    if (!part || part.blank || !part.classes[0]) {
      output.replaceChildren();
      for (const name of ['label', 'confidence', 'verdict']) delete output.dataset[name];
      this.#bars.show([]);
      this.#seen.show(null, words('draw.nothingYet'));
      return;
    }
    const several = parts.length > 1;
    const confidences = parts.map(({ classes }) => classes[0]?.confidence ?? 0);
    output.dataset['label'] = parts.map(({ classes }) => classes[0]?.label ?? '').join('');
    output.dataset['confidence'] = Math.min(...confidences).toFixed(4);
    output.dataset['verdict'] = several ? 'several' : verdictOf(part).kind;
    const [big, small] = several ? [parts.map((one) => this.shortOf(one)).join(''), words('draw.several', { n: parts.length })] : this.#oneAnswer(part);
    const label = document.createElement('span');
    label.className = 'answer-label';
    label.textContent = big;
    // Long ones are set smaller.
    label.style.setProperty('--length', String(Math.max(big.length, 1)));
    const text = document.createElement('span');
    text.className = 'answer-words';
    text.textContent = small;
    output.replaceChildren(label, ' ', text);
    this.#bars.show(named(part.classes));
    const { input: picture } = part;
    this.#seen.show(picture, picture ? words('draw.seenPicture', { width: picture.width, height: picture.height }) : words('draw.seen'));
  }

  /** @param {Part} part @returns {[string, string]} what to show large, and beside it */
  #oneAnswer(part) {
    const { kind, labels } = verdictOf(part);
    const [top] = part.classes;
    const confidence = percent(top?.confidence ?? 0);
    if (kind === 'none') return [UNKNOWN, words(this.#areDigits ? 'draw.notADigit' : 'draw.noneOfThese', { label: className(top?.label ?? '') })];
    if (kind === 'one') return [className(top?.label ?? ''), words('draw.confidence', { confidence })];
    const [a = '', b = '', c] = labels.map(className);
    return [c === undefined ? words('draw.either', { a, b }) : words('draw.eitherOf3', { a, b, c }), words('draw.notSure', { label: a, confidence })];
  }

  /** @param {Part[]} parts @param {number} chosen */
  #showList(parts, chosen) {
    const list = this.#list;
    list.hidden = parts.length < 2;
    if (list.hidden) return list.replaceChildren();
    while (list.children.length > parts.length) list.lastElementChild?.remove();
    parts.forEach((part, place) => {
      let button = /** @type {HTMLButtonElement | undefined} */ (list.children[place]);
      if (!button) {
        button = document.createElement('button');
        button.type = 'button';
        button.addEventListener('click', () => this.#onChoose(place));
        button.append(document.createElement('b'), ' ', document.createElement('span'));
        list.append(button);
      }
      const [sign, share] = button.children;
      const confidence = percent(part.classes[0]?.confidence ?? 0);
      if (sign) sign.textContent = this.shortOf(part);
      if (share) share.textContent = confidence;
      button.setAttribute('aria-pressed', String(place === chosen));
    });
  }
}
