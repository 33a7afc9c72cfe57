// @ts-check
/**
 * Keeps one model alive: replaces a worker that died, and brings back its weights and data set.
 *
 * A model that only predicts lives in a worker with the small engine. The first call that needs more moves it to one
 * with the whole engine, where it stays.
 */

import { Connection } from './connection.js';
import { ClassifierError, abortError, closed, textOf } from './errors.js';

/** @typedef {import('./protocol.d.ts').EngineCalls} EngineCalls */
/** @typedef {import('./index.d.ts').ModelInfo} ModelInfo */
/** @typedef {import('./index.d.ts').ReplacedDetail} ReplacedDetail */
/** @typedef {import('./connection.js').WorkerLike} WorkerLike */

/**
 * What a model is made from.
 * @typedef {{ bytes: ArrayBuffer } | { spec: import('./protocol.d.ts').NetworkSpec, seed: number }} Origin
 */

/** What the small engine can: a call that is missing here does not compile. @type {Record<keyof import('./protocol.d.ts').InferenceCalls, true>} */
const INFERENCE = { load: true, predict: true, predictStrokes: true, release: true };

/**
 * Start workers of either kind; without the second, nothing can be trained.
 * @typedef {{ inference: () => WorkerLike, training?: () => WorkerLike }} Starts
 */

export class Keeper {
  /** Told of a replaced worker. @type {(detail: ReplacedDetail) => void} */
  onReplaced = () => {};
  /** Told when no worker could be had any more. @type {(reason: string) => void} */
  onLost = () => {};

  #starts;
  /** Whether the worker has the whole engine. */
  #trains;
  #build;
  #deadlines;
  /** @type {Connection<EngineCalls>} */
  #connection;
  /** @type {Origin | null} */
  #origin = null;
  /** The newest weights seen, as a model file. @type {ArrayBuffer | null} */
  #checkpoint = null;
  /** @type {import('./protocol.d.ts').WireDataset | null} */
  #dataset = null;
  /** Under way while another worker takes over; never rejects. @type {Promise<void> | null} */
  #replacing = null;
  /** Why no call can be made any more. @type {ClassifierError | null} */
  #ended = null;

  /**
   * Starts a worker; the model comes with {@link open}.
   * @param {Starts} starts
   * @param {object} options
   * @param {string} options.build
   * @param {boolean} [options.trains] whether to begin with the whole engine
   * @param {Partial<typeof import('./connection.js').DEADLINES>} [options.deadlines]
   */
  constructor(starts, { build, trains = false, deadlines }) {
    this.#starts = starts;
    this.#trains = trains;
    this.#build = build;
    this.#deadlines = deadlines;
    this.#connection = this.#connect();
  }

  /**
   * Makes the model; on failure the worker is ended.
   * @param {Origin} origin
   * @param {AbortSignal} [signal]
   * @returns {Promise<ModelInfo>}
   */
  async open(origin, signal) {
    try {
      const info = await this.#make(origin, signal);
      this.#origin = origin;
      return info;
    } catch (error) {
      this.end(error instanceof ClassifierError ? error : new ClassifierError('startup', textOf(error)));
      throw error;
    }
  }

  /**
   * As {@link Connection.call}; waits for another worker when one is taking over, or has to.
   * @template {keyof EngineCalls} Type
   * @param {Type} type
   * @param {EngineCalls[Type]['request']} request
   * @param {object} [options]
   * @param {Transferable[]} [options.transfer]
   * @param {AbortSignal} [options.signal]
   * @param {(value: EngineCalls[Type]['progress']) => void} [options.onProgress]
   * @returns {Promise<EngineCalls[Type]['reply']>}
   */
  async call(type, request, options = {}) {
    while (this.#replacing) await unlessAborted(this.#replacing, options.signal);
    if (this.#ended) throw this.#ended;
    if (!this.#trains && !(type in INFERENCE)) {
      const move = this.#moveToWholeEngine();
      this.#replacing = move.catch(() => {}).finally(() => {
        this.#replacing = null;
      });
      await unlessAborted(move, options.signal);
      return this.call(type, request, options);
    }
    return this.#connection.call(type, request, options);
  }

  /**
   * The weights to restore from now on.
   * @param {ArrayBuffer | null} checkpoint
   */
  keep(checkpoint) {
    if (checkpoint) this.#checkpoint = checkpoint;
  }

  /**
   * The data set to restore from now on.
   * @param {import('./protocol.d.ts').WireDataset} dataset
   */
  keepDataset(dataset) {
    this.#dataset = dataset;
  }

  /**
   * Ends the worker for good.
   * @param {ClassifierError} error what pending and further calls reject with
   */
  end(error) {
    if (this.#ended) return;
    this.#ended = error;
    this.#connection.end(error);
    this.#checkpoint = this.#dataset = this.#origin = null;
  }

  /** Ends the worker when nothing is pending: nobody is there any more to call. */
  async leave() {
    while (this.#replacing) await this.#replacing;
    await this.#connection.whenIdle();
    this.end(closed('The classifier was left.'));
  }

  #connect() {
    /** @type {Connection<EngineCalls>} */
    const connection = new Connection((this.#trains && this.#starts.training) || this.#starts.inference, {
      build: this.#build,
      deadlines: this.#deadlines,
      // A worker that dies while it is being filled, or before it had a model, rejects the calls that fill it instead.
      onDeath: (error) => {
        if (this.#ended || this.#replacing || !this.#origin || connection !== this.#connection) return;
        this.#replacing = this.#replace(error).finally(() => {
          this.#replacing = null;
        });
      },
    });
    return connection;
  }

  /**
   * A model with a layer that the small engine leaves out is made in the whole one.
   * @param {Origin} origin
   * @param {AbortSignal} [signal]
   */
  async #make(origin, signal) {
    try {
      return await makeModel(this.#connection, origin, signal);
    } catch (error) {
      if (this.#ended || this.#trains || !this.#starts.training || !(error instanceof ClassifierError) || error.code !== 'unsupported') throw error;
      this.#connection.end(error);
      this.#trains = true;
      this.#connection = this.#connect();
      return makeModel(this.#connection, origin, signal);
    }
  }

  /**
   * On failure the model stays where it is.
   */
  async #moveToWholeEngine() {
    const before = this.#connection;
    const origin = /** @type {Origin} */ (this.#origin); // as there are calls after `open` only
    this.#trains = true;
    const next = this.#connect();
    try {
      await makeModel(next, origin);
    } catch (error) {
      this.#trains = false;
      next.end(new ClassifierError('startup', textOf(error)));
      throw error;
    }
    await before.whenIdle();
    if (this.#ended) {
      next.end(this.#ended);
      throw this.#ended;
    }
    before.end(closed('The model moved to another worker.'));
    this.#connection = next;
  }

  /**
   * Never rejects: without a fresh worker, the model is lost.
   * @param {ClassifierError} death
   */
  async #replace(death) {
    const reason = typeof death.cause === 'string' ? death.cause : death.message;
    /** @type {unknown} */
    let failure;
    // The data set may be what there is no memory for: the second try leaves it out.
    for (const dataset of this.#dataset ? [this.#dataset, null] : [null]) {
      if (this.#ended || !this.#origin) return;
      this.#connection = this.#connect();
      try {
        const origin = this.#checkpoint ? { bytes: this.#checkpoint } : this.#origin;
        await makeModel(this.#connection, origin);
        if (dataset) await this.#connection.call('setDataset', dataset);
        this.#dataset = dataset;
        const restored = this.#checkpoint ? 'checkpoint' : 'bytes' in origin ? 'loaded' : 'created';
        this.onReplaced({ reason, restored, dataset: dataset !== null });
        return;
      } catch (error) {
        failure = error;
        this.#connection.end(death);
      }
    }
    if (this.#ended) return;
    const text = `The worker stopped (${reason}), and no other could take over: ${textOf(failure)}`;
    this.end(new ClassifierError('crashed', text, { cause: failure }));
    this.onLost(text);
  }
}

/**
 * @param {Connection<EngineCalls>} connection
 * @param {Origin} origin
 * @param {AbortSignal} [signal]
 * @returns {Promise<ModelInfo>}
 */
function makeModel(connection, origin, signal) {
  if (!('bytes' in origin)) return connection.call('create', origin, { signal });
  const bytes = origin.bytes.slice(0); // ours is kept to restore from
  return connection.call('load', { bytes }, { signal, transfer: [bytes] });
}

/**
 * @template T
 * @param {Promise<T>} promise
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 */
function unlessAborted(promise, signal) {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(abortError(signal));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
