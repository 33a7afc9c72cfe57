// @ts-check
/** What a generator's worker does for each call: trains in slices, so that samples can be had meanwhile. */

import { takeDataset } from './datasets.js';
import { ClassifierError, abortError } from './errors.js';
import { PACE, breathe, bufferOf } from './pace.js';

/** @typedef {import('./protocol.d.ts').GanCalls} GanCalls */
/** @typedef {import('./index.d.ts').GanProgress} GanProgress */

/**
 * @param {typeof import('./pkg/engine.js').GanEngine} EngineClass
 * @param {() => number} [now] milliseconds
 * @returns {import('./protocol.d.ts').Handlers<GanCalls>}
 */
export function ganHandlers(EngineClass, now = () => performance.now()) {
  /** @type {import('./pkg/engine.js').GanEngine | null} */
  let engine = null;
  /** @type {'idle' | 'running' | 'paused' | 'stopping'} */
  let state = 'idle';
  /** The state may change while the training waits. @param {typeof state} other */
  const is = (other) => state === other;
  /** Wakes the loop out of a pause. */
  let wake = () => {};

  const made = () => {
    if (!engine) throw new ClassifierError('state', 'This call needs a generator to be created or loaded first.');
    return engine;
  };
  /** @param {import('./pkg/engine.js').GanEngine} next */
  const use = (next) => {
    if (state !== 'idle') throw new ClassifierError('state', 'Before another generator is made, the training has to end.');
    engine?.free();
    engine = next;
    return { value: engine.info() };
  };
  /** @param {typeof state} next */
  const become = (next) => {
    if (state === 'idle') throw new ClassifierError('state', 'This call needs a training to be under way.');
    state = next;
    wake();
    return { value: null };
  };

  return {
    release: () => {
      engine?.free();
      engine = null;
      return { value: null };
    },
    create: ({ preset, options }) => use(EngineClass.create(preset, options)),
    load: ({ bytes, options }) => use(EngineClass.load(new Uint8Array(bytes), options)),
    setDataset: async (request, { signal }) => {
      if (state !== 'idle') throw new ClassifierError('state', 'The pictures cannot be changed during the training.');
      return { value: await takeDataset(made(), request, signal) };
    },
    train: async (_, { signal, progress }) => {
      const trained = made();
      if (state !== 'idle') throw new ClassifierError('state', 'The training is under way already.');
      state = 'running';
      signal.addEventListener('abort', () => wake());
      /** Time spent computing. */
      let milliseconds = 0;
      let reportedAt = -Infinity;
      /** @type {GanProgress | null} */
      let latest = null;
      try {
        for (;;) {
          await breathe();
          while (is('paused') && !signal.aborted) {
            await new Promise((resolve) => {
              wake = () => resolve(undefined);
            });
          }
          if (signal.aborted) throw abortError(signal);
          if (is('stopping') && latest) return { value: latest };
          const start = now();
          const told = trained.trainSlice(PACE.slice);
          const end = now();
          milliseconds += end - start;
          /** @type {GanProgress} */
          const report = { ...told, milliseconds };
          latest = report;
          if (end - reportedAt >= PACE.report) {
            progress(report);
            reportedAt = end;
          }
        }
      } finally {
        state = 'idle';
      }
    },
    pause: () => become('paused'),
    resume: () => become('running'),
    stop: () => become('stopping'),
    sample: ({ classes, seed, towards, at }) => {
      const value = made().sample(classes, seed, towards, at);
      return { value, transfer: [value.data.buffer] };
    },
    save: () => {
      const bytes = bufferOf(made().save());
      return { value: { bytes }, transfer: [bytes] };
    },
  };
}
