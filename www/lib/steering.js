// @ts-check
/** What is done to a training under way, beside pausing and ending it. */

import { ClassifierError } from './errors.js';

/** @typedef {import('./index.d.ts').TrainProgress} TrainProgress */
/** @typedef {import('./training.js').Training} Training */

/**
 * Trains one batch, or up to the end of the epoch.
 * @param {Training} training
 * @param {'batch' | 'epoch'} [of]
 * @returns {Promise<TrainProgress>}
 */
export async function step(training, of = 'batch') {
  if (!training.isPaused) throw new ClassifierError('state', 'A single step needs the training to be paused first.');
  if (of === 'epoch') {
    /** @type {Promise<void>} */
    const halt = new Promise((resolve) => {
      training.onHalt = resolve;
    });
    training.resume();
    training.pausesAtEpochEnd = true;
    await halt;
    return training.progress();
  }
  await training.slice(0);
  const progress = training.progress();
  if (progress.state === 'finished') training.resume();
  return progress;
}

/**
 * Other options from the next batch on.
 * @param {Training} training
 * @param {import('./index.d.ts').TrainChanges} changes
 * @returns {Promise<TrainProgress>}
 */
export function change(training, changes) {
  return training.between((engine, helpers) => {
    const progress = training.changed(engine.changeTraining(changes));
    helpers.change(changes);
    return progress;
  });
}
