// @ts-check
/** The classifier: one model in one worker. What each call means is told in `index.d.ts`. */

import { Crew, countWorkers } from './crew.js';
import { ClassifierError } from './errors.js';
import { Examples, classOf } from './examples.js';
import { readFile } from './files.js';
import { BUILD } from './pkg/build.js';
import { part, platform } from './platform.js';
import { Predictor, open } from './predictor.js';
import { capture, whole } from './sources.js';
import { startSmallWorker, startTrainingWorker } from './spawn-training.js';

/** @typedef {import('./index.d.ts').CallOptions} CallOptions */
/** @typedef {import('./index.d.ts').ImageSource} ImageSource */
/** @typedef {import('./index.d.ts').ModelSpec} ModelSpec */
/** @typedef {import('./index.d.ts').ShareDone} ShareDone */
/** @typedef {import('./index.d.ts').TrainOptions} TrainOptions */
/** @typedef {import('./index.d.ts').TrainProgress} TrainProgress */

/** Both are for nothing before one is needed. */
const STARTS = { inference: startSmallWorker, training: startTrainingWorker };

/** Calls of `classifier-later.js` that look at a picture, and the others there. */
const LOOKS = 'features prepare explain activations disturb adversarial'.split(' ');
const OTHERS = `predictBatch prepareBatch viewsOf featuresBatch keepFeatures forgetFeatures teach setDataset recall correct undoCorrection example search
findLearningRate internals evaluate evaluateEach parameters robustness step checkpoint setLearningRate changeTraining`.split(/\s/);

export class Classifier extends Predictor {
  #keeper = Predictor.keeperOf(this);
  #examples = new Examples(this.info.inputShape);
  /** Whether the data set is one of files. */
  #hasFiles = false;
  /** Settles when the last training was told to start. */
  #prepared = Promise.resolve();

  /**
   * @param {URL | string | Blob | ArrayBuffer | Uint8Array} source
   * @param {CallOptions & { training?: boolean, onProgress?: (progress: ShareDone) => void }} [options]
   */
  static load(source, { signal, training = false, onProgress } = {}) {
    const origin = async () => ({ bytes: await readFile(source, { signal, onProgress }) });
    return open(Classifier, origin, STARTS, training || !platform.small, signal);
  }

  /**
   * @param {ModelSpec | string} spec
   * @param {CallOptions & { seed?: number, inputShape?: [number, number, number], labels?: string[] }} [options]
   */
  static create(spec, { signal, seed = 1, inputShape, labels } = {}) {
    const network = typeof spec === 'string' && (inputShape || labels) ? { preset: spec, inputShape, labels } : spec;
    return open(Classifier, async () => ({ spec: network, seed: whole('seed', seed, 0) }), STARTS, true, signal);
  }

  /**
   * @param {ImageSource} source
   * @param {string | number} label
   * @param {CallOptions} [options]
   */
  async addExample(source, label, { signal } = {}) {
    const classIndex = classOf(this.info.labels, label);
    if (this.#hasFiles) {
      throw new ClassifierError('state', 'Examples cannot be added to a data set of files: give them to a classifier without one.');
    }
    const { input } = await this.predict(source, { topK: 1, signal });
    if (!input) throw new ClassifierError('image', 'There is nothing to see in this picture, so it is no example.');
    this.#examples.add(input.data, classIndex);
    return this.#examples.length;
  }

  /**
   * The data set is what was added one by one, where something was.
   * @param {AbortSignal | undefined} signal
   */
  async #handOverExamples(signal) {
    if (!this.#examples.changed) return;
    const files = this.#examples.files();
    try {
      await this.#keeper.call('setDataset', files, { signal });
      this.#keeper.keepDataset(files);
    } catch (error) {
      this.#examples.changed = true;
      throw error;
    }
  }

  /**
   * What goes before a training: examples handed over, a file read. Calls that steer the training wait for it, so that
   * they may be made at once.
   * @template T
   * @param {AbortSignal | undefined} signal
   * @param {() => T | Promise<T>} [read]
   */
  #prepare(signal, read) {
    const ready = this.#handOverExamples(signal).then(read);
    this.#prepared = ready.then(nothing, nothing);
    return ready;
  }

  /**
   * @param {import('./index.d.ts').TrainCall} [options]
   */
  async train({ signal, onProgress, onCheckpoint, resumeFrom, workers, ...options } = {}) {
    const run = await this.#prepare(signal, () => resumeFrom && readFile(resumeFrom, { signal }));
    const nHelpers = countWorkers(workers, options.shards) - 1;
    const crew = new Crew(nHelpers, startTrainingWorker, BUILD);
    try {
      const { result, checkpoint } = await this.#keeper.call('train', { options, helpers: crew.ports, resumeFrom: run, putsAside: !!onCheckpoint }, {
        signal,
        transfer: run ? [...crew.ports, run] : crew.ports,
        onProgress: (value) => {
          this.#keeper.keep(value.checkpoint);
          if (signal?.aborted) return;
          if (value.run) onCheckpoint?.(value.run);
          if (value.progress) onProgress?.(value.progress);
        },
      });
      this.#keeper.keep(checkpoint);
      return result;
    } finally {
      crew.end();
    }
  }

  /**
   * Waits until the last training, or search, was told to start.
   * @template {'pause' | 'resume' | 'stop'} What
   * @param {What} what
   */
  async #steer(what) {
    for (let before; before !== this.#prepared; ) await (before = this.#prepared);
    return this.#keeper.call(what, {});
  }

  pause() {
    return this.#steer('pause');
  }

  async resume() {
    await this.#steer('resume');
  }

  async stop() {
    await this.#steer('stop');
  }

  /** @param {CallOptions & { storage?: 'f32' | 'f16' | 'i8' }} [options] */
  async save({ signal, storage = 'f32' } = {}) {
    const { bytes } = await this.#keeper.call('save', { storage }, { signal });
    return new Blob([bytes], { type: 'application/octet-stream' });
  }

  /**
   * One of the rarer calls.
   * @param {string} name
   * @param {any[]} given
   */
  async #later(name, [first, ...rest]) {
    // A picture is taken as it is now, not as it is when the part is there; so are numbers that a caller may write over.
    const isNumbers = ArrayBuffer.isView(first) && !(first instanceof DataView);
    const taken = LOOKS.includes(name) ? capture(first, rest[0]?.signal) : isNumbers ? /** @type {any} */ (first).slice() : first;
    taken?.catch?.(nothing); // the call tells of it
    const coming = part('calls', () => import('./classifier-later.js'));
    const before = this.#prepared;
    this.#prepared = before.then(() => coming).then(nothing, nothing);
    const { calls } = await coming;
    const own = {
      classifier: this,
      keeper: this.#keeper,
      handOver: (/** @type {AbortSignal | undefined} */ signal) => this.#handOverExamples(signal),
      prepared: before,
      prepare: (/** @type {AbortSignal | undefined} */ signal) => this.#prepare(signal),
      took: (/** @type {import('./protocol.d.ts').WireDataset} */ dataset) => {
        this.#keeper.keepDataset(dataset);
        this.#examples.clear();
        this.#hasFiles = true;
      },
    };
    return /** @type {any} */ (calls)[name](own, taken, ...rest);
  }

  static {
    for (const name of [...LOOKS, ...OTHERS]) {
      /** @this {Classifier} @param {any[]} given */
      const value = function (...given) {
        return this.#later(name, given);
      };
      Object.defineProperty(this.prototype, name, { value, configurable: true, writable: true });
    }
  }
}

function nothing() {}

// The hand-written types must fit the code (but for the events, which are typed more narrowly than an EventTarget's).
/** @typedef {typeof import('./index.d.ts').Classifier} Declared */
/** @typedef {keyof typeof import('./classifier-later.js').calls} LaterCall */
/** @typedef {Omit<import('./index.d.ts').Classifier, LaterCall | 'addEventListener' | 'removeEventListener' | typeof Symbol.dispose>} Made */
void (/** @satisfies {(...args: Parameters<Declared['load']>) => Promise<Made>} */ (Classifier.load));
void (/** @satisfies {(...args: Parameters<Declared['create']>) => Promise<Made>} */ (Classifier.create));
