// The training curve as a chart can show it: from a stream of running means to a moderate number of points.

/** @typedef {import('../lib/index.js').TrainProgress} TrainProgress */

/** Points of the training curve in a whole run. */
const N_POINTS = 160;

export class CurveSampler {
  /** Where the current point of the curve began. */
  #from = { epoch: 1, stepInEpoch: 0, loss: 0, accuracy: 0 };

  /**
   * A point of the training curve when enough batches have gone by: the mean over just these batches, worked out from
   * the running means of the epoch.
   * @param {TrainProgress} progress
   * @returns {{ epoch: number, loss: number, accuracy: number } | null}
   */
  point(progress) {
    const { epoch, stepInEpoch, stepsPerEpoch, loss, accuracy } = progress;
    if (epoch !== this.#from.epoch) this.#from = { epoch, stepInEpoch: 0, loss: 0, accuracy: 0 };
    const from = this.#from;
    const steps = stepInEpoch - from.stepInEpoch;
    const least = Math.max(1, Math.floor(progress.nSteps / N_POINTS));
    if (steps < least || !Number.isFinite(loss) || !Number.isFinite(accuracy)) return null;
    const point = {
      epoch: epoch - 1 + (stepInEpoch - steps / 2) / stepsPerEpoch,
      loss: Math.max(0, (loss * stepInEpoch - from.loss * from.stepInEpoch) / steps),
      accuracy: Math.min(1, Math.max(0, (accuracy * stepInEpoch - from.accuracy * from.stepInEpoch) / steps)),
    };
    this.#from = { epoch, stepInEpoch, loss, accuracy };
    return point;
  }
}
