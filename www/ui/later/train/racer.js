// One copy of the network in a race: its training, its curves, its row.

import { CurveSampler } from '../../curve-sampler.js';
import { duration, loss, percent } from '../../format.js';
import { errorCode, errorWords, notify } from '../../notices.js';
import { make } from '../../option-field.js';
import { PROPER } from '../../option-texts.js';
import { words } from '../../words.js';

/** @typedef {import('../../../lib/index.js').Classifier} Classifier */
/** @typedef {import('../../../lib/index.js').TrainOptions} TrainOptions */
/** @typedef {import('../../../lib/index.js').TrainProgress} TrainProgress */
/** @typedef {{ epoch: number, value: number }[]} Curve */

export class Racer {
  name;
  /** Of the style. */
  color;
  /** @type {Curve} */
  loss = [];
  /** @type {Curve} */
  accuracy = [];
  /** The best validation accuracy so far. @type {number | null} */
  best = null;
  row;
  #options;
  #sampler = new CurveSampler();
  #cells = [0, 1, 2, 3].map(() => make('td', {}, '–'));
  /** @type {Classifier | null} */
  #network = null;
  #stopped = false;

  /**
   * @param {string} optimizer
   * @param {number} learningRate
   * @param {TrainOptions} options all others
   * @param {string} color
   */
  constructor(optimizer, learningRate, options, color) {
    this.name = PROPER[optimizer] ?? optimizer;
    this.color = color;
    this.#options = { ...options, optimizer: /** @type {any} */ ({ type: optimizer }), learningRate, workers: 1 };
    const swatch = make('span', { class: 'run-swatch', 'aria-hidden': 'true' });
    swatch.style.setProperty('--run', `var(${color})`);
    const rate = make('span', { class: 'run-settings' }, words('train.raceRate', { rate: String(learningRate) }));
    this.row = make('tr', { 'data-racer': optimizer }, make('th', { scope: 'row' }, swatch, this.name, rate), ...this.#cells);
  }

  /**
   * Trains to the end, or until it is stopped.
   * @param {() => Promise<Classifier>} create
   * @param {() => void} changed called when there is more to show
   */
  async run(create, changed) {
    if (this.#stopped) return;
    try {
      this.#network = await create();
      if (this.#stopped) return;
      const result = await this.#network.train({ ...this.#options, onProgress: (progress) => this.#progress(progress, changed) });
      this.#told(result.history);
      this.#show(result);
      changed();
    } catch (error) {
      const code = errorCode(error);
      if (code === 'non-finite') this.#say(3, words('train.diverged'));
      else if (code !== 'closed' && code !== 'aborted') notify(errorWords(error));
    } finally {
      this.#network?.close();
      this.#network = null;
    }
  }

  async stop() {
    this.#stopped = true;
    try {
      await this.#network?.stop();
    } catch {
      // It has just ended, or not yet begun.
    }
  }

  /** Marks the row of the winner. @param {boolean} isBest */
  set isBest(isBest) {
    this.row.toggleAttribute('data-best', isBest);
    if (this.best !== null) this.#say(2, isBest ? words('train.bestOf', { share: percent(this.best, 2) }) : percent(this.best, 2));
  }

  /** @param {TrainProgress} progress @param {() => void} changed */
  #progress(progress, changed) {
    const point = this.#sampler.point(progress);
    if (point) this.loss.push({ epoch: point.epoch, value: point.loss });
    this.#told(progress.history);
    this.#show(progress);
    changed();
  }

  /** @param {TrainProgress['history']} history */
  #told(history) {
    for (const { epoch, validationAccuracy } of history) {
      if (validationAccuracy === undefined || epoch <= (this.accuracy.at(-1)?.epoch ?? 0)) continue;
      this.accuracy.push({ epoch, value: validationAccuracy });
      this.best = Math.max(this.best ?? 0, validationAccuracy);
      this.#say(2, percent(this.best, 2));
    }
  }

  /** @param {Pick<TrainProgress, 'epoch' | 'nEpochs' | 'loss' | 'milliseconds'>} progress */
  #show(progress) {
    this.#say(0, `${progress.epoch} / ${progress.nEpochs}`);
    this.#say(1, loss(progress.loss));
    this.#say(3, duration(progress.milliseconds / 1000));
  }

  /** @param {number} index @param {string} text */
  #say(index, text) {
    const cell = this.#cells[index];
    if (cell) cell.textContent = text;
  }
}
