// The run that this browser keeps: put aside while it trains, and offered to be gone on with after a reload.

import { any, button } from './dom.js';
import { errorWords, notify } from './notices.js';
import { RunStore } from './run-store.js';
import { words } from './words.js';

/** @typedef {import('./run-store.js').KeptRun} KeptRun */

/** Held by the tab whose run is kept: there is one. */
const LOCK = 'ocelli-run';

/** @type {Promise<boolean> | null} */
let holding = null;

/** Whether this tab is the one whose runs are kept. It stays so until it is closed. */
function hold() {
  holding ??= new Promise((resolve) => {
    if (!navigator.locks) return resolve(true);
    navigator.locks
      .request(LOCK, { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        if (lock === null) holding = null;
        return lock ? new Promise(() => {}) : undefined;
      })
      .catch(() => resolve(false));
  });
  return holding;
}

export class RunKeeper {
  #store = new RunStore();
  /** Whether the run under way is being kept. */
  #keeps = false;
  /** @type {{ run: KeptRun, states: ArrayBuffer[] } | null} */
  #found = null;

  /** @param {(run: KeptRun, states: ArrayBuffer[]) => void} goOn */
  constructor(goOn) {
    button('kept-go-on').addEventListener('click', () => {
      const found = this.#found;
      this.#hide();
      if (found) goOn(found.run, found.states);
    });
    button('kept-forget').addEventListener('click', () => {
      this.#hide();
      this.forget();
    });
  }

  /** Looks for a run that was interrupted, and offers it. */
  async offer() {
    try {
      if (!(await hold())) return;
      this.#found = await this.#store.find();
      if (!this.#found) return;
      any('kept-words').textContent = words('train.keptWords', { name: this.#found.run.name });
      any('kept').hidden = false;
    } catch {
      // Without a store there is nothing to go on with.
    }
  }

  /** Keeps the run that begins. @param {KeptRun} run */
  async begin(run) {
    this.#hide();
    this.#keeps = false;
    delete any('view-train').dataset['kept'];
    try {
      if (!(await hold())) return;
      await this.#store.begin(run);
      this.#keeps = true;
    } catch {
      // A browser that keeps nothing (a private window, a full disk) trains all the same.
    }
  }

  /** Goes on keeping the run that was found. */
  again() {
    this.#keeps = true;
  }

  /** @param {ArrayBuffer} state */
  async keep(state) {
    if (!this.#keeps) return;
    try {
      await this.#store.keep(state);
      any('view-train').dataset['kept'] = String(Number(any('view-train').dataset['kept'] ?? 0) + 1);
    } catch (error) {
      this.#keeps = false;
      notify(words('train.notKept', { why: errorWords(error) }));
    }
  }

  /** The run ended, or is not wanted. */
  async forget() {
    this.#keeps = false;
    await this.#store.forget().catch(() => undefined);
  }

  #hide() {
    this.#found = null;
    any('kept').hidden = true;
  }
}
