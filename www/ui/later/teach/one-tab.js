// One tab keeps the project: the one that came first, or that was told to. The others say so, and keep nothing.

const LOCK = 'ocelli-teach';
/** How long to wait for the lock until it counts as another tab's, in ms. */
const PATIENCE = 500;

export class OneTab {
  /** Whether this tab is the one. */
  isThis = true;
  /** Whether it was asked. */
  isAsked = false;
  #onLost;

  /** @param {() => void} onLost another tab is the one from now on */
  constructor(onLost) {
    this.#onLost = onLost;
  }

  /**
   * Asks to be the one, until the tab is closed or another takes it over.
   * @param {{ over?: boolean }} [how] `over`: from whoever it is
   * @returns {Promise<boolean>} whether it is
   */
  take({ over = false } = {}) {
    this.isAsked = true;
    // Without locks every tab has to trust that it is alone.
    if (!navigator.locks) return Promise.resolve(true);
    // A page that is being left, as by a reload, holds on a moment longer.
    const options = over ? { steal: true } : { signal: AbortSignal.timeout(PATIENCE) };
    let isGiven = false;
    return new Promise((resolve) => {
      navigator.locks
        .request(LOCK, options, () => {
          isGiven = this.isThis = true;
          resolve(true);
          return new Promise(() => {});
        })
        .catch(() => {
          this.isThis = false;
          if (isGiven) this.#onLost();
          else resolve(false);
        });
    });
  }
}
