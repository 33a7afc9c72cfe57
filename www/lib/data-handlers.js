// @ts-check
/** What an engine's worker does with files of a data set; no model is needed. */

import { ClassifierError, throwIfAborted } from './errors.js';
import { unzipped } from './unzip.js';

/** Bytes that the files of a data set may unpack to together, as the core's own limit. */
const MOST_BYTES = 2 ** 30 + 2 ** 16;

/**
 * @param {typeof import('./pkg/engine.js').Engine} EngineClass
 * @returns {import('./protocol.d.ts').Handlers<import('./protocol.d.ts').DataCalls>}
 */
export function dataHandlers(EngineClass) {
  return {
    arrange: ({ paths, part }) => ({ value: EngineClass.arrange(paths, part) }),
    frameOf: ({ data, width, height, channels }) => {
      const [h = 0, w = 0, c = 0] = EngineClass.frameOf(new Uint8Array(data), width, height, channels);
      return { value: { shape: [h, w, c] } };
    },
    prepareExample: ({ data, width, height, channels, shape, preprocessing }) => {
      const sides = Uint32Array.from(shape);
      const example = EngineClass.prepareExample(new Uint8Array(data), width, height, channels, sides, preprocessing);
      return { value: { example }, transfer: [example.buffer] };
    },
    readFiles: async ({ files, part, coarse, transposed }, { signal }) => {
      let left = MOST_BYTES;
      const unpacked = [];
      for (const { name, blob, packed, picture } of files) {
        const data = await unzipped(blob, left, packed).catch((error) => {
          throw error instanceof ClassifierError ? new ClassifierError(error.code, `${name}: ${error.message}`, { cause: error }) : error;
        });
        throwIfAborted(signal);
        left -= data.length;
        unpacked.push({ name, data, ...picture });
      }
      const value = EngineClass.readFiles(unpacked, part, coarse, transposed);
      return { value, transfer: [value.pixels.buffer, value.labels.buffer] };
    },
  };
}
