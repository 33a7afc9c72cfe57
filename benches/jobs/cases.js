// What is measured: each job's tasks, batches, optimizers and workers, and who takes part in which.

import { JOBS } from '../../www/bench/networks.js';

/**
 * @typedef {object} Measured
 * @property {import('./page/harness.js').Case} case
 * @property {(subject: import('./subjects.js').Subject) => boolean} takes
 */

/**
 * @param {string[]} jobs
 * @param {(task: string) => boolean} wanted
 * @returns {Measured[]}
 */
export function casesOf(jobs, wanted) {
  return [
    ...(wanted('predict') ? jobs.flatMap(predictions) : []),
    ...(wanted('train') ? jobs.filter((job) => JOBS[job]?.trains).flatMap(trainings) : []),
  ];
}

/** Networks that a subject of plain JavaScript computes in seconds. */
const SMALL = ['M1', 'M2'];

/** @param {string} job @returns {Measured[]} */
function predictions(job) {
  return (JOBS[job]?.batches ?? []).map((batch) => ({
    case: { job, task: 'predict', batch, workers: 1 },
    takes: ({ slow }) => !slow || (SMALL.includes(job) && batch === 1),
  }));
}

/** @param {string} job @returns {Measured[]} */
function trainings(job) {
  const cases = [];
  for (const optimizer of /** @type {const} */ (['adam', 'momentum'])) {
    for (const batch of [32, 64]) {
      for (const workers of [1, 2]) {
        cases.push({
          case: { job, task: /** @type {const} */ ('train'), optimizer, batch, workers },
          takes: (/** @type {import('./subjects.js').Subject} */ { name, trains, slow }) => {
            if (name === 'ocelli') return true;
            // The peers in the browser train on one thread; one optimizer tells enough of them.
            if (!trains || workers > 1 || optimizer !== 'adam') return false;
            return slow ? job === 'M1' && batch === 32 : true;
          },
              });
      }
    }
  }
  return cases;
}
