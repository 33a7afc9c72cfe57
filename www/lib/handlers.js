// @ts-check
/** What the engine's worker does for each call. */

import { ClassifierError, abortError, textOf, throwIfAborted } from './errors.js';
import { PACE, Training, breathe, bufferOf } from './training.js';
import { unzipped } from './unzip.js';

/** @typedef {import('./protocol.d.ts').EngineCalls} EngineCalls */
/** @typedef {import('./protocol.d.ts').WireSource} WireSource */
/** @typedef {import('./pkg/engine.js').Engine} Engine */

/**
 * @param {typeof import('./pkg/engine.js').Engine} EngineClass
 * @returns {import('./protocol.d.ts').Handlers<EngineCalls>}
 */
export function engineHandlers(EngineClass) {
  /** @type {Engine | null} */
  let model = null;
  /** @type {Training | null} */
  let training = null;
  /** The long call under way, of which there is one at a time. @type {string | null} */
  let busyWith = null;
  /** What to evaluate on. */
  let hasTrained = false;

  /** @returns {Engine} */
  const engine = () => {
    if (!model) throw new ClassifierError('state', 'This call needs a model to be loaded or created first.');
    return model;
  };
  const underWay = () => {
    if (!training) throw new ClassifierError('state', 'This call needs a training to be under way.');
    return training;
  };
  /**
   * @template T
   * @param {string} name
   * @param {() => Promise<T>} work
   */
  const alone = async (name, work) => {
    if (busyWith) throw new ClassifierError('state', `Before ${name}, ${busyWith} has to end.`);
    busyWith = name;
    try {
      return await work();
    } finally {
      busyWith = null;
    }
  };
  /** @param {Engine} made */
  const use = (made) => {
    model?.free();
    model = made;
    hasTrained = false;
    return { value: made.info() };
  };

  return {
    load: ({ bytes }) => alone('loading', async () => use(EngineClass.load(new Uint8Array(bytes)))),
    create: ({ spec, seed }) => alone('creating', async () => use(EngineClass.create(JSON.stringify(spec), seed))),
    predict: ({ source, topK }) => {
      const start = performance.now();
      const prediction = predict(engine(), source, topK);
      const milliseconds = performance.now() - start;
      const transfer = prediction.input ? [prediction.input.data.buffer] : [];
      return { value: { ...prediction, milliseconds }, transfer };
    },
    setDataset: ({ images, labels }, { signal }) =>
      alone('setting the data set', async () => {
        const [imageBytes, labelBytes] = await Promise.all([unzipped(images), unzipped(labels)]);
        throwIfAborted(signal);
        hasTrained = false;
        return { value: engine().setDataset(imageBytes, labelBytes) };
      }),
    train: ({ options }, { signal, progress }) =>
      alone('training', async () => {
        training = new Training(engine(), options, (step, checkpoint) =>
          progress({ progress: step, checkpoint }, checkpoint ? [checkpoint] : []),
        );
        hasTrained = true;
        try {
          const value = await training.run(signal);
          return { value, transfer: [value.checkpoint] };
        } finally {
          training = null;
        }
      }),
    pause: () => ({ value: underWay().pause() }),
    resume: () => {
      underWay().resume();
      return { value: null };
    },
    step: () => ({ value: underWay().step() }),
    stop: () => {
      underWay().stop();
      return { value: null };
    },
    setLearningRate: ({ learningRate }) => {
      underWay();
      engine().setLearningRate(learningRate);
      return { value: null };
    },
    evaluate: (_, { signal, progress }) =>
      alone('evaluating', async () => {
        const nExamples = engine().startEvaluation(hasTrained ? 'validation' : 'all');
        let reportedAt = performance.now();
        for (;;) {
          const evaluation = engine().evaluateSlice(PACE.slice);
          if (typeof evaluation !== 'number') return { value: evaluation };
          if (performance.now() - reportedAt >= PACE.report) {
            progress({ share: evaluation / nExamples });
            reportedAt = performance.now();
          }
          await breathe();
          if (signal.aborted) throw abortError(signal);
        }
      }),
    save: ({ storage }) => {
      const bytes = bufferOf(engine().save(storage));
      return { value: { bytes }, transfer: [bytes] };
    },
  };
}

/**
 * @param {Engine} engine
 * @param {WireSource} source
 * @param {number} topK
 */
function predict(engine, source, topK) {
  switch (source.kind) {
    case 'pixels':
      return engine.predictPixels(new Uint8Array(source.data), source.width, source.height, source.channels, topK);
    case 'bitmap':
      return engine.predictImageData(pixelsOf(source.bitmap), topK);
    case 'strokes':
      return engine.predictStrokes(source.points, source.lengths, topK);
  }
}

/**
 * @param {ImageBitmap} bitmap
 * @returns {ImageData}
 */
function pixelsOf(bitmap) {
  const { width, height } = bitmap;
  try {
    const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
    if (!context) throw new Error('no canvas of this size can be had');
    context.drawImage(bitmap, 0, 0);
    return context.getImageData(0, 0, width, height);
  } catch (error) {
    throw new ClassifierError('image', `The picture cannot be read: ${textOf(error)}`, { cause: error });
  } finally {
    bitmap.close();
  }
}
