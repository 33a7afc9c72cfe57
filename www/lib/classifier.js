// @ts-check
/** The classifier: one model in one worker. What each call means is told in `index.d.ts`. */

import { Crew, countWorkers } from './crew.js';
import { ClassifierError } from './errors.js';
import { Examples, classOf } from './examples.js';
import { readFile } from './files.js';
import { BUILD } from './pkg/build.js';
import { platform } from './platform.js';
import { Predictor, open } from './predictor.js';
import { PRESETS } from './presets.js';
import { whole, wireDataset } from './sources.js';
import { startInferenceWorker } from './spawn-inference.js';
import { startTrainingWorker } from './spawn-training.js';
import { OPTIONS, QUICK, TAUGHT } from './training-options.js';

/** @typedef {import('./index.d.ts').CallOptions} CallOptions */
/** @typedef {import('./index.d.ts').DatasetFiles} DatasetFiles */
/** @typedef {import('./index.d.ts').ImageSource} ImageSource */
/** @typedef {import('./index.d.ts').ModelSpec} ModelSpec */
/** @typedef {import('./index.d.ts').ShareDone} ShareDone */
/** @typedef {import('./index.d.ts').TrainOptions} TrainOptions */
/** @typedef {import('./index.d.ts').TrainProgress} TrainProgress */

/** Both are for nothing before one is needed. */
const STARTS = { inference: startInferenceWorker, training: startTrainingWorker };

export class Classifier extends Predictor {
  #keeper = Predictor.keeperOf(this);
  #examples = new Examples(this.info.inputShape);
  /** Whether the data set is one of files. */
  #hasFiles = false;

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
   * @param {CallOptions & { seed?: number, inputShape?: [number, number, number] }} [options]
   */
  static create(spec, { signal, seed = 1, inputShape } = {}) {
    const network = typeof spec === 'string' && inputShape ? { preset: spec, inputShape } : spec;
    return open(Classifier, async () => ({ spec: network, seed: whole('seed', seed, 0) }), STARTS, true, signal);
  }

  static presets() {
    return PRESETS.map((preset) => ({ ...preset }));
  }

  static options() {
    return structuredClone([...OPTIONS]);
  }

  /**
   * @param {import('./index.d.ts').PresetName} preset
   * @param {'quick' | 'taught'} [kind]
   * @returns {TrainOptions}
   */
  static recipe(preset, kind = 'quick') {
    const usual = Object.fromEntries(OPTIONS.map((option) => [option.name, option.default]));
    const own = (kind === 'taught' ? TAUGHT : QUICK)[preset];
    if (!own) throw new ClassifierError('config', `There is no preset ${preset}.`);
    return structuredClone({ ...usual, ...own });
  }

  /**
   * @param {Uint8Array} pictures
   * @param {CallOptions} [options]
   */
  async predictBatch(pictures, { signal } = {}) {
    const bytes = pictures.slice().buffer;
    const { probabilities } = await this.#keeper.call('predictBatch', { pictures: bytes }, { signal, transfer: [bytes] });
    return probabilities;
  }

  /**
   * @param {DatasetFiles | import('./index.d.ts').GeneratedDataset} dataset
   * @param {CallOptions} [options]
   */
  async setDataset(dataset, { signal } = {}) {
    const wire = wireDataset(dataset);
    const info = await this.#keeper.call('setDataset', wire, { signal });
    this.#keeper.keepDataset(wire);
    this.#examples.clear();
    this.#hasFiles = true;
    return info;
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
   * @param {number} index
   * @param {CallOptions} [options]
   */
  async example(index, { signal } = {}) {
    await this.#handOverExamples(signal);
    const [height, width, channels] = this.info.inputShape;
    const { data, classIndex } = await this.#keeper.call('example', { index: whole('index', index, 0) }, { signal });
    return { picture: { data, width, height, channels, prepared: true }, classIndex };
  }

  /**
   * @param {import('./index.d.ts').TrainCall} [options]
   */
  async train({ signal, onProgress, onCheckpoint, resumeFrom, workers, ...options } = {}) {
    await this.#handOverExamples(signal);
    const run = resumeFrom && (await readFile(resumeFrom, { signal }));
    const nHelpers = countWorkers(workers, options.shards) - 1;
    const crew = new Crew(nHelpers, startTrainingWorker, { build: BUILD });
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

  pause() {
    return this.#keeper.call('pause', {});
  }

  async resume() {
    await this.#keeper.call('resume', {});
  }

  step() {
    return this.#keeper.call('step', {});
  }

  async stop() {
    await this.#keeper.call('stop', {});
  }

  /** @param {CallOptions} [options] */
  async checkpoint({ signal } = {}) {
    const { bytes } = await this.#keeper.call('checkpoint', {}, { signal });
    return new Blob([bytes], { type: 'application/octet-stream' });
  }

  /** @param {number} learningRate */
  async setLearningRate(learningRate) {
    await this.#keeper.call('setLearningRate', { learningRate });
  }

  /** @param {CallOptions & { onProgress?: (progress: ShareDone) => void }} [options] */
  async evaluate({ signal, onProgress } = {}) {
    await this.#handOverExamples(signal);
    return this.#keeper.call('evaluate', {}, { signal, onProgress });
  }

  /** @param {CallOptions} [options] */
  async evaluateEach({ signal } = {}) {
    await this.#handOverExamples(signal);
    const { indices, classes, predicted, confidences } = await this.#keeper.call('evaluateEach', {}, { signal });
    return Array.from(indices, (index, i) => ({
      index,
      classIndex: classes[i] ?? 0,
      predicted: predicted[i] ?? 0,
      confidence: confidences[i] ?? 0,
    }));
  }

  /** @param {CallOptions & { storage?: 'f32' | 'f16' | 'i8' }} [options] */
  async save({ signal, storage = 'f32' } = {}) {
    const { bytes } = await this.#keeper.call('save', { storage }, { signal });
    return new Blob([bytes], { type: 'application/octet-stream' });
  }
}

// The hand-written types must fit the code (but for the events, which are typed more narrowly than an EventTarget's).
/** @typedef {typeof import('./index.d.ts').Classifier} Declared */
/** @typedef {Omit<import('./index.d.ts').Classifier, 'addEventListener' | 'removeEventListener' | typeof Symbol.dispose>} Made */
void (/** @satisfies {(...args: Parameters<Declared['load']>) => Promise<Made>} */ (Classifier.load));
void (/** @satisfies {(...args: Parameters<Declared['create']>) => Promise<Made>} */ (Classifier.create));
