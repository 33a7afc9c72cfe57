// @ts-check
/** What the training engine's worker does from the start: makes a model, predicts, trains, saves. */

import { ClassifierError, throwIfAborted } from './errors.js';
import { Desk, inferenceHandlers } from './handlers.js';
import { help } from './helper.js';
import { Helpers } from './helpers.js';
import { bufferOf } from './pace.js';
import { Training } from './training.js';

/** @typedef {import('./protocol.d.ts').EngineCalls} EngineCalls */
/** @typedef {import('./pkg/engine.js').Engine} Engine */

/**
 * What the others do: `later-handlers.js`.
 * @typedef {Exclude<keyof EngineCalls, keyof import('./protocol.d.ts').LaterCalls>} CoreCall
 */

/**
 * With the training that may be under way.
 * @extends {Desk<Engine>}
 */
export class TrainingDesk extends Desk {
  /** @type {Training | null} */
  training = null;
  /** For helpers. @type {import('./protocol.d.ts').WireDataset | null} */
  dataset = null;
  /** What to evaluate on. */
  hasTrained = false;
  /** @readonly */
  rest;

  /**
   * @param {typeof import('./pkg/engine.js').Engine} EngineClass
   * @param {() => Promise<{ takeDataset: typeof import('./datasets.js').takeDataset }>} rest loads what is not here from the start
   */
  constructor(EngineClass, rest) {
    super(EngineClass);
    this.rest = rest;
  }

  get underWay() {
    if (!this.training) throw new ClassifierError('state', 'This call needs a training to be under way.');
    return this.training;
  }

  /**
   * Gives a data set to an engine.
   * @param {Engine} engine
   * @param {import('./protocol.d.ts').WireDataset} dataset
   * @param {AbortSignal} signal
   */
  async take(engine, dataset, signal) {
    if (!('plain' in dataset)) return (await this.rest()).takeDataset(engine, dataset, signal);
    // The page made them, of what it holds in memory.
    const [images, labels] = await Promise.all([dataset.images.arrayBuffer(), dataset.labels.arrayBuffer()]);
    throwIfAborted(signal);
    return engine.setDataset(new Uint8Array(images), new Uint8Array(labels));
  }

  /** @param {Engine} engine */
  use(engine) {
    this.hasTrained = false;
    return super.use(engine);
  }
}

/**
 * @param {TrainingDesk} desk
 * @param {typeof import('./pkg/engine.js').Engine} EngineClass
 * @returns {import('./protocol.d.ts').Handlers<Pick<EngineCalls, CoreCall>>}
 */
export function coreHandlers(desk, EngineClass) {
  return {
    ...inferenceHandlers(desk),
    create: ({ spec, seed }) => desk.alone('creating', async () => desk.use(EngineClass.create(spec, seed))),
    setDataset: (request, { signal }) =>
      desk.alone('setting the data set', async () => {
        const value = await desk.take(desk.engine, request, signal);
        desk.hasTrained = false;
        desk.dataset = request;
        return { value };
      }),
    train: ({ options, helpers: ports = [], resumeFrom, putsAside }, { signal, progress }) =>
      desk.alone('training', async () => {
        const { engine } = desk;
        const helpers = new Helpers(ports);
        try {
          desk.training = new Training(
            engine,
            options,
            (step, checkpoint, run) => progress({ progress: step, checkpoint, run }, [checkpoint, run].filter((bytes) => bytes !== null)),
            { helpers, resumeFrom, putsAside },
          );
          desk.hasTrained = true;
          if (desk.dataset) helpers.prepare(() => bufferOf(engine.save('i8')), desk.dataset); // the weights come with the run
          const value = await desk.training.run(signal);
          return { value, transfer: [value.checkpoint] };
        } finally {
          desk.training = null;
          helpers.end();
        }
      }),
    help: ({ port }, { signal }) =>
      desk.alone('helping', async () => {
        await help(desk, port, signal);
        return { value: null };
      }),
    pause: async () => ({ value: await desk.underWay.pause() }),
    resume: () => ({ value: desk.underWay.resume() }),
    stop: () => ({ value: desk.underWay.stop() }),
    save: ({ storage }) => {
      const bytes = bufferOf(desk.engine.save(storage));
      return { value: { bytes }, transfer: [bytes] };
    },
  };
}
