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
      if (!this.#ended) this.#server?.receive(clone);
    });
  }

  terminate() {
    this.#ended = true;
    void this.#server?.end();
    this.#server = null;
  }

  /** @param {WebAssembly.Module | null} module */
  async #start(module) {
    const { init, build, panicText, handlers } = this.#engine;
    try {
      if (!module) throw new Error('its wasm did not arrive');
      await init({ module_or_path: module });
      this.#server = new Server({ postMessage: (reply) => this.#reply(reply) }, handlers(), { panicText });
      if (panicText()) throw new Error(panicText());
      this.#server.ready(`${build()}-${LIB}`);
    } catch (error) {
      this.#reply({ type: 'crashed', message: error instanceof Error ? error.message : String(error) });
    }
  }

  /** @param {unknown} data */
  #reply(data) {
    queueMicrotask(() => {
      if (!this.#ended) this.dispatchEvent(new MessageEvent('message', { data }));
    });
  }
}
