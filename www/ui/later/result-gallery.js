// What the trained network takes the validation examples for: a gallery of some of them, of a cell of the confusion
// matrix or of all mistakes, and a table of the classes. Clips are played.

import { className } from '../class-names.js';
import { any, button } from '../dom.js';
import { count, percent } from '../format.js';
import { make } from '../option-field.js';
import { canvasesOf } from '../picture-canvas.js';
import { words } from '../words.js';

/** Examples shown at once. */
const MOST = 24;
/** A label is doubted where the network is as sure as this of another class. */
const SURE = 0.8;
/** Milliseconds of a frame of a clip. */
const FRAME = 180;

/**
 * Frames one after the other in one canvas; all side by side where motion is not wanted.
 * @param {HTMLCanvasElement[]} frames
 */
function shown(frames) {
  const [first] = frames;
  if (frames.length < 2 || !first || matchMedia('(prefers-reduced-motion: reduce)').matches) {
    return make('div', { class: 'frames' }, ...frames);
  }
  const screen = make('canvas', {});
  screen.width = first.width;
  screen.height = first.height;
  let frame = 0;
  const timer = setInterval(() => {
    if (frame > 0 && !screen.isConnected) clearInterval(timer);
    else if (screen.checkVisibility()) screen.getContext('2d')?.drawImage(frames[frame % frames.length] ?? first, 0, 0);
    frame += 1;
  }, FRAME);
  return make('div', { class: 'frames' }, screen);
}

/** @typedef {import('../../lib/index.js').Classifier} Classifier */
/** @typedef {import('../../lib/index.js').Reading} Reading */

export class ResultGallery {
  #classifier;
  #readings;
  /** Galleries asked for: one that comes late does not replace a later one. */
  #turn = 0;

  /**
   * @param {Classifier} classifier
   * @param {Reading[]} readings
   */
  constructor(classifier, readings) {
    this.#classifier = classifier;
    this.#readings = readings;
    any('trials-part').hidden = readings.length === 0;
    button('show-mistakes').onclick = () => this.mistakes();
    button('show-doubtful').onclick = () => this.doubtful();
    button('show-doubtful').disabled = this.#doubted().length === 0;
    this.mistakes();
    this.#classes();
  }

  /** All mistakes, the most confident first; right answers where there is none. */
  mistakes() {
    const wrong = this.#readings.filter(({ classIndex, predicted }) => classIndex !== predicted);
    wrong.sort((a, b) => b.confidence - a.confidence);
    if (wrong.length > 0) return this.#show(wrong, words('train.mistakes', { n: wrong.length }));
    return this.#show(this.#readings, words('train.noMistakes'));
  }

  /** What it is sure to be of another class than its label says, the highest loss first. */
  #doubted() {
    const doubted = this.#readings.filter(({ classIndex, predicted, confidence }) => classIndex !== predicted && confidence >= SURE);
    return doubted.sort((a, b) => a.labelConfidence - b.labelConfidence);
  }

  /** Examples whose label is perhaps wrong. */
  doubtful() {
    const doubted = this.#doubted();
    return this.#show(doubted, words('train.doubtful', { n: doubted.length }), true);
  }

  /**
   * The examples of a cell of the confusion matrix.
   * @param {number} actual
   * @param {number} predicted
   */
  cell(actual, predicted) {
    const labels = this.#classifier.info.labels.map(className);
    const chosen = this.#readings.filter((reading) => reading.classIndex === actual && reading.predicted === predicted);
    chosen.sort((a, b) => (actual === predicted ? a.confidence - b.confidence : b.confidence - a.confidence));
    const values = { actual: labels[actual] ?? '', predicted: labels[predicted] ?? '', n: chosen.length };
    return this.#show(chosen, actual === predicted ? words('train.cellRight', values) : words('train.cell', values));
  }

  /**
   * @param {Reading[]} readings
   * @param {string} title
   * @param {boolean} [doubted] whether it is the labels that are in question
   */
  async #show(readings, title, doubted = false) {
    this.#turn += 1;
    const turn = this.#turn;
    const labels = this.#classifier.info.labels.map(className);
    const items = await Promise.all(
      readings.slice(0, MOST).map(async ({ index, classIndex, predicted, confidence, labelConfidence }) => {
        const { picture } = await this.#classifier.example(index);
        const right = classIndex === predicted;
        const label = labels[classIndex] ?? '';
        const read = make('span', { class: 'trial-read' }, `${right ? '✓' : '✗'} ${labels[predicted]}`);
        read.append(make('span', { class: 'trial-note' }, right ? ` ${percent(confidence)}` : doubted ? words('train.trialLabel', { label }) : words('train.trialIs', { label })));
        const values = { actual: label, predicted: labels[predicted] ?? '', share: percent(confidence), own: percent(labelConfidence, 1) };
        const title = doubted ? words('train.trialDoubt', values) : words('train.trial', values);
        return make('li', { 'data-right': String(right), 'data-example': String(index), title }, shown(canvasesOf(picture)), read);
      }),
    );
    if (turn !== this.#turn) return;
    any('trials-title').textContent = title;
    any('trials').replaceChildren(...items);
  }

  /** Precision, recall and F1 of each class. */
  #classes() {
    const labels = this.#classifier.info.labels.map(className);
    const rows = labels.map((label, class_) => {
      const actual = this.#readings.filter(({ classIndex }) => classIndex === class_).length;
      const predicted = this.#readings.filter((reading) => reading.predicted === class_).length;
      const right = this.#readings.filter((reading) => reading.predicted === class_ && reading.classIndex === class_).length;
      const [precision, recall] = [right / predicted, right / actual];
      const cells = [count(actual), percent(precision, 1), percent(recall, 1), percent((2 * right) / (actual + predicted), 1)];
      const row = make('tr', {}, make('th', { scope: 'row' }, label));
      row.append(...cells.map((text) => make('td', {}, text)));
      return row;
    });
    any('class-rows').replaceChildren(...rows);
  }
}
