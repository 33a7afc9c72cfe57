// @ts-check
/** The helpers of one training, as the page keeps them: workers that talk to the leader alone, through ports. */

import { Connection } from './connection.js';
import { closed } from './errors.js';
import { platform } from './platform.js';
import { whole } from './sources.js';

/** @typedef {import('./protocol.d.ts').EngineCalls} EngineCalls */

/** The most workers that are started unless asked for: more seldom gain anything. */
const USUAL_MOST = 4;

/**
 * How many workers compute a training: the largest power of two up to what is asked for, and up to the shards.
 * @param {number | undefined} asked as many as useful unless said
 * @param {number} [shards]
 * @returns {number}
 */
export function countWorkers(asked, shards = 4) {
  if (asked !== undefined) whole('workers', asked, 1);
  const most = Math.min(shards, platform.mostWorkers, asked ?? Math.min(globalThis.navigator?.hardwareConcurrency ?? 1, USUAL_MOST));
  let n = 1;
  while (2 * n <= most) n *= 2;
  return n;
}

export class Crew {
  /** One for each helper, for the leader. @type {MessagePort[]} */
  ports = [];
  /** @type {Connection<EngineCalls>[]} */
  #connections = [];

  /**
   * @param {number} n
   * @param {() => import('./connection.js').WorkerLike} start starts a worker with the whole engine
   * @param {string} build
   */
  constructor(n, start, build) {
    for (let i = 0; i < n; i++) {
      const { port1, port2 } = new MessageChannel();
      /** @type {Connection<EngineCalls>} */
      const connection = new Connection(start, { build });
      // The leader does without a helper that did not come or is gone.
      connection.call('help', { port: port2 }, { transfer: [port2] }).catch((error) => connection.end(error));
      this.#connections.push(connection);
      this.ports.push(port1);
    }
  }

  /** Ends the workers. */
  end() {
    for (const connection of this.#connections) connection.end(closed('The training is over.'));
  }
}
