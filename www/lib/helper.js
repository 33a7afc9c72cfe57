// @ts-check
/**
 * A helper of the training worker: a worker that has the same run and takes each step itself. It computes its part of each
 * round and exchanges what it comes to with its neighbors, of whom the leader is one.
 */

import { takeDataset } from './datasets.js';
import { ClassifierError, textOf } from './errors.js';
import { Exchange } from './exchange.js';

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
  /** @type {Exchange | null} */
  let exchange = null;
  /** Whether the engine has a run under way. */
  let runs = false;
  /** The last group of workers that the leader gave up. */
  let left = 0;
  /** @param {FromHelper} message */
  const tell = (message) => port.postMessage(message);

  const prepared = () => {
    if (!engine) throw new ClassifierError('state', 'A run needs a prepared helper.');
    return engine;
  };

  /** Computes rounds until one of the workers wants no more. */
  const goOn = async () => {
    const run = prepared();
    for (let more = true; more; ) {
      run.beginRound();
      const told = await exchange?.round(true);
      if (told === null || told === undefined) return; // the leader gave this group of workers up
      run.endRound();
      more = told;
    }
    // Which ends the run in this engine too, if it is finished.
    runs = run.trainingProgress().state === 'running';
  };

  /** @param {ToHelper} message */
  const follow = async (message) => {
    if (message.type === 'prepare') {
      engine = EngineClass.load(new Uint8Array(message.model));
      await takeDataset(engine, message.dataset, signal);
      tell({ type: 'prepared' });
    } else if (message.type === 'join') {
      const { group, run, part, ports } = message;
      if (runs) prepared().stopTraining();
      prepared().resumeTraining(new Uint8Array(run));
      runs = true;
      exchange = new Exchange(prepared(), part, ports);
      if (group <= left) exchange.close();
    } else if (message.type === 'change') {
      prepared().changeTraining(message.changes);
    } else if (message.type === 'go') {
      await goOn();
    }
  };

  /** @type {Promise<void>} */
  const done = new Promise((resolve, reject) => {
    /** One message after the other. @type {Promise<void>} */
    let following = Promise.resolve();
    port.onmessage = ({ data }) => {
      const message = /** @type {ToHelper} */ (data);
      if (message.type === 'end') resolve();
      else if (message.type === 'ask') tell({ type: 'here' });
      else if (message.type === 'leave') {
        left = message.group;
        exchange?.close();
      } else {
        following = following.then(() => follow(message));
        following.catch((error) => {
          tell({ type: 'failed', message: textOf(error) });
          reject(error);
        });
      }
    };
    signal.addEventListener('abort', () => resolve());
  });
  return done.finally(() => {
    exchange?.close();
    port.close();
  });
}
