// @ts-check
/**
 * A helper of the training worker: computes its part of each round, told nothing but the round's place and the model's
 * numbers. One buffer travels to and fro, so that nothing is copied between workers and nothing allocated.
 */

import { takeDataset } from './datasets.js';
import { ClassifierError, textOf } from './errors.js';

/** @typedef {import('./protocol.d.ts').ToHelper} ToHelper */
/** @typedef {import('./protocol.d.ts').FromHelper} FromHelper */
/** @typedef {typeof import('./pkg/engine.js').Engine} EngineClass */

/**
 * Helps until the leader says it is done, or the signal does.
 * @param {EngineClass} EngineClass
 * @param {MessagePort} port to the leader
 * @param {AbortSignal} signal
 * @returns {Promise<void>} rejects when this worker cannot go on; the leader is told first
 */
export function help(EngineClass, port, signal) {
  /** @type {import('./pkg/engine.js').Engine | null} */
  let engine = null;
  /** @param {FromHelper} message @param {Transferable[]} [transfer] */
  const tell = (message, transfer = []) => port.postMessage(message, { transfer });
  /** @type {Promise<void>} */
  const done = new Promise((resolve, reject) => {
    /** @param {ToHelper} message */
    const receive = async (message) => {
      if (message.type === 'prepare') {
        const { model, dataset, options } = message;
        engine = EngineClass.load(new Uint8Array(model));
        await takeDataset(engine, dataset, signal);
        engine.startTraining(options);
        tell({ type: 'prepared' });
      } else if (message.type === 'part') {
        if (!engine) throw new ClassifierError('state', 'A part of a round needs a prepared helper.');
        const { place, part, nParts, buffer } = message;
        const numbers = new Float32Array(buffer);
        engine.followRound(place, numbers);
        engine.computePart(part, nParts);
        engine.writePart(part, nParts, numbers);
        tell({ type: 'part', buffer }, [buffer]);
      } else {
        resolve();
      }
    };
    port.onmessage = ({ data }) => {
      receive(data).catch((error) => {
        tell({ type: 'failed', message: textOf(error) });
        reject(error);
      });
    };
    signal.addEventListener('abort', () => resolve());
  });
  return done.finally(() => port.close());
}
