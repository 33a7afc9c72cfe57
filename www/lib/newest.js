// @ts-check
/** For live drawing: one call at a time, and of those waiting only the newest. */

import { ClassifierError } from './errors.js';

export class NewestWins {
  #busy = false;
  /** @type {{ task: () => Promise<any>, resolve: (value: any) => void, reject: (error: unknown) => void } | null} */
  #waiting = null;

  /**
   * Runs `task` when the one before it is done, unless a newer one comes until then: it then rejects with code
   * `superseded`.
   * @template T
   * @param {() => Promise<T>} task
   * @returns {Promise<T>}
   */
  run(task) {
    return new Promise((resolve, reject) => {
      this.#waiting?.reject(new ClassifierError('superseded', 'A newer picture took the place of this one.'));
      this.#waiting = { task, resolve, reject };
      if (!this.#busy) this.#next();
    });
  }

  async #next() {
    const entry = this.#waiting;
    if (!entry) return;
    this.#waiting = null;
    this.#busy = true;
    try {
      entry.resolve(await entry.task());
    } catch (error) {
      entry.reject(error);
    }
    this.#busy = false;
    this.#next();
  }
}
