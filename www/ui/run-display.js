// What is seen of a run: figures, curves, the table of epochs.

import { CurveChart } from './curve-chart.js';
import { CurveSampler } from './curve-sampler.js';
import { any, byId } from './dom.js';
import { count, duration, loss, percent } from './format.js';
import { words } from './words.js';

/** @typedef {import('../lib/index.js').TrainProgress} TrainProgress */
/** @typedef {TrainProgress['history'][number]} EpochResult */

export class RunDisplay {
  #sampler = new CurveSampler();
  /** @type {TrainProgress | null} */
  #latest = null;
  #frame = 0;
  #epochsShown = 0;
  /** @type {number | null} */
  #best = null;

  /** Whether a run has been seen. */
  get any() {
    return this.#latest !== null;
  }

  /** Of the run seen last; 0 until known. */
  get imagesPerSecond() {
    return this.#latest?.imagesPerSecond ?? 0;
  }

  /** The best validation accuracy so far, and the time spent. */
  get summary() {
    return { best: this.#best, seconds: (this.#latest?.milliseconds ?? 0) / 1000 };
  }

  /** @param {number} nEpochs of the run that begins */
  clear(nEpochs) {
    this.#sampler = new CurveSampler();
    this.#latest = null;
    this.#epochsShown = 0;
    this.#best = null;
    any('epoch-rows').replaceChildren();
    any('epochs-card').hidden = true;
    any('result').hidden = true;
    for (const id of ['epoch', 'loss', 'accuracy', 'validation', 'speed', 'left']) any(`fig-${id}`).textContent = '–';
    byId('run-progress', HTMLProgressElement).value = 0;
    for (const id of ['run-progress', 'figures']) any(id).hidden = false;
    byId('chart-loss', CurveChart).reset(nEpochs);
    byId('chart-accuracy', CurveChart).reset(nEpochs);
  }

  /**
   * @param {TrainProgress} progress
   * @returns {string | null} words on an epoch that ended
   */
  progress(progress) {
    this.#latest = progress;
    const point = this.#sampler.point(progress);
    if (point) {
      byId('chart-loss', CurveChart).add({ epoch: point.epoch, training: point.loss, validation: null });
      byId('chart-accuracy', CurveChart).add({ epoch: point.epoch, training: point.accuracy, validation: null });
    }
    const told = this.epochs(progress.history ?? []);
    if (this.#frame === 0) {
      this.#frame = requestAnimationFrame(() => {
        this.#frame = 0;
        this.render();
      });
    }
    return told;
  }

  /**
   * @param {readonly EpochResult[]} history epochs that ended, some of them shown already
   * @returns {string | null} words on the last one
   */
  epochs(history) {
    let told = null;
    for (const entry of history) {
      if (entry.epoch > this.#epochsShown) told = this.#addEpoch(entry) ?? told;
    }
    return told;
  }

  /** @param {EpochResult} entry */
  #addEpoch(entry) {
    this.#epochsShown = entry.epoch;
    const { validationLoss = null, validationAccuracy = null } = entry;
    byId('chart-loss', CurveChart).add({ epoch: entry.epoch, training: null, validation: validationLoss });
    byId('chart-accuracy', CurveChart).add({ epoch: entry.epoch, training: null, validation: validationAccuracy });
    const row = document.createElement('tr');
    const head = document.createElement('th');
    head.scope = 'row';
    head.textContent = String(entry.epoch);
    row.append(head);
    const cells = [
      loss(entry.loss),
      percent(entry.accuracy, 2),
      validationLoss === null ? '–' : loss(validationLoss),
      validationAccuracy === null ? '–' : percent(validationAccuracy, 2),
    ];
    for (const text of cells) row.insertCell().textContent = text;
    any('epoch-rows').append(row);
    any('epochs-card').hidden = false;
    if (validationAccuracy === null) return null;
    this.#best = Math.max(this.#best ?? 0, validationAccuracy);
    any('fig-validation').textContent = percent(validationAccuracy, 2);
    return words('train.epochDone', { n: entry.epoch, share: percent(validationAccuracy, 2) });
  }

  render() {
    const progress = this.#latest;
    if (!progress) return;
    const { imagesPerSecond, secondsLeft } = progress;
    const bar = byId('run-progress', HTMLProgressElement);
    const epochs = progress.epoch - 1 + progress.nExamplesInEpoch / (progress.nExamplesPerEpoch || 1);
    bar.value = epochs / (progress.nEpochs || 1);
    any('fig-epoch').textContent = `${progress.epoch} / ${progress.nEpochs}`;
    any('fig-loss').textContent = loss(progress.loss);
    any('fig-accuracy').textContent = percent(progress.accuracy, 1);
    if (imagesPerSecond > 0) any('fig-speed').textContent = count(imagesPerSecond);
    any('fig-left').textContent = duration(progress.step >= progress.nSteps ? 0 : (secondsLeft ?? NaN));
  }
}
