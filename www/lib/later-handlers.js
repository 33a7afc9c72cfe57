// @ts-check
/** What the training engine's worker does for the rarer calls: their handlers come with the first of them. */

import { dataHandlers } from './data-handlers.js';
import { abortError } from './errors.js';
import { explainHandlers } from './explain-handlers.js';
import { predict } from './handlers.js';
import { PACE, breathe, bufferOf } from './pace.js';
import { search } from './searching.js';
import { change, step } from './steering.js';
import { teachingHandlers } from './teaching-handlers.js';

/** @typedef {import('./pkg/engine.js').Engine} Engine */

/** Examples shown to the network before other calls get their turn. */
const RECALLED_AT_ONCE = 128;

/**
 * @param {import('./core-handlers.js').TrainingDesk} desk
 * @param {object} from what is here already
 * @param {typeof import('./pkg/engine.js').Engine} from.EngineClass
 * @param {typeof import('./training.js').Training} from.Training
 * @returns {import('./protocol.d.ts').Handlers<import('./protocol.d.ts').LaterCalls>}
 */
export function laterHandlers(desk, { EngineClass, Training }) {
  /** @param {(engine: Engine) => Omit<import('./index.d.ts').Correction, 'milliseconds'>} work */
  const corrected = (work) => {
    const start = performance.now();
    const correction = work(desk.engine);
    const milliseconds = performance.now() - start;
    const model = bufferOf(desk.engine.save('f32'));
    return { value: { correction: { ...correction, milliseconds }, model }, transfer: [model] };
  };

  return {
    ...dataHandlers(EngineClass),
    ...teachingHandlers(desk),
    ...explainHandlers(desk),
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
    search: (request, { signal, progress }) =>
      desk.alone('searching', async () => {
        desk.hasTrained = true;
        try {
          const value = await search(desk.engine, request, { signal, progress, training: (begun) => (desk.training = begun) }, { Training });
          return { value, transfer: value.checkpoint ? [value.checkpoint] : [] };
        } finally {
          desk.training = null;
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
    step: async ({ of }) => ({ value: await step(desk.underWay, of) }),
    checkpoint: async () => {
      const bytes = await desk.underWay.between((engine) => bufferOf(engine.checkpoint()));
      return { value: { bytes }, transfer: [bytes] };
    },
    changeTraining: async ({ changes }) => ({ value: await change(desk.underWay, changes) }),
    internals: () => {
      void desk.underWay;
      const start = performance.now();
      const internals = desk.engine.internals();
      return { value: { ...internals, milliseconds: performance.now() - start } };
    },
    evaluate: ({ views }, { signal, progress }) =>
      desk.alone('evaluating', async () => {
        const nExamples = desk.engine.startEvaluation(desk.hasTrained ? 'validation' : 'all', views);
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
  };
}
