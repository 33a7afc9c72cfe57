// @ts-check
/** Files of a data set to labelled pixels, before there is a network: in a worker that ends with it. */

import { Connection } from './connection.js';
import { decodeImage } from './decode.js';
import { abortError, closed, throwIfAborted } from './errors.js';
import { BUILD } from './pkg/build.js';
import { readFiles } from './read-files.js';
import { startTrainingWorker } from './spawn-training.js';

/** @typedef {import('./protocol.d.ts').EngineCalls} EngineCalls */

/**
 * @param {import('./index.d.ts').FilesDataset} dataset
 * @param {import('./index.d.ts').CallOptions & {
 *   form?: import('./index.d.ts').ExampleForm, onProgress?: (progress: import('./index.d.ts').ShareDone) => void }} [options]
 */
export async function readDataset(dataset, { form, signal, onProgress } = {}) {
  throwIfAborted(signal);
  /** @type {Connection<EngineCalls>} */
  const connection = new Connection(startTrainingWorker, { build: BUILD });
  const onAbort = () => connection.end(abortError(signal));
  signal?.addEventListener('abort', onAbort);
  try {
    const hands = {
      call: connection.call.bind(connection),
      decode: (/** @type {import('./protocol.d.ts').WireFile} */ { blob, packed }) => decodeImage(blob, { signal, packed }),
    };
    return await readFiles(dataset, hands, { form, signal, onProgress });
  } finally {
    signal?.removeEventListener('abort', onAbort);
    connection.end(closed('The data set is read.'));
  }
}
