// @ts-check
/**
 * One worker's life, seen from the page: its calls, their deadlines, its death.
 *
 * Every call settles. A worker may die without any event, so a call that is pending keeps a heartbeat going.
 */

import { ClassifierError, abortError, textOf } from './errors.js';

/** All in milliseconds. */
export const DEADLINES = {
  /** From the start of the worker to its `ready`: script and wasm have to arrive. */
  ready: 30_000,
  /** From a cancel to the call's end; then the worker is ended. */
  cancel: 2_000,
  /** Between two looks at a silent worker. */
  heartbeat: 2_000,
  /** Silence, heartbeats unanswered, after which a worker counts as dead. */
  silence: 10_000,
  /** The same while a call is pending that may compute long in one piece, until its pace is known. */
  longSilence: 60_000,
};

/** A worker that reports regularly is given this many times its longest silence so far. */
const PATIENCE = 20;

/** Calls of a single picture. Any other may compute long in one piece: reading a large file, one step on a large batch, learning. */
const QUICK_CALLS = new Set(['predict', 'predictStrokes']);

/**
 * @typedef {object} WorkerLike what is needed of a Worker
 * @property {(message: any, options?: StructuredSerializeOptions) => void} postMessage
 * @property {() => void} terminate
 * @property {(type: any, listener: (event: any) => void) => void} addEventListener
 * @property {(event: Event) => boolean} [dispatchEvent]
 */

/**
 * @typedef {object} PendingCall
 * @property {string} type
 * @property {object} message
 * @property {Transferable[]} transfer
 * @property {(value: any) => void} resolve
 * @property {(error: ClassifierError) => void} reject
 * @property {((value: any) => void) | undefined} onProgress
 * @property {AbortSignal | undefined} signal
 * @property {() => void} onAbort
 * @property {ReturnType<typeof setTimeout> | undefined} cancelTimer
 * @property {number} nReports progress told so far
 */

/** @template {import('./protocol.d.ts').CallTable<Calls>} Calls */
export class Connection {
  /** Resolves when the worker is ready; rejects with code `startup` or `build` when it never will be.
   * @type {Promise<void>} */
  ready;

  /** @type {WorkerLike | null} */
  #worker = null;
  #nextId = 1;
  /** @type {Map<number, PendingCall>} */
  #pending = new Map();
  #isReady = false;
  /** Why no call can be made any more. @type {ClassifierError | null} */
  #ended = null;
  /** Settles {@link ready}. @type {(error?: ClassifierError) => void} */
  #settle = () => {};
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #readyTimer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #heartbeatTimer;
  #silentBeats = 0;
  /** When the worker was last heard. */
  #heardAt = 0;
  /** Milliseconds, while it had something to do. */
  #longestSilence = 0;
  #onIdle = () => {};
  #build;
  #deadlines;
  #onDeath;

  /**
   * @param {() => WorkerLike} start starts the worker
   * @param {object} options
   * @param {string} options.build the build the worker must be of
   * @param {(error: ClassifierError) => void} [options.onDeath] the worker died after it was ready; all is rejected
   * @param {Partial<typeof DEADLINES>} [options.deadlines]
   */
  constructor(start, { build, onDeath, deadlines }) {
    this.#build = build;
    this.#onDeath = onDeath;
    this.#deadlines = { ...DEADLINES, ...deadlines };
    this.ready = new Promise((resolve, reject) => {
      this.#settle = (error) => (error ? reject(error) : resolve());
    });
    this.ready.catch(() => {});
    this.#readyTimer = setTimeout(() => {
      this.#failStart(`it was not ready after ${this.#deadlines.ready / 1000} s`);
    }, this.#deadlines.ready);
    try {
      const worker = start();
      this.#worker = worker;
      worker.addEventListener('message', (event) => this.#receive(event.data));
      worker.addEventListener('messageerror', () => this.#die('A message of the worker could not be read.'));
      worker.addEventListener('error', (event) => {
        event.preventDefault?.();
        if (event.error instanceof ClassifierError) this.end(event.error);
        else this.#die(event.message || 'its script did not load or does not run');
      });
    } catch (error) {
      this.#failStart(textOf(error), error);
    }
  }

  /**
   * Sends a request; resolves with its reply.
   *
   * Aborting cancels it in the worker, and ends the worker if that has no effect in time.
   *
   * @template {keyof Calls & string} Type
   * @param {Type} type
   * @param {Calls[Type]['request']} request
   * @param {object} [options]
   * @param {Transferable[]} [options.transfer]
   * @param {AbortSignal} [options.signal]
   * @param {(value: Calls[Type]['progress']) => void} [options.onProgress]
   * @returns {Promise<Calls[Type]['reply']>}
   */
  call(type, request, { transfer = [], signal, onProgress } = {}) {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(this.#ended);
      if (signal?.aborted) return reject(abortError(signal));
      const id = this.#nextId++;
      const onAbort = () => this.#cancel(id);
      const message = { id, type, ...request };
      const call = { type, message, transfer, resolve, reject, onProgress, signal, onAbort, cancelTimer: undefined, nReports: 0 };
      this.#pending.set(id, call);
      signal?.addEventListener('abort', onAbort);
      if (this.#isReady) this.#send(id, call);
    });
  }

  /**
   * Resolves when nothing is pending.
   * @returns {Promise<void>}
   */
  whenIdle() {
    return new Promise((resolve) => {
      this.#onIdle = resolve;
      if (this.#pending.size === 0) resolve();
    });
  }

  /**
   * Ends the worker; all that is pending rejects with `error`.
   * @param {ClassifierError} error
   */
  end(error) {
    if (this.#ended) return;
    this.#ended = error;
    clearTimeout(this.#readyTimer);
    clearTimeout(this.#heartbeatTimer);
    this.#heartbeatTimer = undefined;
    this.#worker?.terminate();
    this.#worker = null;
    this.#settle(error);
    for (const id of [...this.#pending.keys()]) {
      const call = this.#take(id);
      if (call) call.reject(call.signal?.aborted ? abortError(call.signal) : error);
    }
  }

  /**
   * @param {number} id
   * @param {PendingCall} call
   */
  #send(id, { message, transfer }) {
    try {
      this.#worker?.postMessage(message, { transfer });
      this.#beat();
    } catch (error) {
      const text = `The call's arguments cannot be sent to the worker: ${textOf(error)}`;
      this.#take(id)?.reject(new ClassifierError('config', text, { cause: error }));
    }
  }

  /** @param {any} message a {@link import('./protocol.d.ts').Response} */
  #receive(message) {
    if (this.#ended) return;
    this.#silentBeats = 0;
    const now = performance.now();
    if (this.#pending.size > 0) this.#longestSilence = Math.max(this.#longestSilence, now - this.#heardAt);
    this.#heardAt = now;
    switch (message?.type) {
      case 'ready':
        this.#becomeReady(message);
        break;
      case 'crashed':
        this.#die(String(message.message));
        break;
      case 'progress': {
        const call = this.#pending.get(message.id);
        if (call) call.nReports += 1;
        try {
          call?.onProgress?.(message.value);
        } catch (error) {
          // The caller's own mistake is reported as such, and must not break the bookkeeping.
          queueMicrotask(() => {
            throw error;
          });
        }
        break;
      }
      case 'done':
        this.#take(message.id)?.resolve(message.value);
        break;
      case 'failed': {
        const call = this.#take(message.id);
        if (!call) break;
        const aborted = message.code === 'aborted';
        call.reject(aborted ? abortError(call.signal) : new ClassifierError(message.code, message.message));
        break;
      }
    }
  }

  /** @param {{ build: string }} ready */
  #becomeReady({ build }) {
    if (build !== this.#build) {
      const text = `The page is of build ${this.#build}, but its worker of ${build}. Reload the page.`;
      this.end(new ClassifierError('build', text));
      return;
    }
    clearTimeout(this.#readyTimer);
    this.#isReady = true;
    this.#settle();
    // Those made before.
    for (const [id, call] of this.#pending) this.#send(id, call);
  }

  /** @param {number} id */
  #cancel(id) {
    const call = this.#pending.get(id);
    if (!call || call.cancelTimer !== undefined) return;
    if (!this.#isReady) {
      this.#take(id)?.reject(abortError(call.signal));
      return;
    }
    this.#worker?.postMessage({ id, type: 'cancel' });
    call.cancelTimer = setTimeout(() => {
      this.#die(`A canceled ${call.type} did not end within ${this.#deadlines.cancel / 1000} s.`);
    }, this.#deadlines.cancel);
  }

  /**
   * Removes a call from the books, so that it is settled once only.
   * @param {number} id
   */
  #take(id) {
    const call = this.#pending.get(id);
    if (!call) return undefined;
    this.#pending.delete(id);
    if (this.#pending.size === 0) {
      clearTimeout(this.#heartbeatTimer); // nothing more to wait for: a script in Node ends now
      this.#heartbeatTimer = undefined;
      this.#onIdle();
    }
    clearTimeout(call.cancelTimer);
    call.signal?.removeEventListener('abort', call.onAbort);
    return call;
  }

  /**
   * The worker is dead, or as good as.
   * @param {string} reason
   */
  #die(reason) {
    if (this.#ended) return;
    if (!this.#isReady) return this.#failStart(reason);
    const error = new ClassifierError('crashed', `The worker stopped: ${reason}`, { cause: reason });
    this.end(error);
    this.#onDeath?.(error);
  }

  /**
   * @param {string} reason
   * @param {unknown} [cause]
   */
  #failStart(reason, cause) {
    this.end(new ClassifierError('startup', `The worker could not be started: ${reason}`, { cause }));
  }

  /** @returns {number} milliseconds of silence after which the worker counts as dead */
  #patience() {
    const { silence, longSilence } = this.#deadlines;
    const long = [...this.#pending.values()].filter((call) => !QUICK_CALLS.has(call.type));
    if (long.length === 0) return silence;
    if (long.some((call) => call.nReports < 2)) return longSilence;
    return Math.min(longSilence, Math.max(silence, PATIENCE * this.#longestSilence));
  }

  /** Looks after the worker from now on, as long as anything is pending. */
  #beat() {
    if (this.#heartbeatTimer !== undefined) return;
    this.#silentBeats = 0;
    this.#heardAt = performance.now();
    const look = () => {
      this.#heartbeatTimer = undefined;
      if (this.#ended || this.#pending.size === 0) return;
      // Counted in looks, not by the clock: a machine that was asleep has not been silent.
      const patience = this.#patience();
      if (this.#silentBeats * this.#deadlines.heartbeat >= patience) {
        this.#die(`It gave no sign of life for ${patience / 1000} s.`);
        return;
      }
      this.#silentBeats += 1;
      this.#worker?.postMessage({ type: 'ping' });
      this.#heartbeatTimer = setTimeout(look, this.#deadlines.heartbeat);
    };
    this.#heartbeatTimer = setTimeout(look, this.#deadlines.heartbeat);
  }
}
