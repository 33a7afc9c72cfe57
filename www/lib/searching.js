// @ts-check
/** A search of options in the worker: one training after the other, and the best once more on all examples. */

/** @typedef {import('./index.d.ts').SearchResult} SearchResult */
/** @typedef {import('./index.d.ts').SearchTrial} SearchTrial */
/** @typedef {import('./protocol.d.ts').EngineCalls} EngineCalls */

/**
 * The part of the engine that searches.
 * @typedef {object} Searcher
 * @property {(options: object) => void} startSearch
 * @property {(row: object) => SearchTrial} replayRow
 * @property {() => { row: SearchTrial, report: import('./training.js').Report } | undefined} startTrial
 * @property {(accuracy?: number) => SearchTrial} recordTrial
 * @property {() => { row: SearchTrial, report: import('./training.js').Report }} startBest
 */

/**
 * A trial as it is told.
 * @param {SearchTrial} row
 * @param {number} [milliseconds]
 * @returns {SearchTrial}
 */
function told(row, milliseconds = 0) {
  return { ...row, accuracy: row.accuracy ?? null, milliseconds };
}

/**
 * @param {import('./training.js').Trainer & Searcher} engine
 * @param {EngineCalls['search']['request']} request
 * @param {object} on
 * @param {(training: import('./training.js').Training) => void} on.training told of each training, which can be paused and stopped
 * @param {(message: EngineCalls['search']['progress']) => void} on.progress
 * @param {AbortSignal} on.signal
 * @param {object} from
 * @param {typeof import('./training.js').Training} from.Training
 * @param {() => number} [from.now] milliseconds
 * @returns {Promise<EngineCalls['search']['reply']>}
 */
export async function search(engine, { options, rows }, on, { Training, now }) {
  engine.startSearch(options);
  const trials = rows.map((row) => told(engine.replayRow(row), row.milliseconds));
  /** @param {{ row: SearchTrial, report: import('./training.js').Report }} begun @param {boolean} isBest */
  const train = ({ row, report }, isBest) => {
    const tell = (/** @type {import('./index.d.ts').TrainProgress} */ progress) =>
      on.progress({ trial: null, progress: { trial: told(row), isBest, training: progress } });
    const training = new Training(engine, {}, tell, { now, begun: report });
    on.training(training);
    return training.run(on.signal);
  };
  for (let next = engine.startTrial(); next; next = engine.startTrial()) {
    /** @type {import('./index.d.ts').TrainResult | null} */
    let result = null;
    try {
      ({ result } = await train(next, false));
    } catch (error) {
      // One that diverges is a row like the others.
      if (/** @type {any} */ (error)?.code !== 'non-finite') throw error;
    }
    if (result?.state === 'stopped') return { search: { trials, best: null, result: null }, checkpoint: null };
    const row = told(engine.recordTrial(result?.bestValidationAccuracy), result?.milliseconds);
    trials.push(row);
    on.progress({ trial: row, progress: null });
  }
  const begun = engine.startBest();
  const { result, checkpoint } = await train(begun, true);
  const best = trials.find(({ round, trial }) => round === begun.row.round && trial === begun.row.trial) ?? null;
  return { search: { trials, best, result }, checkpoint };
}
