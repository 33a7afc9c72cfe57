// @ts-check
/** The classifier: one model in one worker. What each call means is told in `index.d.ts`. */

import { Crew, countWorkers } from './crew.js';
import { decodeImage } from './decode.js';
import { ClassifierError } from './errors.js';
import { Examples, classOf } from './examples.js';
import { readFile } from './files.js';
import { BUILD } from './pkg/build.js';
import { platform } from './platform.js';
import { Predictor, open } from './predictor.js';
import { PRESETS } from './presets.js';
import { readFiles } from './read-files.js';
import { capture, isList, packBatch, transferOf, whole, wireDataset } from './sources.js';
import { startInferenceWorker } from './spawn-inference.js';
import { startTrainingWorker } from './spawn-training.js';
import { taughtOf } from './taught.js';
import { OPTIONS, QUICK, TAUGHT } from './training-options.js';

/** @typedef {import('./index.d.ts').CallOptions} CallOptions */
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
    const bytes = packBatch(pictures);
    const { probabilities } = await this.#keeper.call('predictBatch', { pictures: bytes }, { signal, transfer: [bytes] });
    return probabilities;
  }

  /**
   * @param {ImageSource} source
   * @param {CallOptions & { detail?: import('./index.d.ts').FeatureDetail }} [options]
   */
  async features(source, { signal, detail } = {}) {
    const input = await this.prepare(source, { signal });
    return input && this.featuresBatch(input, { signal, detail });
  }

  /**
   * @param {ImageSource} source
   * @param {CallOptions} [options]
   */
  async prepare(source, { signal } = {}) {
    const picture = await capture(source, signal);
    return this.#keeper.call('prepare', { source: picture }, { signal, transfer: transferOf(picture) });
  }

  /**
   * @param {Uint8Array} picture
   * @param {CallOptions & { number?: number, views?: number, seed?: number }} [options]
   * @returns {Promise<import('./index.d.ts').Pixels[]>}
   */
  async viewsOf(picture, { signal, number = 0, views = 1, seed = 1 } = {}) {
    whole('number', number, 0);
    whole('views', views, 1);
    const bytes = packBatch(picture);
    const all = await this.#keeper.call('viewsOf', { picture: bytes, number, views, seed: whole('seed', seed, 0) }, { signal, transfer: [bytes] });
    const [height, width, channels] = this.info.inputShape;
    const size = height * width * channels;
    return Array.from({ length: views }, (_, view) => ({ data: all.slice(view * size, (view + 1) * size), width, height, channels }));
  }

  /**
   * @param {Uint8Array} pictures
   * @param {CallOptions & import('./index.d.ts').FeatureOptions} [options]
   */
  async featuresBatch(pictures, { signal, onProgress, detail = 'whole', firstView = 0, views = 1, numbers, seed = 1 } = {}) {
    const [height, width, channels] = this.info.inputShape;
    const size = height * width * channels;
    const bytes = packBatch(pictures);
    const own = numbers ?? Uint32Array.from({ length: Math.ceil(pictures.length / size) }, (_, place) => place);
    whole('firstView', firstView, 0);
    whole('views', views, 1);
    whole('seed', seed, 0);
    if (pictures.length !== own.length * size) {
      throw new ClassifierError('shape', `The pictures need ${own.length} times ${size} bytes, but got ${pictures.length} bytes.`);
    }
    const request = { pictures: bytes, numbers: own, firstView, views, detail, seed };
    const { features } = await this.#keeper.call('features', request, { signal, onProgress, transfer: [bytes] });
    return features;
  }

  /**
   * @param {Uint32Array} numbers
   * @param {Float32Array<ArrayBuffer>} features
   * @param {CallOptions & { detail?: import('./index.d.ts').FeatureDetail }} [options]
   */
  async keepFeatures(numbers, features, { signal, detail = 'whole' } = {}) {
    if (!(numbers instanceof Uint32Array)) throw new ClassifierError('config', 'The pictures\' numbers are needed: a Uint32Array.');
    if (!(features instanceof Float32Array)) throw noFeatures();
    await this.#keeper.call('keepFeatures', { numbers, features, detail }, { signal, transfer: [features.buffer] });
  }

  /**
   * @param {Uint32Array} [numbers]
   * @param {CallOptions} [options]
   */
  async forgetFeatures(numbers, { signal } = {}) {
    await this.#keeper.call('forgetFeatures', { numbers }, { signal });
  }

  /**
   * @param {import('./index.d.ts').TeachLesson} lesson
   * @param {CallOptions & { onProgress?: (progress: ShareDone) => void }} [options]
   * @returns {Promise<import('./index.d.ts').Taught>}
   */
  async teach({ features, numbers, classes, labels, detail = 'whole', unfreeze = 'none', pictures, epochs, ...options }, { signal, onProgress } = {}) {
    if (!(features instanceof Float32Array) && !(numbers instanceof Uint32Array)) throw noFeatures();
    if (!isList(classes) || !Array.isArray(labels)) {
      throw new ClassifierError('config', 'Lists are needed of classes, an index for each picture, and of labels.');
    }
    const own = numbers ?? Uint32Array.from(classes, (_, place) => place);
    const tuning = unfreeze === 'none' ? undefined : { pictures: packBatch(pictures ?? new Uint8Array()), unfreeze, epochs: epochs && whole('epochs', epochs, 1) };
    const request = { features, numbers: own, classes: Uint32Array.from(classes), labels: [...labels], detail, options, tuning };
    return taughtOf(await this.#keeper.call('teach', request, { signal, onProgress, transfer: tuning ? [tuning.pictures] : [] }), request.classes);
  }

  /**
   * @param {import('./index.d.ts').Dataset} dataset
   * @param {CallOptions & { onProgress?: (progress: ShareDone) => void }} [options]
   */
  async setDataset(dataset, { signal, onProgress } = {}) {
    if (typeof dataset !== 'object' || dataset === null) {
      throw new ClassifierError('config', 'A data set is needed: { images, labels }, { files }, { pixels, labels, shape } or { generated }.');
    }
    if (!('files' in dataset)) return this.#give(dataset, signal);
    const { leftOut, ...read } = await this.#read(dataset, { signal, onProgress });
    const info = await this.#give(read, signal);
    return leftOut.count > 0 ? { ...info, leftOut } : info;
  }

  /**
   * @param {Exclude<import('./index.d.ts').Dataset, import('./index.d.ts').FilesDataset>} dataset
   * @param {AbortSignal | undefined} signal
   */
  async #give(dataset, signal) {
    const wire = wireDataset(dataset);
    const info = await this.#keeper.call('setDataset', wire, { signal });
    this.#keeper.keepDataset(wire);
    this.#examples.clear();
    this.#hasFiles = true;
    return info;
  }

  /** @param {CallOptions} [options] */
  async recall({ signal } = {}) {
    await this.#keeper.call('recall', {}, { signal });
  }

  /**
   * @param {import('./index.d.ts').Pixels} picture
   * @param {number} classIndex
   * @param {CallOptions} [options]
   */
  async correct(picture, classIndex, { signal } = {}) {
    const bytes = new Uint8Array(picture.data).buffer;
    const request = { picture: bytes, classIndex: whole('classIndex', classIndex, 0) };
    const { correction, model } = await this.#keeper.call('correct', request, { signal, transfer: [bytes] });
    this.#keeper.keep(model);
    return correction;
  }

  /** @param {CallOptions} [options] */
  async undoCorrection({ signal } = {}) {
    const { correction, model } = await this.#keeper.call('undoCorrection', {}, { signal });
    this.#keeper.keep(model);
    return correction;
  }

  /**
   * Files as this network is to see them.
   * @param {import('./index.d.ts').FilesDataset} dataset
   * @param {CallOptions & { onProgress?: (progress: ShareDone) => void }} options
   */
  #read(dataset, { signal, onProgress }) {
    const hands = {
      call: this.#keeper.call.bind(this.#keeper),
      decode: (/** @type {import('./protocol.d.ts').WireFile} */ { blob, packed }) => decodeImage(blob, { signal, packed }),
    };
    return readFiles(dataset, hands, { form: this.info, signal, onProgress });
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
    this.#prepared = ready.then(
      () => {},
      () => {},
    );
    return ready;
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
    const run = await this.#prepare(signal, () => resumeFrom && readFile(resumeFrom, { signal }));
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

  /** @param {import('./index.d.ts').SearchCall} call */
  async search({ signal, onTrial, onProgress, resumeFrom = [], ...options }) {
    await this.#prepare(signal);
    const { search, checkpoint } = await this.#keeper.call('search', { options, rows: resumeFrom }, {
      signal,
      onProgress: ({ trial, progress }) => {
        if (signal?.aborted) return;
        if (trial) onTrial?.(trial);
        if (progress) onProgress?.(progress);
      },
    });
    this.#keeper.keep(checkpoint);
    return search;
  }

  /** @param {import('./index.d.ts').FindRateCall} [options] */
  async findLearningRate({ signal, onProgress, low, high, steps, ...options } = {}) {
    await this.#handOverExamples(signal);
    return this.#keeper.call('findLearningRate', { options, climb: { low, high, steps } }, { signal, onProgress });
  }

  async pause() {
    await this.#prepared;
    return this.#keeper.call('pause', {});
  }

  async resume() {
    await this.#prepared;
    await this.#keeper.call('resume', {});
  }

  /** @param {{ of?: 'batch' | 'epoch' }} [options] */
  async step({ of } = {}) {
    await this.#prepared;
    return this.#keeper.call('step', { of });
  }

  async stop() {
    await this.#prepared;
    await this.#keeper.call('stop', {});
  }

  /** @param {CallOptions} [options] */
  async checkpoint({ signal } = {}) {
    await this.#prepared;
    const { bytes } = await this.#keeper.call('checkpoint', {}, { signal });
    return new Blob([bytes], { type: 'application/octet-stream' });
  }

  /** @param {number} learningRate */
  async setLearningRate(learningRate) {
    await this.changeTraining({ learningRate: Number(learningRate) });
  }

  /** @param {CallOptions} [options] */
  async internals({ signal } = {}) {
    await this.#prepared;
    return this.#keeper.call('internals', {}, { signal });
  }

  /** @param {import('./index.d.ts').TrainChanges} changes */
  async changeTraining(changes) {
    await this.#prepared;
    return this.#keeper.call('changeTraining', { changes });
  }

  /** @param {CallOptions & { views?: import('./index.d.ts').Views, onProgress?: (progress: ShareDone) => void }} [options] */
  async evaluate({ signal, views, onProgress } = {}) {
    await this.#handOverExamples(signal);
    return this.#keeper.call('evaluate', { views }, { signal, onProgress });
  }

  /** @param {CallOptions} [options] */
  async evaluateEach({ signal } = {}) {
    await this.#handOverExamples(signal);
    const { indices, classes, predicted, confidences, labelConfidences } = await this.#keeper.call('evaluateEach', {}, { signal });
    return Array.from(indices, (index, i) => ({
      index,
      classIndex: classes[i] ?? 0,
      predicted: predicted[i] ?? 0,
      confidence: confidences[i] ?? 0,
      labelConfidence: labelConfidences[i] ?? 0,
    }));
  }

  /**
   * @param {ImageSource} source
   * @param {CallOptions & { method?: import('./index.d.ts').ExplainMethod, classIndex?: number, layer?: string }} [options]
   */
  async explain(source, { signal, method = 'gradCam', classIndex, layer } = {}) {
    const asked = { method, ...(classIndex !== undefined && { classIndex: whole('classIndex', classIndex, 0) }), ...(layer !== undefined && { layer }) };
    const picture = await capture(source, signal);
    return this.#keeper.call('explain', { source: picture, asked }, { signal, transfer: transferOf(picture) });
  }

  /**
   * @param {ImageSource} source
   * @param {CallOptions & { layer: string }} options
   */
  async activations(source, { signal, layer }) {
    const picture = await capture(source, signal);
    return this.#keeper.call('activations', { source: picture, layer }, { signal, transfer: transferOf(picture) });
  }

  /**
   * @param {string} layer
   * @param {CallOptions} [options]
   */
  async parameters(layer, { signal } = {}) {
    if (!this.info.layers.some(({ name }) => name === layer)) {
      throw new ClassifierError('config', `The option layer must be the name of a layer in info.layers, but it is ${layer}.`);
    }
    return this.#keeper.call('parameters', { layer }, { signal });
  }

  /**
   * @param {ImageSource} source
   * @param {CallOptions & { kind: import('./index.d.ts').DisturbanceKind, strength: number, seed?: number, classIndex?: number, toward?: boolean }} options
   * @returns {Promise<import('./index.d.ts').Disturbed | null>}
   */
  async disturb(source, { signal, kind, strength, seed = 1, classIndex, toward = false }) {
    if (classIndex !== undefined) whole('classIndex', classIndex, 0);
    const captured = await capture(source, signal);
    const request = { source: captured, kind, strength, seed: whole('seed', seed, 0), classIndex, toward };
    const data = await this.#keeper.call('disturb', request, { signal, transfer: transferOf(captured) });
    if (!data) return null;
    const [height, width, channels] = this.info.inputShape;
    const picture = { data, width, height, channels, prepared: true };
    return { picture, prediction: await this.predict(picture, { signal }) };
  }

  /**
   * @param {ImageSource} source
   * @param {CallOptions & { method?: 'fgsm' | 'pgd', epsilon?: number, classIndex?: number, toward?: boolean }} [options]
   */
  adversarial(source, { method = 'fgsm', epsilon = 0.1, ...options } = {}) {
    return this.disturb(source, { ...options, kind: method, strength: epsilon });
  }

  /**
   * @param {import('./index.d.ts').RobustnessOptions} options
   * @param {(progress: ShareDone & { points: import('./index.d.ts').RobustnessPoint[] }) => void} [onProgress]
   * @param {AbortSignal} [signal]
   */
  async robustness(options, onProgress, signal) {
    await this.#handOverExamples(signal);
    return this.#keeper.call('robustness', { options }, { signal, onProgress });
  }

  /** @param {CallOptions & { storage?: 'f32' | 'f16' | 'i8' }} [options] */
  async save({ signal, storage = 'f32' } = {}) {
    const { bytes } = await this.#keeper.call('save', { storage }, { signal });
    return new Blob([bytes], { type: 'application/octet-stream' });
  }
}

function noFeatures() {
  return new ClassifierError('config', 'Features are needed as featuresBatch gives them, a Float32Array, or the numbers of kept ones, a Uint32Array.');
}

// The hand-written types must fit the code (but for the events, which are typed more narrowly than an EventTarget's).
/** @typedef {typeof import('./index.d.ts').Classifier} Declared */
/** @typedef {Omit<import('./index.d.ts').Classifier, 'addEventListener' | 'removeEventListener' | typeof Symbol.dispose>} Made */
void (/** @satisfies {(...args: Parameters<Declared['load']>) => Promise<Made>} */ (Classifier.load));
void (/** @satisfies {(...args: Parameters<Declared['create']>) => Promise<Made>} */ (Classifier.create));
