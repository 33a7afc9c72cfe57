// @ts-check
/**
 * The helpers of one training, as its leader sees them. One that is not ready yet, or fails, or stays silent, is done
 * without: the leader computes its part itself, to the same bits.
 */

/** @typedef {import('./protocol.d.ts').ToHelper} ToHelper */
/** @typedef {import('./protocol.d.ts').FromHelper} FromHelper */

/** In milliseconds: a helper that is silent for longer, and for many times the leader's own part, is given up. */
export const SILENCE = 10_000;
const PATIENCE = 20;

/**
 * The part of the engine that shares its rounds.
 * @typedef {object} Leader
 * @property {() => Float64Array | undefined} beginRound
 * @property {(nParts: number) => number} partLength
 * @property {(array: Float32Array) => void} writeModel
 * @property {(part: number, nParts: number) => void} computePart
 * @property {(part: number, nParts: number, array: Float32Array) => void} readPart
 * @property {(nParts: number) => import('./training.js').Report} endRound
 */

class Helper {
  isReady = false;
  /** The buffer that travels, while it is here. @type {ArrayBuffer | null} */
  buffer = null;
  /** Given what came back: null if the helper is lost. @type {((buffer: ArrayBuffer | null) => void) | null} */
  onAnswer = null;

  /**
   * @param {MessagePort} port
   * @param {(helper: Helper) => void} onLost
   * @param {() => void} onReady
   */
  constructor(port, onLost, onReady) {
    this.port = port;
    port.onmessage = ({ data }) => {
      const message = /** @type {FromHelper} */ (data);
      if (message.type === 'prepared') {
        this.isReady = true;
        onReady();
      } else if (message.type === 'part') {
        this.buffer = message.buffer;
        this.#answer(message.buffer);
      } else {
        onLost(this);
      }
    };
  }

  /**
   * @param {ToHelper} message
   * @param {Transferable[]} [transfer]
   */
  tell(message, transfer = []) {
    this.port.postMessage(message, { transfer });
  }

  /**
   * Sends a part off; resolves with what it came to.
   * @param {Extract<ToHelper, { type: 'part' }>} message
   * @returns {Promise<ArrayBuffer | null>}
   */
  part(message) {
    this.buffer = null;
    return new Promise((resolve) => {
      this.onAnswer = resolve;
      this.tell(message, [message.buffer]);
    });
  }

  /** Nothing is expected of it any more. */
  end() {
    this.tell({ type: 'end' });
    this.port.close();
    this.#answer(null);
  }

  /** @param {ArrayBuffer | null} buffer */
  #answer(buffer) {
    this.onAnswer?.(buffer);
    this.onAnswer = null;
  }
}

export class Helpers {
  /** Told when a helper is ready, or lost. */
  onChange = () => {};
  /** @type {Helper[]} */
  #helpers;
  #silence;

  /**
   * @param {MessagePort[]} ports
   * @param {number} [silence]
   */
  constructor(ports, silence = SILENCE) {
    this.#silence = silence;
    this.#helpers = ports.map((port) => new Helper(port, (helper) => this.#lose(helper), () => this.onChange()));
  }

  /**
   * Gives all what they need to compute parts.
   * @param {() => ArrayBuffer} save the model
   * @param {import('./protocol.d.ts').WireDataset} dataset
   * @param {object} options
   */
  prepare(save, dataset, options) {
    for (const helper of this.#helpers) {
      const model = save();
      helper.tell({ type: 'prepare', model, dataset, options }, [model]);
    }
  }

  /** Workers that compute the next round, the leader among them: a power of two. */
  get nWorkers() {
    let n = 1;
    while (2 * n <= 1 + this.#ready().length) n *= 2;
    return n;
  }

  /**
   * Computes one round together.
   * @param {Leader} engine
   * @returns {Promise<import('./training.js').Report | null>} null if there is no round: validation is next
   */
  async round(engine) {
    const place = engine.beginRound();
    if (!place) return null;
    const nParts = this.nWorkers;
    const length = engine.partLength(nParts);
    const helpers = this.#ready().slice(0, nParts - 1);
    const answers = helpers.map((helper, i) => {
      const buffer = helper.buffer?.byteLength === 4 * length ? helper.buffer : new ArrayBuffer(4 * length);
      engine.writeModel(new Float32Array(buffer));
      return helper.part({ type: 'part', place, part: i + 1, nParts, buffer });
    });
    const start = performance.now();
    engine.computePart(0, nParts);
    const patience = Math.max(this.#silence, PATIENCE * (performance.now() - start));
    const timer = setTimeout(() => {
      for (const helper of helpers) if (helper.onAnswer) this.#lose(helper);
    }, patience);
    for (const [i, answer] of answers.entries()) {
      const buffer = await answer;
      if (buffer) engine.readPart(i + 1, nParts, new Float32Array(buffer));
      else engine.computePart(i + 1, nParts);
    }
    clearTimeout(timer);
    return engine.endRound(nParts);
  }

  /** Ends the work of all. */
  end() {
    for (const helper of this.#helpers) helper.end();
    this.#helpers = [];
  }

  #ready() {
    return this.#helpers.filter((helper) => helper.isReady);
  }

  /** @param {Helper} helper */
  #lose(helper) {
    this.#helpers = this.#helpers.filter((other) => other !== helper);
    helper.end();
    this.onChange();
  }
}
