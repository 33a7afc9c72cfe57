// @ts-check
/** What the training engine's worker does for own classes. */

import { throwIfAborted } from './errors.js';
import { predict } from './handlers.js';
import { joined } from './joined.js';
import { PACE, breathe, bufferOf } from './pace.js';
import { drop } from './spent.js';

/** @typedef {import('./pkg/engine.js').Engine} Engine */
/** @typedef {import('./protocol.d.ts').TeachingCalls} TeachingCalls */

/** Views computed before it is looked whether the slice is over. */
const AT_ONCE = 32;

/**
 * @param {import('./handlers.js').Desk<Engine>} desk
 * @returns {import('./protocol.d.ts').Handlers<TeachingCalls>}
 */
export function teachingHandlers(desk) {
  return {
    prepare: ({ source }) => {
      const { engine } = desk;
      /** @type {Uint8Array | null} */
      let value;
      if (source.kind === 'pixels') {
        value = engine.prepare(new Uint8Array(source.data), source.width, source.height, source.channels) ?? null;
        drop(source.data);
      } else value = predict(engine, source, 1).input?.data ?? null;
      return { value, transfer: value ? [bufferOf(value)] : [] };
    },
    prepareBatch: ({ pixels, shapes }) => {
      /** @type {Uint8Array[]} */
      const found = [];
      /** @type {number[]} */
      const blank = [];
      let at = 0;
      for (let place = 0; 3 * place < shapes.length; place += 1) {
        const [width = 0, height = 0, channels = 0] = shapes.subarray(3 * place);
        const size = width * height * channels;
        const input = desk.engine.prepare(new Uint8Array(pixels, at, size), width, height, channels);
        if (input) found.push(input);
        else blank.push(place);
        at += size;
      }
      const pictures = joined(found);
      drop(pixels, ...found.map(({ buffer }) => buffer));
      return { value: { pictures, blank }, transfer: [pictures.buffer] };
    },
    viewsOf: ({ picture, number, views, seed }) => {
      const value = desk.engine.viewsOf(new Uint8Array(picture), number, views, seed);
      return { value, transfer: [value.buffer] };
    },
    features: async ({ pictures, numbers, firstView, views, detail, seed }, { signal, progress }) => {
      const { engine } = desk;
      const bytes = new Uint8Array(pictures);
      const size = bytes.length / numbers.length;
      const step = Math.max(1, Math.floor(AT_ONCE / views));
      /** @type {Float32Array<ArrayBuffer> | null} */
      let features = null;
      let breathedAt = performance.now();
      for (let start = 0; start < numbers.length; start += step) {
        const part = numbers.subarray(start, start + step);
        const found = engine.featuresBatch(bytes.subarray(start * size, (start + part.length) * size), part, firstView, firstView + views, detail, seed);
        const length = found.length / part.length;
        features ??= new Float32Array(numbers.length * length);
        features.set(found, start * length);
        drop(found.buffer);
        if (performance.now() - breathedAt < PACE.slice) continue;
        progress({ share: (start + part.length) / numbers.length });
        await breathe();
        throwIfAborted(signal);
        breathedAt = performance.now();
      }
      features ??= new Float32Array();
      drop(pictures);
      return { value: { features }, transfer: [features.buffer] };
    },
    keepFeatures: ({ numbers, features, detail }) => {
      desk.engine.keepFeatures(numbers, features, detail);
      drop(features.buffer);
      return { value: null };
    },
    forgetFeatures: ({ numbers }) => {
      desk.engine.forgetFeatures(numbers);
      return { value: null };
    },
    teach: async ({ features, numbers, classes, labels, detail, options, tuning }, means) => {
      const { engine } = desk;
      if (!tuning) {
        const { model, heldOut } = engine.teach(features, numbers, classes, labels, detail, options);
        const bytes = bufferOf(model);
        return { value: { model: bytes, heldOut, tuned: null }, transfer: [bytes] };
      }
      const { pictures, unfreeze, epochs } = tuning;
      engine.startFineTuning(features, new Uint8Array(pictures), numbers, classes, labels, detail, options, unfreeze, epochs);
      drop(pictures);
      const { model, heldOut, ...tuned } = await fineTuned(engine, means);
      const bytes = bufferOf(model);
      return { value: { model: bytes, heldOut, tuned }, transfer: [bytes] };
    },
  };
}

/** @param {Engine} engine @param {{ signal: AbortSignal, progress: (value: { share: number }) => void }} means */
async function fineTuned(engine, { signal, progress }) {
  /** @type {any} */
  let outcome;
  try {
    for (let share = 0; share < 1; ) {
      share = engine.fineTuneSlice(PACE.slice);
      progress({ share });
      await breathe();
      throwIfAborted(signal);
    }
  } finally {
    // Ends one that was canceled, too.
    outcome = engine.finishFineTuning();
  }
  return outcome;
}
