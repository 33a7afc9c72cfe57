// Pictures on their way into the project: how many are there, and a way to stop.

import { any, button, byId } from '../../dom.js';
import { words } from '../../words.js';

export class ArrivalBar {
  /** @type {Set<AbortController>} */
  #running = new Set();

  constructor() {
    button('teach-adding-cancel').addEventListener('click', () => this.#running.forEach((one) => one.abort()));
  }

  /** Of `n` more pictures; shown when it is first told that some are done. @param {number} n */
  begin(n) {
    const controller = new AbortController();
    this.#running.add(controller);
    return {
      signal: controller.signal,
      /** @param {number} done */
      tell: (done) => {
        any('teach-adding').hidden = false;
        byId('teach-adding-share', HTMLProgressElement).value = done / n;
        any('teach-adding-state').textContent = words('teach.adding', { done, n });
      },
      end: () => {
        this.#running.delete(controller);
        if (this.#running.size === 0) any('teach-adding').hidden = true;
      },
    };
  }
}
