// @ts-check
/** Stands in for a worker where there is none: the engine computes in the thread that calls it. */

import { Server } from './server.js';
import { LIB } from './pkg/build.js';

/**
 * One engine, as its wasm-bindgen module has it: one instance for the whole thread.
 * @typedef {object} Engine
 * @property {(options: { module_or_path: WebAssembly.Module }) => Promise<unknown>} init
 * @property {() => string} build
 * @property {() => string | undefined} panicText
 * @property {() => import('./protocol.d.ts').Handlers<any>} handlers
 */

/** Messages are cloned or transferred and arrive later, as a worker's do. */
export class InThread extends EventTarget {
  #engine;
  #ended = false;
  /** @type {Server<any> | null} */
  #server = null;
  /** Calls that are not answered yet, by their id. @type {Set<number>} */
  #pending = new Set();
  /** Frees what the engine's handlers hold. */
  #release = () => {};

  /** @param {Engine} engine */
  constructor(engine) {
    super();
    this.#engine = engine;
  }

  /**
   * @param {any} message
   * @param {StructuredSerializeOptions} [options]
   */
  postMessage(message, options) {
    if (message.type === 'engine') {
      this.#start(message.module);
      return;
    }
    const clone = structuredClone(message, options);
    queueMicrotask(() => {
      if (this.#ended || !this.#server) return;
      if ('id' in clone && clone.type !== 'cancel') this.#pending.add(clone.id);
      this.#server.receive(clone);
    });
  }

  /** No worker ends and takes its memory along: what runs is canceled, and when it has ended, what the engine holds is freed. */
  terminate() {
    if (this.#ended) return;
    this.#ended = true;
    for (const id of this.#pending) this.#server?.receive({ type: 'cancel', id });
    if (this.#pending.size === 0) this.#release();
  }

  /** @param {WebAssembly.Module | null} module */
  async #start(module) {
    const { init, build, panicText, handlers } = this.#engine;
    try {
      if (!module) throw new Error('its wasm did not arrive');
      await init({ module_or_path: module });
      const made = handlers();
      this.#server = new Server({ postMessage: (reply) => this.#reply(reply) }, made, { panicText });
      this.#release = () => /** @type {any} */ (made).release?.();
      if (panicText()) throw new Error(panicText());
      this.#server.ready(`${build()}-${LIB}`);
    } catch (error) {
      this.#reply({ type: 'crashed', message: error instanceof Error ? error.message : String(error) });
    }
  }

  /** @param {any} data */
  #reply(data) {
    // One that crashed answers nothing more, and nobody knows what could be freed.
    if (data.type === 'crashed') this.#release = () => {};
    if (data.type === 'done' || data.type === 'failed') this.#pending.delete(data.id);
    if (this.#ended && this.#pending.size === 0) this.#release();
    queueMicrotask(() => {
      if (!this.#ended) this.dispatchEvent(new MessageEvent('message', { data }));
    });
  }
}
