// @ts-check
/** The package in Node: its workers are Node's threads, and addresses may be paths of files. */

import { Worker } from 'node:worker_threads';

import { fetchFile } from './node-files.js';
import { platform } from './platform.js';

export * from './index.js';

/** A thread that looks like a worker of the web. It keeps the program running only while a call is pending. */
class ThreadWorker extends EventTarget {
  #thread;
  #ended = false;

  /** @param {string} name */
  constructor(name) {
    super();
    this.#thread = new Worker(new URL('./node-worker.js', import.meta.url), { workerData: name, execArgv: [] });
    this.#thread.on('message', (data) => this.dispatchEvent(new MessageEvent('message', { data })));
    this.#thread.on('messageerror', () => this.dispatchEvent(new Event('messageerror')));
    this.#thread.on('error', (error) => this.#fail(error instanceof Error ? error.message : String(error)));
    this.#thread.on('exit', () => {
      if (!this.#ended) this.#fail('its thread ended');
    });
    this.#thread.unref(); // after the listeners, which would hold it again
  }

  /**
   * @param {unknown} message
   * @param {StructuredSerializeOptions} [options]
   */
  postMessage(message, options) {
    if (!this.#ended) this.#thread.postMessage(message, /** @type {any} */ (options?.transfer ?? []));
  }

  terminate() {
    this.#ended = true;
    void this.#thread.terminate();
  }

  /** @param {string} message */
  #fail(message) {
    this.dispatchEvent(Object.assign(new Event('error'), { message }));
  }
}

for (const name of /** @type {const} */ (['inference', 'training', 'generator', 'decode'])) {
  platform.workers[name] ??= () => new ThreadWorker(name);
}

platform.fetch = fetchFile;
