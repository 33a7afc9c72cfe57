// Measures the package as an app uses it: every call goes to the worker and back.

import { BUILD, Classifier } from '../lib/index.js';
import { idx } from './idx.js';
import { JOBS, networkOf, pictures, specOf } from './networks.js';

/**
 * @typedef {{ job: string, task: 'predict' | 'train', batch: number, workers: number }} Case
 *
 * @typedef {Case & { subject: string, version: string, unit: string, median: number, min: number, max: number, runs: number }} Row
 */

/** All in milliseconds. */
const PACE = { warmUp: 600, run: 250 };
const RUNS = 5;
/** Pictures of a training's data set. */
const N_EXAMPLES = 1024;

/**
 * What there is to measure on this device.
 * @param {string[]} jobs
 * @returns {Case[]}
 */
export function casesOf(jobs) {
  const workers = (navigator.hardwareConcurrency ?? 1) > 1 ? [1, 2] : [1];
  return jobs.flatMap((job) => {
    const { batches, trains } = JOBS[job] ?? { batches: [], trains: false };
    const predictions = batches.map((batch) => ({ job, task: /** @type {const} */ ('predict'), batch, workers: 1 }));
    const sizes = trains ? [32, 64] : [];
    const trainings = sizes.flatMap((batch) =>
      workers.map((n) => ({ job, task: /** @type {const} */ ('train'), batch, workers: n })),
    );
    return [...predictions, ...trainings];
  });
}

/**
 * @param {Case} task
 * @param {AbortSignal} signal
 * @returns {Promise<Row>}
 */
export async function measure(task, signal) {
  const classifier = await Classifier.create(specOf(networkOf(task.job)), { signal });
  try {
    const run = task.task === 'train' ? await trainer(classifier, task) : predictor(classifier, task);
    await run(PACE.warmUp, signal);
    const times = [];
    for (let turn = 0; turn < RUNS; turn += 1) times.push(await run(PACE.run, signal));
    times.sort((a, b) => a - b);
    const digits = (/** @type {number | undefined} */ value) => Number((value ?? NaN).toPrecision(4));
    const [median, min, max] = [times[RUNS >> 1], times[0], times.at(-1)].map(digits);
    const figures = { median: median ?? NaN, min: min ?? NaN, max: max ?? NaN, runs: RUNS };
    return { ...task, subject: 'ocelli', version: `build ${BUILD}`, unit: 'ms', ...figures };
  } finally {
    classifier.close();
  }
}

/**
 * A function that predicts for a while and returns the milliseconds of one call.
 * @param {Classifier} classifier
 * @param {Case} task
 */
function predictor(classifier, { job, batch }) {
  const [height, width, channels] = networkOf(job).inputShape;
  const { bytes: data } = pictures([height, width, channels], batch);
  return async (/** @type {number} */ milliseconds, /** @type {AbortSignal} */ signal) => {
    const start = performance.now();
    for (let calls = 1; ; calls += 1) {
      if (batch === 1) await classifier.predict({ data, width, height, channels }, { signal });
      else await classifier.predictBatch(data, { signal });
      const spent = performance.now() - start;
      if (spent >= milliseconds) return spent / calls;
    }
  };
}

/**
 * Starts a training that stands still; the function lets it go on for a while and returns the milliseconds of a step.
 * @param {Classifier} classifier
 * @param {Case} task
 */
async function trainer(classifier, { job, batch, workers }) {
  await classifier.setDataset(idx(networkOf(job).inputShape, N_EXAMPLES));
  const training = classifier.train({ epochs: 10_000, batchSize: batch, workers, validationSplit: 0 });
  training.catch(() => {}); // it ends when the classifier is closed
  let { step } = await classifier.pause();
  return async (/** @type {number} */ milliseconds, /** @type {AbortSignal} */ signal) => {
    signal.throwIfAborted();
    for (;;) {
      const start = performance.now();
      await classifier.resume();
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      const progress = await classifier.pause();
      const steps = progress.step - step;
      step = progress.step;
      if (steps > 0) return (performance.now() - start) / steps;
      signal.throwIfAborted();
    }
  };
}
