// A photo of handwriting: a box around each digit, what is read as text, and the digit that was chosen.

import { ConfidenceBars } from '../../confidence-bars.js';
import { any, button, byId } from '../../dom.js';
import { percent } from '../../format.js';
import { notify } from '../../notices.js';
import { make } from '../../option-field.js';
import { PixelPicture } from '../../pixel-picture.js';
import { verdictOf } from '../../verdict.js';
import { words } from '../../words.js';

/** @typedef {import('../../../lib/index.js').PageDigit} PageDigit */
/** @typedef {import('../../../lib/index.js').PagePrediction} PagePrediction */
/** @typedef {{ left: number, top: number, right: number, bottom: number }} Box */

/** The longest side of the photo as shown, in pixels. */
const SHOWN = 1400;
/** How much of the photo is left around the writing, as a share of the longer side. */
const MARGIN = 0.06;
/** How far a box stands off its digit, as a share of its height. */
const OFF = 0.08;

/** The sign beside a box. @param {PageDigit} digit */
function signOf(digit) {
  const { kind, labels } = verdict(digit);
  if (kind === 'none') return '?';
  return kind === 'some' ? `${labels[0]}?` : (labels[0] ?? '');
}

/** As on the pad, but for what the row's company tells. @param {PageDigit} digit */
function verdict({ isDigit, ...prediction }) {
  return verdictOf({ ...prediction, novelty: isDigit ? null : 1 });
}

/** @param {PageDigit} digit @returns {string} */
function wordsFor(digit) {
  const { kind, labels } = verdict(digit);
  const [a = '', b = '', c] = labels;
  const confidence = percent(digit.classes[0]?.confidence ?? 0);
  if (kind === 'none') return words('draw.notADigit', { label: a });
  if (kind === 'one') return words('photos.answer', { label: a, confidence });
  const either = c === undefined ? words('draw.either', { a, b }) : words('draw.eitherOf3', { a, b, c });
  return `${either}: ${words('draw.notSure', { label: a, confidence })}`;
}

/** The part of the photo with the writing. @param {PagePrediction} page @returns {Box} */
function partOf({ width, height, rows }) {
  const boxes = rows.flatMap(({ digits }) => digits.map(({ box }) => box));
  if (boxes.length === 0) return { left: 0, top: 0, right: width, bottom: height };
  const margin = MARGIN * Math.max(width, height) + Math.max(...boxes.map(({ top, bottom }) => bottom - top));
  return {
    left: Math.max(0, Math.min(...boxes.map(({ left }) => left)) - margin),
    top: Math.max(0, Math.min(...boxes.map(({ top }) => top)) - margin),
    right: Math.min(width, Math.max(...boxes.map(({ right }) => right)) + margin),
    bottom: Math.min(height, Math.max(...boxes.map(({ bottom }) => bottom)) + margin),
  };
}

export class PaperPanel {
  #picture = any('paper-picture');
  #text = '';

  constructor() {
    button('paper-copy').addEventListener('click', () => this.#copy());
  }

  /**
   * @param {PagePrediction} page
   * @param {ImageBitmap} photo stays the caller's; of any size
   */
  show(page, photo) {
    const part = partOf(page);
    const digits = page.rows.flatMap((row) => row.digits);
    this.#text = page.rows.map(({ text }) => text).join('\n');
    byId('paper-text', HTMLOutputElement).textContent = this.#text;
    any('paper-read').hidden = any('photo-answers').hidden = digits.length === 0;
    any('paper-none').hidden = digits.length > 0;
    const scale = photo.width / page.width;
    const [width, height] = [part.right - part.left, part.bottom - part.top];
    const shrink = Math.min(1, SHOWN / (scale * Math.max(width, height)));
    const canvas = make('canvas', { 'aria-hidden': 'true' });
    canvas.width = Math.max(1, Math.round(scale * width * shrink));
    canvas.height = Math.max(1, Math.round(scale * height * shrink));
    canvas.getContext('2d')?.drawImage(photo, scale * part.left, scale * part.top, scale * width, scale * height, 0, 0, canvas.width, canvas.height);
    const boxes = digits.map((digit) => this.#boxOf(digit, part));
    this.#picture.replaceChildren(canvas, ...boxes);
    boxes[0]?.click();
  }

  /** Nothing yet. */
  clear() {
    this.#picture.replaceChildren();
    this.#text = '';
    for (const id of ['paper-read', 'paper-none', 'photo-answers']) any(id).hidden = true;
  }

  /** @param {PageDigit} digit @param {Box} part */
  #boxOf(digit, part) {
    const { box } = digit;
    const off = OFF * (box.bottom - box.top);
    const [width, height] = [part.right - part.left, part.bottom - part.top];
    const element = make('button', { type: 'button', class: 'paper-box', 'aria-pressed': 'false', 'aria-label': wordsFor(digit) });
    element.append(make('span', { 'aria-hidden': 'true' }, signOf(digit)));
    element.dataset['verdict'] = verdict(digit).kind;
    const places = {
      left: (box.left - off - part.left) / width,
      top: (box.top - off - part.top) / height,
      width: (box.right - box.left + 2 * off) / width,
      height: (box.bottom - box.top + 2 * off) / height,
    };
    for (const [name, share] of Object.entries(places)) element.style.setProperty(name, `${100 * share}%`);
    element.addEventListener('click', () => {
      for (const other of this.#picture.querySelectorAll('[aria-pressed="true"]')) other.setAttribute('aria-pressed', 'false');
      element.setAttribute('aria-pressed', 'true');
      const answer = byId('photo-answer', HTMLOutputElement);
      answer.textContent = wordsFor(digit);
      answer.dataset['label'] = digit.classes[0]?.label ?? '';
      byId('photo-bars', ConfidenceBars).show(digit.classes);
      byId('photo-seen', PixelPicture).show(digit.input, words('photos.seenLabel'));
    });
    return element;
  }

  async #copy() {
    try {
      await navigator.clipboard.writeText(this.#text);
      notify(words('photos.copied'), { kind: 'done' });
    } catch {
      getSelection()?.selectAllChildren(any('paper-text'));
      notify(words('photos.copyByKey'), { kind: 'done' });
    }
  }
}
