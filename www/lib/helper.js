// @ts-check
/**
 * A helper of the training worker: a worker that has the same run and takes each step itself. It computes its part of each
 * round and exchanges what it comes to with its neighbors, of whom the leader is one.
 */

import { textOf } from './errors.js';
import { Exchange } from './exchange.js';

/** @typedef {import('./protocol.d.ts').ToHelper} ToHelper */
/** @typedef {import('./protocol.d.ts').FromHelper} FromHelper */

/**
 * Helps until the leader says it is done, or the signal does.
 * @param {Pick<import('./core-handlers.js').TrainingDesk, 'engineClass' | 'take'>} desk
 * @param {MessagePort} port to the leader
 * @param {AbortSignal} signal
 * @returns {Promise<void>} rejects when this worker cannot go on; the leader is told first
 */
export function help(desk, port, signal) {
  /** The first message brings it. @type {import('./pkg/engine.js').Engine} */
  let engine;
  /** @type {Exchange | undefined} */
  let exchange;
  /** Whether the engine has a run under way. */
  let runs = false;
  /** Groups of workers that this one was called into. */
  let nGroups = 0;
  /** @param {FromHelper} message */
  const tell = (message) => port.postMessage(message);

  /** @param {ToHelper} message @param {number} group the latest when it came */
  const follow = async (message, group) => {
    if (message.type === 'prepare') {
      engine = /** @type {import('./pkg/engine.js').Engine} */ (desk.engineClass.load(new Uint8Array(message.model)));
      await desk.take(engine, message.dataset, signal);
      tell({ type: 'prepared' });
    } else if (message.type === 'join') {
      if (runs) engine.stopTraining();
      engine.resumeTraining(new Uint8Array(message.run));
      runs = true;
      exchange = new Exchange(engine, message.part, message.ports);
      if (group < nGroups) exchange.close();
    } else if (message.type === 'change') {
      engine.changeTraining(message.changes);
    } else if (message.type === 'go') {
      for (let more = true; more; ) {
        engine.beginRound();
        const told = (await exchange?.round(true)) ?? null;
        if (told === null) return; // this group was given up
        // Which ends the run in this engine too, if it is finished.
        runs = engine.endRound(!told)?.state !== 'finished';
        more = told;
      }
    }
  };

  /** @type {Promise<void>} */
  const done = new Promise((resolve, reject) => {
    /** One message after the other. @type {Promise<void>} */
    let following = Promise.resolve();
    port.onmessage = ({ data }) => {
      const message = /** @type {ToHelper} */ (data);
      if (message.type === 'end') return resolve();
      if (message.type === 'ask') return tell({ type: 'here' });
      if (message.type === 'join') {
        nGroups += 1;
        exchange?.close(); // a round of the group before may be waiting
      }
      const group = nGroups;
      following = following.then(() => follow(message, group));
      following.catch((error) => {
        tell({ type: 'failed', message: textOf(error) });
        reject(error);
      });
    };
    signal.addEventListener('abort', () => resolve());
  });
  return done.finally(() => {
    exchange?.close();
    port.close();
  });
}
