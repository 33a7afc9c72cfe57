/** Joins a Connection to a Server in one thread: a stand-in for a worker. */

import { Server } from '../../www/lib/server.js';

/** Messages arrive in order, later, as clones; after `terminate` none do. */
export class FakeWorker extends EventTarget {
  /** What the page sent. */
  received = [];
  terminated = false;
  /** Called with each message of the page. */
  onmessage = () => {};

  postMessage(message, options) {
    if (message.type === 'engine') return; // there is none
    const clone = structuredClone(message, options);
    this.received.push(clone);
    queueMicrotask(() => {
      if (!this.terminated) this.onmessage(clone);
    });
  }

  /** As the worker's own postMessage. */
  reply(message, options) {
    const clone = structuredClone(message, options);
    queueMicrotask(() => {
      if (!this.terminated) this.dispatchEvent(new MessageEvent('message', { data: clone }));
    });
  }

  terminate() {
    this.terminated = true;
  }
}

/**
 * A start function whose workers serve these handlers; each worker started is kept in `workers`.
 * @param {() => object} makeHandlers
 * @param {{ build?: string, panicText?: () => string | undefined, ready?: boolean }} [options]
 */
export function workersWith(makeHandlers, { build = 'b1', panicText = () => undefined, ready = true } = {}) {
  const workers = [];
  const start = () => {
    const worker = new FakeWorker();
    const server = new Server({ postMessage: (...message) => worker.reply(...message) }, makeHandlers(), { panicText });
    worker.onmessage = (message) => server.receive(message);
    if (ready) server.ready(build);
    workers.push(worker);
    return worker;
  };
  return { start, workers };
}

/** A promise with its ends outside. */
export function deferred() {
  let resolve, reject;
  const promise = new Promise((yes, no) => ([resolve, reject] = [yes, no]));
  return { promise, resolve, reject };
}
