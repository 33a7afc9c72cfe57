// @ts-check
/** What the training engine's worker does for own classes. */

import { throwIfAborted } from './errors.js';
import { PACE, breathe, bufferOf } from './training.js';

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
    features: async ({ pictures, numbers, views, detail, seed }, { signal, progress }) => {
      const { engine } = desk;
      const bytes = new Uint8Array(pictures);
      const size = bytes.length / numbers.length;
      const step = Math.max(1, Math.floor(AT_ONCE / views));
      /** @type {Float32Array<ArrayBuffer> | null} */
      let features = null;
      let breathedAt = performance.now();
      for (let start = 0; start < numbers.length; start += step) {
        const part = numbers.subarray(start, start + step);
        const found = engine.featuresBatch(bytes.subarray(start * size, (start + part.length) * size), part, views, detail, seed);
        const length = found.length / part.length;
        features ??= new Float32Array(numbers.length * length);
        features.set(found, start * length);
        if (performance.now() - breathedAt < PACE.slice) continue;
        progress({ share: (start + part.length) / numbers.length });
        await breathe();
        throwIfAborted(signal);
        breathedAt = performance.now();
      }
      features ??= new Float32Array();
      return { value: { features }, transfer: [features.buffer] };
    },
    teach: ({ features, classes, labels, detail, options }) => {
      const { model, heldOut } = desk.engine.teach(features, classes, labels, detail, options);
      const bytes = bufferOf(model);
      return { value: { model: bytes, heldOut }, transfer: [bytes] };
    },
  };
}
