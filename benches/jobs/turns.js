// One case measured for all subjects in turns, so that whatever else the machine does meets all of them alike.

/**
 * @typedef {object} Runner
 * @property {string} name
 * @property {string} version
 * @property {boolean} [ourWeights]
 * @property {(task: any, warmUp: number) => Promise<{ milliseconds: number, outputs: number[] | null }>} prepare
 * @property {(budget: number) => Promise<{ calls: number, milliseconds: number }>} measure
 * @property {() => Promise<unknown>} release
 *
 * @typedef {{ warmUp: number, budget: number, rounds: number }} Pace
 *
 * @typedef {object} Row
 * @property {string} job
 * @property {string} task
 * @property {string} [optimizer]
 * @property {number} batch
 * @property {number} workers
 * @property {string} subject
 * @property {string} version
 * @property {string} unit
 * @property {number} median
 * @property {number} min
 * @property {number} max
 * @property {number} runs
 */

/** Of probabilities, where the weights are the same. */
const TOLERANCE = 2e-3;
/** A call this long is measured once. */
const SLOW = 2_000;

/**
 * @param {any} task
 * @param {Runner[]} runners
 * @param {Pace} pace
 * @param {number} nClasses
 * @param {(line: string) => void} tell
 * @returns {Promise<Row[]>}
 */
export async function measure(task, runners, pace, nClasses, tell) {
  /** @type {{ runner: Runner, times: number[], rounds: number }[]} */
  const ready = [];
  /** @type {number[] | null} */
  let ours = null;
  for (const runner of runners) {
    try {
      const { milliseconds, outputs } = await runner.prepare(task, pace.warmUp);
      if (task.task === 'predict') {
        check(outputs, task.batch, nClasses);
        if (runner.name === 'ocelli') ours = outputs;
        else if (runner.ourWeights && ours) compare(/** @type {number[]} */ (outputs), ours);
      }
      ready.push({ runner, times: [], rounds: milliseconds > SLOW ? 1 : pace.rounds });
    } catch (error) {
      tell(`${nameOf(task)}: ${runner.name} is left out: ${error instanceof Error ? error.message.split('\n')[0] : error}`);
      await runner.release().catch(() => {});
    }
  }
  for (let round = 0; round < pace.rounds; round += 1) {
    // Nobody always comes after the same neighbor.
    const order = ready.map((_, index) => ready[(index * (round % 2 ? ready.length - 1 : 1) + round) % ready.length]);
    for (const entry of order) {
      if (!entry || round >= entry.rounds) continue;
      const { calls, milliseconds } = await entry.runner.measure(pace.budget);
      if (calls > 0) entry.times.push(milliseconds / calls);
    }
  }
  await Promise.all(ready.map(({ runner }) => runner.release()));
  return ready.filter(({ times }) => times.length > 0).map(({ runner, times }) => ({
    ...task, subject: runner.name, version: runner.version, unit: 'ms', ...spread(times),
  }));
}

/** @param {number[]} values */
export function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (/** @type {number} */ index) => sorted[index] ?? NaN;
  const middle = (sorted.length - 1) / 2;
  const median = (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2;
  return { median: rounded(median), min: rounded(at(0)), max: rounded(at(sorted.length - 1)), runs: sorted.length };
}

/** To four digits. @param {number} value */
const rounded = (value) => Number(value.toPrecision(4));

/** @param {any} task */
export function nameOf({ job, task, optimizer, batch, workers }) {
  return `${job} ${task}${optimizer ? ` ${optimizer}` : ''} batch ${batch}${workers > 1 ? ` workers ${workers}` : ''}`;
}

/** @param {number[] | null} outputs @param {number} batch @param {number} nClasses */
function check(outputs, batch, nClasses) {
  if (outputs?.length !== batch * nClasses) throw new Error(`${outputs?.length} outputs instead of ${batch * nClasses}`);
  if (!outputs.every(Number.isFinite)) throw new Error('an output is no number');
}

/** @param {number[]} outputs @param {number[]} ours */
function compare(outputs, ours) {
  const worst = outputs.reduce((most, value, index) => Math.max(most, Math.abs(value - (ours[index] ?? NaN))), 0);
  if (!(worst <= TOLERANCE)) throw new Error(`with the same weights its probabilities are ${worst} away from ours`);
}
