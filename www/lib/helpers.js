// @ts-check
/**
 * The helpers of one training, as its leader sees them: together they are a group, in which each has the same run and takes
 * the same steps. When one is ready, fails or stays silent, the leader forms another group and gives it the run as it is.
 */

import { Exchange } from './exchange.js';

/** @typedef {import('./protocol.d.ts').ToHelper} ToHelper */
/** @typedef {import('./protocol.d.ts').FromHelper} FromHelper */
/** @typedef {import('./exchange.js').Sharer & { checkpoint: () => Uint8Array }} Leader */

/** In milliseconds: who is silent for longer, and for many times the leader's own part, is given up. */
export const SILENCE = 10_000;
const PATIENCE = 20;

class Helper {
  isReady = false;
  /** Whether it answered since it was asked. */
  isHere = true;

  /**
   * @param {MessagePort} port
   * @param {(helper: Helper) => void} onLost
   * @param {() => void} onReady
   */
  constructor(port, onLost, onReady) {
    this.port = port;
    port.onmessage = ({ data }) => {
      const message = /** @type {FromHelper} */ (data);
      this.isHere = true;
      if (message.type === 'failed') onLost(this);
      if (message.type === 'prepared') {
        this.isReady = true;
        onReady();
      }
    };
  }

  /**
   * @param {ToHelper} message
   * @param {Transferable[]} [transfer]
   */
  tell(message, transfer = []) {
    this.port.postMessage(message, transfer);
  }

  /** Nothing is expected of it any more. */
  end() {
    this.tell({ type: 'end' });
    this.port.close();
  }
}

/** Workers that compute rounds together: the leader, and helpers. */
class Group {
  /**
   * @param {number} number
   * @param {Helper[]} members
   * @param {Exchange} exchange the leader's
   */
  constructor(number, members, exchange) {
    this.number = number;
    this.members = members;
    this.exchange = exchange;
  }

  /**
   * Each member gets the run, and ports to its neighbors: parts whose numbers differ in one binary digit.
   * @param {number} number
   * @param {Helper[]} members
   * @param {Leader} engine
   */
  static form(number, members, engine) {
    const nParts = members.length + 1;
    /** @type {MessagePort[][]} */
    const ports = Array.from({ length: nParts }, () => []);
    for (let distance = 1; distance < nParts; distance *= 2) {
      for (const [part, own] of ports.entries()) {
        if (part & distance) continue;
        const { port1, port2 } = new MessageChannel();
        own.push(port1);
        ports[part | distance]?.push(port2);
      }
    }
    const [own = [], ...theirs] = ports;
    const run = engine.checkpoint();
    for (const [i, member] of members.entries()) {
      const copy = run.slice().buffer;
      const to = theirs[i] ?? [];
      member.tell({ type: 'join', group: number, run: copy, part: i + 1, ports: to }, [copy, ...to]);
    }
    return new Group(number, members, new Exchange(engine, 0, own));
  }

  /** @param {ToHelper} message */
  tell(message) {
    for (const member of this.members) member.tell(message);
  }

  giveUp() {
    this.tell({ type: 'leave', group: this.number });
    this.exchange.close();
  }
}

export class Helpers {
  /** Told when a helper is ready, or lost. */
  onChange = () => {};
  /** @type {Helper[]} */
  #helpers;
  #silence;
  /** @type {Group | null} */
  #group = null;
  #nGroups = 0;
  /** When the round under way began; null between rounds. @type {number | null} */
  #roundSince = null;

  /**
   * @param {MessagePort[]} ports
   * @param {number} [silence]
   */
  constructor(ports, silence = SILENCE) {
    this.#silence = silence;
    this.#helpers = ports.map((port) => new Helper(port, (helper) => this.#lose([helper]), () => this.onChange()));
  }

  /**
   * Gives all what they need to take part.
   * @param {() => ArrayBuffer} save the model
   * @param {import('./protocol.d.ts').WireDataset} dataset
   */
  prepare(save, dataset) {
    for (const helper of this.#helpers) {
      const model = save();
      helper.tell({ type: 'prepare', model, dataset }, [model]);
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
    this.#group?.tell({ type: 'change', changes });
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
    const group = this.#gather(engine);
    if (!group) return null;
    group.tell({ type: 'go' });
    const watch = setInterval(() => this.#watch(group), this.#silence / 4);
    try {
      for (let more = true; more; ) {
        const isLast = engine.beginRound();
        this.#roundSince = performance.now();
        more = !isLast && goesOn();
        if ((await group.exchange.round(more)) === null) return null;
        engine.endRound();
      }
      return engine.trainingProgress();
    } finally {
      clearInterval(watch);
      this.#roundSince = null;
    }
  }

  /** Ends the work of all. */
  end() {
    this.#group?.giveUp();
    this.#group = null;
    for (const helper of this.#helpers) helper.end();
    this.#helpers = [];
  }

  /** The group of all who are ready. @param {Leader} engine */
  #gather(engine) {
    const members = this.#ready().slice(0, this.nWorkers - 1);
    if (this.#group && members.length === this.#group.members.length) return this.#group;
    this.#group?.giveUp();
    this.#group = members.length > 0 ? Group.form((this.#nGroups += 1), members, engine) : null;
    return this.#group;
  }

  /** Gives up who stays silent. @param {Group} group */
  #watch(group) {
    if (this.#roundSince === null || group !== this.#group) return;
    const patience = Math.max(this.#silence, PATIENCE * group.exchange.computing);
    const waited = performance.now() - this.#roundSince;
    if (waited < patience) return;
    // Who only waits for another that is silent has time to answer.
    const silent = group.members.filter((member) => !member.isHere);
    if (silent.length > 0) this.#lose(silent);
    else if (waited > 2 * patience) this.#lose(group.members);
    else {
      for (const member of group.members) {
        member.isHere = false;
        member.tell({ type: 'ask' });
      }
    }
  }

  #ready() {
    return this.#helpers.filter((helper) => helper.isReady);
  }

  /** @param {Helper[]} lost */
  #lose(lost) {
    this.#helpers = this.#helpers.filter((helper) => !lost.includes(helper));
    if (this.#group?.members.some((member) => lost.includes(member))) {
      this.#group.giveUp();
      this.#group = null;
    }
    for (const helper of lost) helper.end();
    this.onChange();
  }
}
