// The training curve as a chart can show it: from a stream of running means to a moderate number of points.

/** @typedef {import('../lib/index.js').TrainProgress} TrainProgress */

/** Points of the training curve in a whole run. */
const N_POINTS = 160;

export class CurveSampler {
  /** Where the current point of the curve began. */
  #from = { epoch: 1, step: 0, n: 0, loss: 0, accuracy: 0 };

  /**
   * A point of the training curve when enough batches have gone by: the mean over just their examples, worked out from
   * the running means of the epoch. Batches may change their size.
   * @param {TrainProgress} progress
   * @returns {{ epoch: number, loss: number, accuracy: number } | null}
   */
  point(progress) {
    const { epoch, stepInEpoch: step, nExamplesInEpoch: n, nExamplesPerEpoch, loss, accuracy } = progress;
    if (epoch !== this.#from.epoch) this.#from = { epoch, step: 0, n: 0, loss: 0, accuracy: 0 };
    const from = this.#from;
    const least = Math.max(1, Math.floor(progress.nSteps / N_POINTS));
    if (step - from.step < least || !Number.isFinite(loss) || !Number.isFinite(accuracy)) return null;
    const examples = n - from.n;
    const point = {
      epoch: epoch - 1 + (n - examples / 2) / nExamplesPerEpoch,
      loss: Math.max(0, (loss * n - from.loss * from.n) / examples),
      accuracy: Math.min(1, Math.max(0, (accuracy * n - from.accuracy * from.n) / examples)),
    };
    this.#from = { epoch, step, n, loss, accuracy };
    return point;
  }
}
