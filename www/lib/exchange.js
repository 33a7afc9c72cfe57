// @ts-check
/**
 * One worker's part of each round, and what it exchanges with the others: with one neighbor after the other, the parts
 * together growing twice as large each time, until everyone has all. What goes one way replaces what came the other, so that
 * nothing is copied between workers and nothing allocated.
 */

/** @typedef {import('./protocol.d.ts').ToNeighbor} ToNeighbor */

/**
 * The part of the engine that shares its rounds.
 * @typedef {object} Sharer
 * @property {() => boolean} beginRound
 * @property {(piece: number, nParts: number) => number} pieceLength
 * @property {(part: number, nParts: number, array: Float32Array) => boolean} computeEnd
 * @property {(part: number, nParts: number) => void} computeRest
 * @property {(part: number, nParts: number, piece: number, array: Float32Array) => void} writePiece
 * @property {(part: number, nParts: number, piece: number, array: Float32Array) => void} takePiece
 * @property {(reports: boolean) => any} endRound how far the training is, if asked for
 */

/** Pieces: the gradient of the last layers, which is done first and on its way while the first layers' is computed; the rest. */
const END = 0;
const REST = 1;

/** The way to one neighbor. */
class Link {
  #port;
  /** What came and was not asked for yet. @type {ToNeighbor[]} */
  #come = [];
  /** Who asked for what has not come yet. @type {((message: ToNeighbor | null) => void) | null} */
  #onNext = null;
  #isOpen = true;
  /** The buffer of each piece; of no length while it is away. @type {(ArrayBuffer | null)[]} */
  #buffers = [null, null];

  /** @param {MessagePort} port */
  constructor(port) {
    this.#port = port;
    port.onmessage = ({ data }) => {
      if (this.#onNext) this.#onNext(data);
      else this.#come.push(data);
      this.#onNext = null;
    };
  }

  /** @param {number} piece @param {number} length */
  buffer(piece, length) {
    let buffer = this.#buffers[piece];
    if (buffer?.byteLength !== 4 * length) this.#buffers[piece] = buffer = new ArrayBuffer(4 * length);
    return buffer;
  }

  /** @param {ToNeighbor} message */
  send(message) {
    this.#port.postMessage(message, [message.buffer]);
  }

  /** The next piece; null once the way is closed. @returns {Promise<ToNeighbor | null>} */
  next() {
    const message = this.#come.shift();
    if (message || !this.#isOpen) return Promise.resolve(message ?? null);
    return new Promise((resolve) => {
      this.#onNext = resolve;
    });
  }

  /** @param {ToNeighbor} message which was read */
  keep({ piece, buffer }) {
    this.#buffers[piece] = buffer;
  }

  close() {
    this.#isOpen = false;
    this.#port.close();
    this.#onNext?.(null);
    this.#onNext = null;
  }
}

export class Exchange {
  /** How long this worker's part took to compute, in milliseconds. */
  computing = 0;
  #engine;
  #part;
  #links;

  /**
   * @param {Sharer} engine
   * @param {number} part which part of each round is this worker's
   * @param {MessagePort[]} ports to the neighbors: that of the own part, that of both together, and so on
   */
  constructor(engine, part, ports) {
    this.#engine = engine;
    this.#part = part;
    this.#links = ports.map((port) => new Link(port));
  }

  /**
   * Computes the round begun, up to its end, which is the caller's.
   * @param {boolean} more whether another round shall follow: one worker's no is everyone's
   * @returns {Promise<boolean | null>} whether one does; null if the others are gone
   */
  async round(more) {
    const engine = this.#engine;
    let [part, nParts] = [this.#part, 2 ** this.#links.length];
    const [first] = this.#links;
    if (!first) return null;
    const start = performance.now();
    const buffer = first.buffer(END, engine.pieceLength(END, nParts));
    const hasEnd = engine.computeEnd(part, nParts, new Float32Array(buffer));
    if (hasEnd) first.send({ piece: END, buffer, more });
    engine.computeRest(part, nParts);
    this.computing = performance.now() - start;
    for (const link of this.#links) {
      if (hasEnd && link !== first) this.#send(link, part, nParts, END, more);
      this.#send(link, part, nParts, REST, more);
      for (const piece of hasEnd ? [END, REST] : [REST]) {
        const message = await link.next();
        if (!message) return null;
        engine.takePiece(part ^ 1, nParts, piece, new Float32Array(message.buffer));
        link.keep(message);
        // What the neighbor said with the last piece holds.
        if (piece === REST) more &&= message.more;
      }
      part >>= 1;
      nParts /= 2;
    }
    return more;
  }

  /** Nothing is exchanged any more. */
  close() {
    for (const link of this.#links) link.close();
  }

  /**
   * @param {Link} link
   * @param {number} part
   * @param {number} nParts
   * @param {number} piece
   * @param {boolean} more
   */
  #send(link, part, nParts, piece, more) {
    const buffer = link.buffer(piece, this.#engine.pieceLength(piece, nParts));
    this.#engine.writePiece(part, nParts, piece, new Float32Array(buffer));
    link.send({ piece, buffer, more });
  }
}
