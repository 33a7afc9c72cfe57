// @ts-check
/**
 * The helpers of one training, as its leader sees them: together they are a group, in which each has the same run and takes
 * the same steps. When one is ready, fails or stays silent, the leader forms another group and gives it the run as it is.
 */

import { Exchange } from './exchange.js';

/** @typedef {import('./protocol.d.ts').ToHelper} ToHelper */
/** @typedef {import('./protocol.d.ts').FromHelper} FromHelper */
/** @typedef {import('./exchange.js').Sharer & { checkpoint: () => Uint8Array }} Leader */

/** In milliseconds: who is silent for longer, and for many times the leader's own part, is asked, and given up without an answer. */
export const SILENCE = 10_000;
const PATIENCE = 20;

/**
 * @typedef {object} Helper
 * @property {MessagePort} port
 * @property {boolean} isReady
 * @property {boolean} isAsked whether it owes an answer
 */

export class Helpers {
  /** Told when a helper is ready, or lost. */
  onChange = () => {};
  /** @type {Helper[]} */
  #helpers;
  #silence;
  /** Those who compute the rounds with the leader. @type {Helper[]} */
  #members = [];
  /** The leader's part in it; null without a group. @type {Exchange | null} */
  #exchange = null;

  /**
   * @param {MessagePort[]} ports
   * @param {number} [silence]
   */
  constructor(ports, silence = SILENCE) {
    this.#silence = silence;
    this.#helpers = ports.map((port) => {
      const helper = { port, isReady: false, isAsked: false };
      port.onmessage = ({ data }) => {
        const { type } = /** @type {FromHelper} */ (data);
        helper.isAsked = false;
        if (type === 'failed') this.#lose([helper]);
        if (type === 'prepared') {
          helper.isReady = true;
          this.onChange();
        }
      };
      return helper;
    });
  }

  /**
   * Gives all what they need to take part.
   * @param {() => ArrayBuffer} save the model
   * @param {import('./protocol.d.ts').WireDataset} dataset
   */
  prepare(save, dataset) {
    for (const helper of this.#helpers) {
      const model = save();
      tell(helper, { type: 'prepare', model, dataset }, [model]);
    }
  }

  /** Workers that compute the next round, the leader among them: a power of two. */
  get nWorkers() {
    let n = 1;
    while (2 * n <= 1 + this.#ready().length) n *= 2;
    return n;
  }

  /** Between two rounds. @param {import('./index.d.ts').TrainChanges} changes that the leader took */
  change(changes) {
    if (this.#exchange) this.#tell({ type: 'change', changes });
  }

  /**
   * Computes rounds together: one, and more as long as the caller wants, up to the last of training or of validation in the
   * epoch.
   * @param {Leader} engine
   * @param {() => boolean} goesOn asked in each round whether there shall be another
   * @returns {Promise<import('./training.js').Report | null>} null if a round was not computed: there are no helpers, or one
   * was lost on the way
   */
  async rounds(engine, goesOn) {
    const exchange = this.#gather(engine);
    if (!exchange) return null;
    this.#tell({ type: 'go' });
    let since = 0;
    const watch = setInterval(() => {
      if (performance.now() - since < Math.max(this.#silence, PATIENCE * exchange.computing)) return;
      // Who only waits for another that is silent has time to answer.
      const silent = this.#members.filter((member) => member.isAsked);
      for (const member of this.#members) member.isAsked = true;
      this.#tell({ type: 'ask' });
      if (silent.length > 0) this.#lose(silent);
    }, this.#silence / 4);
    try {
      for (;;) {
        const isLast = engine.beginRound();
        since = performance.now();
        const more = !isLast && goesOn();
        if ((await exchange.round(more)) === null) return null;
        const report = engine.endRound(!more);
        if (!more) return report;
      }
    } finally {
      clearInterval(watch);
    }
  }

  /** Ends the work of all. */
  end() {
    this.onChange = () => {};
    this.#lose(this.#helpers);
  }

  /**
   * Forms a group of all who are ready, unless there is one. Each gets the run, and ports to its neighbors: parts whose numbers
   * differ in one binary digit.
   * @param {Leader} engine
   */
  #gather(engine) {
    const members = this.#ready().slice(0, this.nWorkers - 1);
    if (this.#exchange && members.length === this.#members.length) return this.#exchange;
    this.#giveUp();
    if (members.length === 0) return null;
    this.#members = members;
    /** @type {MessagePort[][]} */
    const ports = [[], ...members.map(() => [])];
    for (let distance = 1; distance < ports.length; distance *= 2) {
      ports.forEach((own, part) => {
        if (part & distance) return;
        const { port1, port2 } = new MessageChannel();
        own.push(port1);
        ports[part | distance]?.push(port2);
      });
    }
    const [own = [], ...theirs] = ports;
    const run = engine.checkpoint();
    for (const [i, member] of members.entries()) {
      const message = { type: /** @type {const} */ ('join'), run: run.slice().buffer, part: i + 1, ports: theirs[i] ?? [] };
      tell(member, message, [message.run, ...message.ports]);
    }
    this.#exchange = new Exchange(engine, 0, own);
    return this.#exchange;
  }

  /** The round under way is not gone on with. */
  #giveUp() {
    this.#exchange?.close();
    this.#exchange = null;
  }

  #ready() {
    return this.#helpers.filter((helper) => helper.isReady);
  }

  /** @param {ToHelper} message to all of the group */
  #tell(message) {
    for (const member of this.#members) tell(member, message);
  }

  /** @param {Helper[]} lost */
  #lose(lost) {
    this.#helpers = this.#helpers.filter((helper) => !lost.includes(helper));
    if (this.#members.some((member) => lost.includes(member))) this.#giveUp();
    for (const helper of lost) {
      // Nothing is expected of it any more.
      tell(helper, { type: 'end' });
      helper.port.close();
    }
    this.onChange();
  }
}

/**
 * @param {Helper} helper
 * @param {ToHelper} message
 * @param {Transferable[]} [transfer]
 */
function tell({ port }, message, transfer = []) {
  port.postMessage(message, transfer);
}
