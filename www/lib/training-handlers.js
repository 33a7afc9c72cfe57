// @ts-check
/** What the training engine's worker does for each call. */

import { dataHandlers } from './data-handlers.js';
import { takeDataset } from './datasets.js';
import { ClassifierError, abortError } from './errors.js';
import { explainHandlers } from './explain-handlers.js';
import { Desk, inferenceHandlers, predict } from './handlers.js';
import { help } from './helper.js';
import { Helpers } from './helpers.js';
import { search } from './searching.js';
import { teachingHandlers } from './teaching-handlers.js';
import { PACE, Training, breathe, bufferOf } from './training.js';

/** @typedef {import('./protocol.d.ts').EngineCalls} EngineCalls */
/** @typedef {Partial<EngineCalls['train']['progress']>} TrainMessage */

/** Examples shown to the network before other calls get their turn. */
const RECALLED_AT_ONCE = 128;

/**
 * @param {typeof import('./pkg/engine.js').Engine} EngineClass
 * @returns {import('./protocol.d.ts').Handlers<EngineCalls>}
 */
export function engineHandlers(EngineClass) {
  const desk = new Desk(EngineClass);
  const inference = inferenceHandlers(desk);
  /** @type {Training | null} */
  let training = null;
  /** For helpers. @type {import('./protocol.d.ts').WireDataset | null} */
  let dataset = null;
  /** What to evaluate on. */
  let hasTrained = false;

  /** @param {(engine: import('./pkg/engine.js').Engine) => Omit<import('./index.d.ts').Correction, 'milliseconds'>} work */
  const corrected = (work) => {
    const start = performance.now();
    const correction = work(desk.engine);
    const milliseconds = performance.now() - start;
    const model = bufferOf(desk.engine.save('f32'));
    return { value: { correction: { ...correction, milliseconds }, model }, transfer: [model] };
  };

  const underWay = () => {
    if (!training) throw new ClassifierError('state', 'This call needs a training to be under way.');
    return training;
  };

  return {
    ...dataHandlers(EngineClass),
    ...teachingHandlers(desk),
    release: inference.release,
    load: async (request, context) => {
      const reply = await inference.load(request, context);
      hasTrained = false;
      return reply;
    },
    create: ({ spec, seed }) =>
      desk.alone('creating', async () => {
        const reply = desk.use(EngineClass.create(spec, seed));
        hasTrained = false;
        return reply;
      }),
    predict: inference.predict,
    predictStrokes: inference.predictStrokes,
    predictViews: ({ source, topK, views }) => {
      const start = performance.now();
      // Strokes and pixels become the network's input first, which is then seen in several ways.
      const plain = predict(desk.engine, source, topK);
      const prediction = plain.input ? desk.engine.predictViews(plain.input.data, topK, views) : plain;
      const milliseconds = performance.now() - start;
      const transfer = prediction.input ? [prediction.input.data.buffer] : [];
      return { value: { ...prediction, milliseconds }, transfer };
    },
    predictBatch: ({ pictures }) => {
      const probabilities = desk.engine.predictBatch(new Uint8Array(pictures));
      return { value: { probabilities }, transfer: [bufferOf(probabilities)] };
    },
    setDataset: (request, { signal }) =>
      desk.alone('setting the data set', async () => {
        const value = await takeDataset(desk.engine, request, signal);
        hasTrained = false;
        dataset = request;
        return { value };
      }),
    recall: (_, { signal }) =>
      desk.alone('recalling', async () => {
        while (!desk.engine.recall(RECALLED_AT_ONCE)) {
          await breathe();
          if (signal.aborted) throw abortError(signal);
        }
        return { value: null };
      }),
    correct: ({ picture, classIndex }) => corrected((engine) => engine.correct(new Uint8Array(picture), classIndex)),
    undoCorrection: () => corrected((engine) => engine.undoCorrection()),
    example: ({ index }) => {
      const { data, classIndex } = desk.engine.example(index);
      return { value: { data, classIndex }, transfer: [data.buffer] };
    },
    train: ({ options, helpers: ports = [], resumeFrom, putsAside }, { signal, progress }) =>
      desk.alone('training', async () => {
        const { engine } = desk;
        const helpers = new Helpers(ports);
        try {
          /** @param {TrainMessage} message */
          const tell = ({ progress: step = null, checkpoint = null, run = null }) =>
            progress({ progress: step, checkpoint, run }, [checkpoint, run].filter((bytes) => bytes !== null));
          training = new Training(engine, options, (step, checkpoint) => tell({ progress: step, checkpoint }), undefined, {
            resumeFrom,
            putAside: putsAside ? (run) => tell({ run }) : undefined,
          });
          training.helpers = helpers;
          hasTrained = true;
          if (dataset) helpers.prepare(() => bufferOf(engine.save('i8')), dataset); // the weights come with the run
          const value = await training.run(signal);
          return { value, transfer: [value.checkpoint] };
        } finally {
          training = null;
          helpers.end();
        }
      }),
    search: (request, { signal, progress }) =>
      desk.alone('searching', async () => {
        hasTrained = true;
        try {
          const value = await search(desk.engine, request, { signal, progress, training: (begun) => (training = begun) });
          return { value, transfer: value.checkpoint ? [value.checkpoint] : [] };
        } finally {
          training = null;
        }
      }),
    findLearningRate: ({ options, climb }, { signal, progress }) =>
      desk.alone('finding a learning rate', async () => {
        desk.engine.startFinding(options, climb);
        let reportedAt = performance.now();
        try {
          for (;;) {
            const range = desk.engine.findSlice(PACE.slice);
            if (typeof range !== 'number') return { value: range };
            if (performance.now() - reportedAt >= PACE.report) {
              progress({ share: range });
              reportedAt = performance.now();
            }
            await breathe();
            if (signal.aborted) throw abortError(signal);
          }
        } finally {
          desk.engine.stopFinding();
        }
      }),
    help: ({ port }, { signal }) =>
      desk.alone('helping', async () => {
        await help(EngineClass, port, signal);
        return { value: null };
      }),
    pause: async () => ({ value: await underWay().pause() }),
    resume: () => {
      underWay().resume();
      return { value: null };
    },
    step: async ({ of }) => ({ value: await underWay().step(of) }),
    checkpoint: async () => {
      const bytes = await underWay().checkpoint();
      return { value: { bytes }, transfer: [bytes] };
    },
    stop: () => {
      underWay().stop();
      return { value: null };
    },
    internals: () => {
      underWay();
      const start = performance.now();
      const internals = desk.engine.internals();
      return { value: { ...internals, milliseconds: performance.now() - start } };
    },
    changeTraining: async ({ changes }) => ({ value: await underWay().change(changes) }),
    evaluate: ({ views }, { signal, progress }) =>
      desk.alone('evaluating', async () => {
        const nExamples = desk.engine.startEvaluation(hasTrained ? 'validation' : 'all', views);
        let reportedAt = performance.now();
        for (;;) {
          const evaluation = desk.engine.evaluateSlice(PACE.slice);
          if (typeof evaluation !== 'number') return { value: evaluation };
          if (performance.now() - reportedAt >= PACE.report) {
            progress({ share: evaluation / nExamples });
            reportedAt = performance.now();
          }
          await breathe();
          if (signal.aborted) throw abortError(signal);
        }
      }),
    evaluateEach: (_, { signal }) =>
      desk.alone('evaluating', async () => {
        const indices = desk.engine.evaluated();
        const classes = new Uint32Array(indices.length);
        const predicted = new Uint32Array(indices.length);
        const confidences = new Float32Array(indices.length);
        const labelConfidences = new Float32Array(indices.length);
        const nClasses = desk.engine.info().labels.length;
        let breathedAt = performance.now();
        for (const [i, index] of indices.entries()) {
          const { data, classIndex } = desk.engine.example(index);
          const scores = desk.engine.predictPrepared(data, nClasses).classes;
          const [top] = scores;
          classes[i] = classIndex;
          predicted[i] = top.index;
          confidences[i] = top.confidence;
          labelConfidences[i] = scores.find((/** @type {{ index: number }} */ score) => score.index === classIndex)?.confidence ?? 0;
          if (performance.now() - breathedAt < PACE.slice) continue;
          await breathe();
          if (signal.aborted) throw abortError(signal);
          breathedAt = performance.now();
        }
        const value = { indices, classes, predicted, confidences, labelConfidences };
        return { value, transfer: Object.values(value).map(({ buffer }) => buffer) };
      }),
    ...explainHandlers(desk),
    save: ({ storage }) => {
      const bytes = bufferOf(desk.engine.save(storage));
      return { value: { bytes }, transfer: [bytes] };
    },
  };
}
