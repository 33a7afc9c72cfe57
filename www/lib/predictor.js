// @ts-check
/** A model that predicts. What each call means is told in `index.d.ts`. */

import { decoding } from './decode.js';
import { disposable } from './disposable.js';
import { ClassifierError, closed, throwIfAborted } from './errors.js';
import { readFile } from './files.js';
import { Keeper } from './keeper.js';
import { NewestWins } from './newest.js';
import { BUILD } from './pkg/build.js';
import { part } from './platform.js';
import { capture, discard, packStrokes, transferOf, whole } from './sources.js';
import { startInferenceWorker } from './spawn-inference.js';

/** @typedef {import('./index.d.ts').CallOptions} CallOptions */
/** @typedef {import('./index.d.ts').ImageSource} ImageSource */
/** @typedef {import('./index.d.ts').ModelInfo} ModelInfo */
/** @typedef {import('./index.d.ts').Prediction} Prediction */
/** @typedef {import('./index.d.ts').ShareDone} ShareDone */

/** Lets only {@link open} construct. */
const INSIDE = Symbol('inside');

/** Ends the workers of models that nobody can reach any more. @type {FinalizationRegistry<Keeper>} */
const abandoned = new FinalizationRegistry((keeper) => keeper.leave());

export class Predictor extends EventTarget {
  /** @readonly @type {ModelInfo} */
  info;
  #keeper;
  #newest = new NewestWins();

  /**
   * @param {symbol} inside
   * @param {Keeper} keeper
   * @param {ModelInfo} info
   */
  constructor(inside, keeper, info) {
    super();
    if (inside !== INSIDE) throw new ClassifierError('config', 'Use Classifier.load or Classifier.create.');
    this.#keeper = keeper;
    this.info = info;
    // The worker outlives what refers to it: it must not keep the model reachable.
    const self = new WeakRef(this);
    keeper.onReplaced = (detail) => self.deref()?.dispatchEvent(new CustomEvent('replaced', { detail }));
    keeper.onLost = (reason) => self.deref()?.dispatchEvent(new CustomEvent('lost', { detail: { reason } }));
    abandoned.register(this, keeper, keeper);
  }

  /** For the classes above. @param {Predictor} predictor */
  static keeperOf(predictor) {
    return predictor.#keeper;
  }

  /**
   * @param {URL | string | Blob | ArrayBuffer | Uint8Array} source
   * @param {CallOptions & { onProgress?: (progress: ShareDone) => void }} [options]
   * @returns {Promise<Predictor>}
   */
  static load(source, { signal, onProgress } = {}) {
    const origin = async () => ({ bytes: await readFile(source, { signal, onProgress }) });
    return open(Predictor, origin, { inference: startInferenceWorker }, false, signal);
  }

  /**
   * @param {ImageSource} source
   * @param {CallOptions & { topK?: number, latest?: boolean, views?: import('./index.d.ts').Views }} [options]
   * @returns {Promise<Prediction>}
   */
  async predict(source, { signal, topK = 10, latest = false, views } = {}) {
    whole('topK', topK, 1);
    const captured = capture(source, signal);
    let sent = false;
    const task = async () => {
      const picture = await captured;
      sent = true;
      const options = { signal, transfer: transferOf(picture) };
      // Only the whole engine sees a picture in several ways.
      const type = views ? 'predictViews' : 'predict';
      return this.#keeper.call(type, /** @type {any} */ ({ source: picture, topK, views }), options);
    };
    try {
      return await (latest ? this.#newest.run(task) : task());
    } finally {
      if (!sent) captured.then(discard, () => {});
    }
  }

  /**
   * @param {import('./index.d.ts').StrokePoint[][]} strokes
   * @param {CallOptions & { topK?: number, latest?: boolean }} [options]
   */
  async predictStrokes(strokes, { signal, topK = 10, latest = false } = {}) {
    whole('topK', topK, 1);
    throwIfAborted(signal);
    const { points, lengths } = packStrokes(strokes);
    const transfer = [points.buffer, lengths.buffer];
    const task = () => this.#keeper.call('predictStrokes', { points, lengths, topK }, { signal, transfer });
    return latest ? this.#newest.run(task) : task();
  }

  /**
   * @param {import('./index.d.ts').PageSource} source
   * @param {CallOptions & { topK?: number }} [options]
   */
  async predictPage(source, options) {
    const { predictPage } = await decoding();
    return predictPage(this.#keeper, this.info, source, options);
  }

  /**
   * @param {Iterable<ImageSource> | AsyncIterable<ImageSource>} sources
   * @param {CallOptions & { topK?: number, ahead?: number }} [options]
   * @returns {AsyncGenerator<Prediction, void, void>}
   */
  async *predictMany(sources, { signal, topK, ahead = 2 } = {}) {
    const { many } = await part('many', () => import('./predict-many.js'));
    yield* many((source, signal) => this.predict(source, { signal, topK }), sources, { signal, ahead });
  }

  close() {
    abandoned.unregister(this.#keeper);
    this.#keeper.end(closed('The classifier was closed.'));
  }
}

disposable(Predictor);

/**
 * The worker starts while the model is still on its way.
 * @template {Predictor} P
 * @param {new (inside: symbol, keeper: Keeper, info: ModelInfo) => P} kind
 * @param {() => Promise<import('./keeper.js').Origin>} origin
 * @param {import('./keeper.js').Starts} starts
 * @param {boolean} trains
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<P>}
 */
export async function open(kind, origin, starts, trains, signal) {
  const keeper = new Keeper(starts, { build: BUILD, trains });
  try {
    return new kind(INSIDE, keeper, await keeper.open(await origin(), signal));
  } catch (error) {
    keeper.end(closed('The classifier did not come to be.'));
    throw error;
  }
}

/** @typedef {typeof import('./index.d.ts').Predictor} Declared */
/** @typedef {Omit<import('./index.d.ts').Predictor, 'addEventListener' | 'removeEventListener' | typeof Symbol.dispose>} Made */
void (/** @satisfies {(...args: Parameters<Declared['load']>) => Promise<Made>} */ (Predictor.load));
