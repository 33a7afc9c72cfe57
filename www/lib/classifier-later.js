// @ts-check
/** The classifier's rarer calls: they come with the first of them. What each means is told in `index.d.ts`. */

import { decodeImage, decoding } from './decode.js';
import { ClassifierError } from './errors.js';
// As in `decoding.js`: who asks for this part has it already.
import './index.js';
import { joined } from './joined.js';
import { readFiles } from './read-files.js';
import { transferOf, whole } from './sources.js';
import { taughtOf } from './taught.js';
import { isList, packBatch, wireDataset } from './wire-data.js';

/** @typedef {import('./index.d.ts').CallOptions} CallOptions */
/** @typedef {import('./index.d.ts').ShareDone} ShareDone */
/** @typedef {import('./protocol.d.ts').WireSource} WireSource */

/**
 * What a classifier is to its calls.
 * @typedef {object} Own
 * @property {import('./classifier.js').Classifier} classifier
 * @property {import('./keeper.js').Keeper} keeper
 * @property {(signal: AbortSignal | undefined) => Promise<void>} handOver the examples that were added one by one
 * @property {Promise<void>} prepared settles when the last training was told to start
 * @property {(signal: AbortSignal | undefined) => Promise<unknown>} prepare hands them over; calls that steer a training wait for it
 * @property {(dataset: import('./protocol.d.ts').WireDataset) => void} took a data set, in place of the examples
 */

export const calls = {

  /**
   * @param {Own} own
   * @param {Uint8Array} pictures
   * @param {CallOptions} [options]
   */
  async predictBatch(own, pictures, { signal } = {}) {
    const bytes = packBatch(pictures);
    const { probabilities } = await own.keeper.call('predictBatch', { pictures: bytes }, { signal, transfer: [bytes] });
    return probabilities;
  },

  /**
   * @param {Own} own
   * @param {Promise<WireSource>} captured
   * @param {CallOptions & { detail?: import('./index.d.ts').FeatureDetail }} [options]
   */
  async features(own, captured, { signal, detail } = {}) {
    const input = await calls.prepare(own, captured, { signal });
    return input && calls.featuresBatch(own, input, { signal, detail });
  },

  /**
   * @param {Own} own
   * @param {Promise<WireSource>} captured
   * @param {CallOptions} [options]
   */
  async prepare(own, captured, { signal } = {}) {
    const picture = await captured;
    return own.keeper.call('prepare', { source: picture }, { signal, transfer: transferOf(picture) });
  },

  /**
   * @param {Own} own
   * @param {Uint8Array[]} files
   * @param {CallOptions} [options]
   */
  async prepareBatch(own, files, { signal } = {}) {
    if (!Array.isArray(files) || !files.every((file) => file instanceof Uint8Array)) {
      throw new ClassifierError('image', 'The bytes of picture files are needed as a list of Uint8Array.');
    }
    const { decoder } = await decoding();
    /** @type {Uint8Array[]} */
    const parts = [];
    /** @type {number[]} */
    const blank = [];
    for (let done = 0; done < files.length; ) {
      const left = files.slice(done);
      const { pixels, shapes } = await decoder.decodeBatch(joined(left), Uint32Array.from(left, ({ length }) => length), { signal });
      const prepared = await own.keeper.call('prepareBatch', { pixels, shapes }, { signal, transfer: [pixels] });
      parts.push(prepared.pictures);
      blank.push(...prepared.blank.map((place) => done + place));
      done += shapes.length / 3;
    }
    return { pictures: parts.length === 1 && parts[0] ? parts[0] : joined(parts), blank };
  },

  /**
   * @param {Own} own
   * @param {Uint8Array} picture
   * @param {CallOptions & { number?: number, views?: number, seed?: number }} [options]
   * @returns {Promise<import('./index.d.ts').Pixels[]>}
   */
  async viewsOf(own, picture, { signal, number = 0, views = 1, seed = 1 } = {}) {
    whole('number', number, 0);
    whole('views', views, 1);
    const bytes = packBatch(picture);
    const all = await own.keeper.call('viewsOf', { picture: bytes, number, views, seed: whole('seed', seed, 0) }, { signal, transfer: [bytes] });
    const [height, width, channels] = own.classifier.info.inputShape;
    const size = height * width * channels;
    return Array.from({ length: views }, (_, view) => ({ data: all.slice(view * size, (view + 1) * size), width, height, channels }));
  },

  /**
   * @param {Own} own
   * @param {Uint8Array} pictures
   * @param {CallOptions & import('./index.d.ts').FeatureOptions} [options]
   */
  async featuresBatch(own, pictures, { signal, onProgress, detail = 'whole', firstView = 0, views = 1, numbers, seed = 1 } = {}) {
    const [height, width, channels] = own.classifier.info.inputShape;
    const size = height * width * channels;
    const bytes = packBatch(pictures);
    const places = numbers ?? Uint32Array.from({ length: Math.ceil(pictures.length / size) }, (_, place) => place);
    whole('firstView', firstView, 0);
    whole('views', views, 1);
    whole('seed', seed, 0);
    if (pictures.length !== places.length * size) {
      throw new ClassifierError('shape', `The pictures need ${places.length} times ${size} bytes, but got ${pictures.length} bytes.`);
    }
    const request = { pictures: bytes, numbers: places, firstView, views, detail, seed };
    const { features } = await own.keeper.call('features', request, { signal, onProgress, transfer: [bytes] });
    return features;
  },

  /**
   * @param {Own} own
   * @param {Uint32Array} numbers
   * @param {Float32Array<ArrayBuffer>} features
   * @param {CallOptions & { detail?: import('./index.d.ts').FeatureDetail }} [options]
   */
  async keepFeatures(own, numbers, features, { signal, detail = 'whole' } = {}) {
    if (!(numbers instanceof Uint32Array)) throw new ClassifierError('config', 'The pictures\' numbers are needed: a Uint32Array.');
    if (!(features instanceof Float32Array)) throw noFeatures();
    await own.keeper.call('keepFeatures', { numbers, features, detail }, { signal, transfer: [features.buffer] });
  },

  /**
   * @param {Own} own
   * @param {Uint32Array} [numbers]
   * @param {CallOptions} [options]
   */
  async forgetFeatures(own, numbers, { signal } = {}) {
    await own.keeper.call('forgetFeatures', { numbers }, { signal });
  },

  /**
   * @param {Own} own
   * @param {import('./index.d.ts').TeachLesson} lesson
   * @param {CallOptions & { onProgress?: (progress: ShareDone) => void }} [options]
   * @returns {Promise<import('./index.d.ts').Taught>}
   */
  async teach(own, { features, numbers, classes, labels, detail = 'whole', unfreeze = 'none', pictures, epochs, ...options }, { signal, onProgress } = {}) {
    if (!(features instanceof Float32Array) && !(numbers instanceof Uint32Array)) throw noFeatures();
    if (!isList(classes) || !Array.isArray(labels)) {
      throw new ClassifierError('config', 'Lists are needed of classes, an index for each picture, and of labels.');
    }
    const places = numbers ?? Uint32Array.from(classes, (_, place) => place);
    const tuning = unfreeze === 'none' ? undefined : { pictures: packBatch(pictures ?? new Uint8Array()), unfreeze, epochs: epochs && whole('epochs', epochs, 1) };
    const request = { features, numbers: places, classes: Uint32Array.from(classes), labels: [...labels], detail, options, tuning };
    return taughtOf(await own.keeper.call('teach', request, { signal, onProgress, transfer: tuning ? [tuning.pictures] : [] }), request.classes);
  },

  /**
   * @param {Own} own
   * @param {import('./index.d.ts').Dataset} dataset
   * @param {CallOptions & { onProgress?: (progress: ShareDone) => void }} [options]
   */
  async setDataset(own, dataset, { signal, onProgress } = {}) {
    if (typeof dataset !== 'object' || dataset === null) {
      throw new ClassifierError('config', 'A data set is needed: { images, labels }, { files }, { pixels, labels, shape } or { generated }.');
    }
    if (!('files' in dataset)) return give(own, dataset, signal);
    const { leftOut, ...pictures } = await read(own, dataset, { signal, onProgress });
    const info = await give(own, pictures, signal);
    return leftOut.count > 0 ? { ...info, leftOut } : info;
  },

  /**
   * @param {Own} own
   * @param {CallOptions} [options]
   */
  async recall(own, { signal } = {}) {
    await own.keeper.call('recall', {}, { signal });
  },

  /**
   * @param {Own} own
   * @param {import('./index.d.ts').Pixels} picture
   * @param {number} classIndex
   * @param {CallOptions} [options]
   */
  async correct(own, picture, classIndex, { signal } = {}) {
    const bytes = new Uint8Array(picture.data).buffer;
    const request = { picture: bytes, classIndex: whole('classIndex', classIndex, 0) };
    const { correction, model } = await own.keeper.call('correct', request, { signal, transfer: [bytes] });
    own.keeper.keep(model);
    return correction;
  },

  /**
   * @param {Own} own
   * @param {CallOptions} [options]
   */
  async undoCorrection(own, { signal } = {}) {
    const { correction, model } = await own.keeper.call('undoCorrection', {}, { signal });
    own.keeper.keep(model);
    return correction;
  },

  /**
   * @param {Own} own
   * @param {number} index
   * @param {CallOptions} [options]
   */
  async example(own, index, { signal } = {}) {
    await own.handOver(signal);
    const [height, width, channels] = own.classifier.info.inputShape;
    const { data, classIndex } = await own.keeper.call('example', { index: whole('index', index, 0) }, { signal });
    return { picture: { data, width, height, channels, prepared: true }, classIndex };
  },

  /**
   * @param {Own} own
   * @param {import('./index.d.ts').SearchCall} call
   */
  async search(own, { signal, onTrial, onProgress, resumeFrom = [], ...options }) {
    await own.prepare(signal);
    const { search, checkpoint } = await own.keeper.call('search', { options, rows: resumeFrom }, {
      signal,
      onProgress: ({ trial, progress }) => {
        if (signal?.aborted) return;
        if (trial) onTrial?.(trial);
        if (progress) onProgress?.(progress);
      },
    });
    own.keeper.keep(checkpoint);
    return search;
  },

  /**
   * @param {Own} own
   * @param {CallOptions & { views?: import('./index.d.ts').Views, onProgress?: (progress: ShareDone) => void }} [options]
   */
  async evaluate(own, { signal, views, onProgress } = {}) {
    await own.handOver(signal);
    return own.keeper.call('evaluate', { views }, { signal, onProgress });
  },

  /**
   * @param {Own} own
   * @param {import('./index.d.ts').FindRateCall} [options]
   */
  async findLearningRate(own, { signal, onProgress, low, high, steps, ...options } = {}) {
    await own.handOver(signal);
    return own.keeper.call('findLearningRate', { options, climb: { low, high, steps } }, { signal, onProgress });
  },

  /**
   * @param {Own} own
   * @param {{ of?: 'batch' | 'epoch' }} [options]
   */
  async step(own, { of } = {}) {
    await own.prepared;
    return own.keeper.call('step', { of });
  },

  /**
   * @param {Own} own
   * @param {CallOptions} [options]
   */
  async checkpoint(own, { signal } = {}) {
    await own.prepared;
    const { bytes } = await own.keeper.call('checkpoint', {}, { signal });
    return new Blob([bytes], { type: 'application/octet-stream' });
  },

  /**
   * @param {Own} own
   * @param {number} learningRate
   */
  async setLearningRate(own, learningRate) {
    await calls.changeTraining(own, { learningRate: Number(learningRate) });
  },

  /**
   * @param {Own} own
   * @param {import('./index.d.ts').TrainChanges} changes
   */
  async changeTraining(own, changes) {
    await own.prepared;
    return own.keeper.call('changeTraining', { changes });
  },

  /**
   * @param {Own} own
   * @param {CallOptions} [options]
   */
  async internals(own, { signal } = {}) {
    await own.prepared;
    return own.keeper.call('internals', {}, { signal });
  },

  /**
   * @param {Own} own
   * @param {CallOptions} [options]
   */
  async evaluateEach(own, { signal } = {}) {
    await own.handOver(signal);
    const { indices, classes, predicted, confidences, labelConfidences } = await own.keeper.call('evaluateEach', {}, { signal });
    return Array.from(indices, (index, i) => ({
      index,
      classIndex: classes[i] ?? 0,
      predicted: predicted[i] ?? 0,
      confidence: confidences[i] ?? 0,
      labelConfidence: labelConfidences[i] ?? 0,
    }));
  },

  /**
   * @param {Own} own
   * @param {Promise<WireSource>} captured
   * @param {CallOptions & { method?: import('./index.d.ts').ExplainMethod, classIndex?: number, layer?: string }} [options]
   */
  async explain(own, captured, { signal, method = 'gradCam', classIndex, layer } = {}) {
    const asked = { method, ...(classIndex !== undefined && { classIndex: whole('classIndex', classIndex, 0) }), ...(layer !== undefined && { layer }) };
    const picture = await captured;
    return own.keeper.call('explain', { source: picture, asked }, { signal, transfer: transferOf(picture) });
  },

  /**
   * @param {Own} own
   * @param {Promise<WireSource>} captured
   * @param {CallOptions & { layer: string }} options
   */
  async activations(own, captured, { signal, layer }) {
    const picture = await captured;
    return own.keeper.call('activations', { source: picture, layer }, { signal, transfer: transferOf(picture) });
  },

  /**
   * @param {Own} own
   * @param {string} layer
   * @param {CallOptions} [options]
   */
  async parameters(own, layer, { signal } = {}) {
    if (!own.classifier.info.layers.some(({ name }) => name === layer)) {
      throw new ClassifierError('config', `The option layer must be the name of a layer in info.layers, but it is ${layer}.`);
    }
    return own.keeper.call('parameters', { layer }, { signal });
  },

  /**
   * @param {Own} own
   * @param {Promise<WireSource>} captured
   * @param {CallOptions & { kind: import('./index.d.ts').DisturbanceKind, strength: number, seed?: number, classIndex?: number, toward?: boolean }} options
   * @returns {Promise<import('./index.d.ts').Disturbed | null>}
   */
  async disturb(own, captured, { signal, kind, strength, seed = 1, classIndex, toward = false }) {
    if (classIndex !== undefined) whole('classIndex', classIndex, 0);
    const picture = await captured;
    const request = { source: picture, kind, strength, seed: whole('seed', seed, 0), classIndex, toward };
    const data = await own.keeper.call('disturb', request, { signal, transfer: transferOf(picture) });
    if (!data) return null;
    const [height, width, channels] = own.classifier.info.inputShape;
    const disturbed = { data, width, height, channels, prepared: true };
    return { picture: disturbed, prediction: await own.classifier.predict(disturbed, { signal }) };
  },

  /**
   * @param {Own} own
   * @param {Promise<WireSource>} captured
   * @param {CallOptions & { method?: 'fgsm' | 'pgd', epsilon?: number, classIndex?: number, toward?: boolean }} [options]
   */
  adversarial(own, captured, { method = 'fgsm', epsilon = 0.1, ...options } = {}) {
    return calls.disturb(own, captured, { ...options, kind: method, strength: epsilon });
  },

  /**
   * @param {Own} own
   * @param {import('./index.d.ts').RobustnessOptions} options
   * @param {(progress: ShareDone & { points: import('./index.d.ts').RobustnessPoint[] }) => void} [onProgress]
   * @param {AbortSignal} [signal]
   */
  async robustness(own, options, onProgress, signal) {
    await own.handOver(signal);
    return own.keeper.call('robustness', { options }, { signal, onProgress });
  },
};

function noFeatures() {
  return new ClassifierError('config', 'Features are needed as featuresBatch gives them, a Float32Array, or the numbers of kept ones, a Uint32Array.');
}

/**
 * @param {Own} own
 * @param {Exclude<import('./index.d.ts').Dataset, import('./index.d.ts').FilesDataset>} dataset
 * @param {AbortSignal | undefined} signal
 */
async function give(own, dataset, signal) {
  const wire = wireDataset(dataset);
  const info = await own.keeper.call('setDataset', wire, { signal });
  own.took(wire);
  return info;
}

/**
 * Files as this network is to see them.
 * @param {Own} own
 * @param {import('./index.d.ts').FilesDataset} dataset
 * @param {CallOptions & { onProgress?: (progress: ShareDone) => void }} options
 */
function read({ keeper, classifier }, dataset, { signal, onProgress }) {
  const hands = {
    call: keeper.call.bind(keeper),
    decode: (/** @type {import('./protocol.d.ts').WireFile} */ { blob, packed }) => decodeImage(blob, { signal, packed }),
  };
  return readFiles(dataset, hands, { form: classifier.info, signal, onProgress });
}
