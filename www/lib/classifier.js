// @ts-check
/** The classifier: one model in one worker. What each call means is told in `index.d.ts`. */

import { Crew, countWorkers } from './crew.js';
import { ClassifierError } from './errors.js';
import { readFile } from './files.js';
import { Keeper } from './keeper.js';
import { NewestWins } from './newest.js';
import { BUILD } from './pkg/build.js';
import { PRESETS } from './presets.js';
import { capture, discard, transferOf, whole, wireDataset } from './sources.js';
import { startInferenceWorker, startTrainingWorker } from './spawn.js';
import { OPTIONS, QUICK, TAUGHT } from './training-options.js';

/** @typedef {import('./index.d.ts').CallOptions} CallOptions */
/** @typedef {import('./index.d.ts').DatasetFiles} DatasetFiles */
/** @typedef {import('./index.d.ts').ImageSource} ImageSource */
/** @typedef {import('./index.d.ts').ModelInfo} ModelInfo */
/** @typedef {import('./index.d.ts').ModelSpec} ModelSpec */
/** @typedef {import('./index.d.ts').Prediction} Prediction */
/** @typedef {import('./index.d.ts').ShareDone} ShareDone */
/** @typedef {import('./index.d.ts').TrainOptions} TrainOptions */
/** @typedef {import('./index.d.ts').TrainProgress} TrainProgress */

/** Lets only the static functions construct. */
const INSIDE = Symbol('inside');

export class Classifier extends EventTarget {
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
    keeper.onReplaced = (detail) => this.dispatchEvent(new CustomEvent('replaced', { detail }));
    keeper.onLost = (reason) => this.dispatchEvent(new CustomEvent('lost', { detail: { reason } }));
  }

  /**
   * @param {URL | string | Blob | ArrayBuffer | Uint8Array} source
   * @param {CallOptions & { training?: boolean, onProgress?: (progress: ShareDone) => void }} [options]
   */
  static load(source, { signal, training = false, onProgress } = {}) {
    return open(async () => ({ bytes: await readFile(source, { signal, onProgress }) }), training, signal);
  }

  /**
   * @param {ModelSpec | string} spec
   * @param {CallOptions & { seed?: number, inputShape?: [number, number, number] }} [options]
   */
  static create(spec, { signal, seed = 1, inputShape } = {}) {
    const network = typeof spec === 'string' && inputShape ? { preset: spec, inputShape } : spec;
    return open(async () => ({ spec: network, seed: whole('seed', seed, 0) }), true, signal);
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
   * @param {ImageSource} source
   * @param {CallOptions & { topK?: number, latest?: boolean }} [options]
   * @returns {Promise<Prediction>}
   */
  async predict(source, { signal, topK = 10, latest = false } = {}) {
    whole('topK', topK, 1);
    const captured = capture(source, signal);
    let sent = false;
    const task = async () => {
      const picture = await captured;
      sent = true;
      return this.#keeper.call('predict', { source: picture, topK }, { signal, transfer: transferOf(picture) });
    };
    try {
      return await (latest ? this.#newest.run(task) : task());
    } finally {
      if (!sent) captured.then(discard, () => {});
    }
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
    return info;
  }

  /**
   * @param {number} index
   * @param {CallOptions} [options]
   */
  async example(index, { signal } = {}) {
    const [height, width, channels] = this.info.inputShape;
    const { data, classIndex } = await this.#keeper.call('example', { index: whole('index', index, 0) }, { signal });
    return { picture: { data, width, height, channels, prepared: true }, classIndex };
  }

  /**
   * @param {import('./index.d.ts').TrainCall} [options]
   */
  async train({ signal, onProgress, onCheckpoint, resumeFrom, workers, ...options } = {}) {
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
  evaluate({ signal, onProgress } = {}) {
    return this.#keeper.call('evaluate', {}, { signal, onProgress });
  }

  /** @param {CallOptions} [options] */
  async evaluateEach({ signal } = {}) {
    const { indices, classes, predicted, confidences } = await this.#keeper.call('evaluateEach', {}, { signal });
    return Array.from(indices, (index, i) => ({
      index,
      classIndex: classes[i] ?? 0,
      predicted: predicted[i] ?? 0,
      confidence: confidences[i] ?? 0,
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
  parameters(layer, { signal } = {}) {
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
  robustness(options, onProgress, signal) {
    return this.#keeper.call('robustness', { options }, { signal, onProgress });
  }

  /** @param {CallOptions & { storage?: 'f32' | 'f16' | 'i8' }} [options] */
  async save({ signal, storage = 'f32' } = {}) {
    const { bytes } = await this.#keeper.call('save', { storage }, { signal });
    return new Blob([bytes], { type: 'application/octet-stream' });
  }

  close() {
    this.#keeper.end(new ClassifierError('closed', 'The classifier was closed.'));
  }
}

/**
 * The worker starts while the model is still on its way.
 * @param {() => Promise<import('./keeper.js').Origin>} origin
 * @param {boolean} trains
 * @param {AbortSignal | undefined} signal
 */
async function open(origin, trains, signal) {
  const keeper = new Keeper({ inference: startInferenceWorker, training: startTrainingWorker }, { build: BUILD, trains });
  try {
    return new Classifier(INSIDE, keeper, await keeper.open(await origin(), signal));
  } catch (error) {
    keeper.end(new ClassifierError('closed', 'The classifier did not come to be.'));
    throw error;
  }
}

// The hand-written types must fit the code (but for the events, which are typed more narrowly than an EventTarget's).
/** @typedef {typeof import('./index.d.ts').Classifier} Declared */
/** @typedef {Omit<import('./index.d.ts').Classifier, 'addEventListener' | 'removeEventListener'>} Made */
void (/** @satisfies {(...args: Parameters<Declared['load']>) => Promise<Made>} */ (Classifier.load));
void (/** @satisfies {(...args: Parameters<Declared['create']>) => Promise<Made>} */ (Classifier.create));
