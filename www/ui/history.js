// What was there before, and what was taken back: for undo and redo.

/** Older states than this are forgotten. */
const MOST = 200;

/** @template State */
export class History {
  /** @type {State[]} */
  #past = [];
  /** @type {State[]} */
  #future = [];

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  /** The state about to be changed; what had been taken back is gone. @param {State} now */
  keep(now) {
    this.#past.push(now);
    if (this.#past.length > MOST) this.#past.shift();
    this.#future = [];
  }

  /** Whether the state kept last is like this. @param {(state: State) => boolean} like */
  isLast(like) {
    const last = this.#past.at(-1);
    return last !== undefined && like(last);
  }

  /** Forgets the state kept last, of which nothing became. */
  drop() {
    this.#past.pop();
  }

  /** @param {State} now @returns {State | undefined} the state before */
  undo(now) {
    const before = this.#past.pop();
    if (before !== undefined) this.#future.push(now);
    return before;
  }

  /** @param {State} now @returns {State | undefined} the state that was taken back last */
  redo(now) {
    const after = this.#future.pop();
    if (after !== undefined) this.#past.push(now);
    return after;
  }
}
