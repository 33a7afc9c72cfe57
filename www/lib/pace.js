// @ts-check
/** How a worker divides its time between long work and the messages that come meanwhile. */

/** All in milliseconds. */
export const PACE = {
  /** Computing between two looks at the messages. */
  slice: 30,
  /** Rounds with other workers between two halts of all: messages are looked at in each. */
  rounds: 100,
  /** The least between two reports. An epoch's end is always reported. */
  report: 100,
  /** The least between two checkpoints, taken at an epoch's end. */
  checkpoint: 2_000,
  /** The longest without a checkpoint. */
  latest: 15_000,
  /** Between two times that the run itself is put aside, to be gone on with. */
  run: 4_000,
  /** How far back the speed is measured. */
  speed: 3_000,
};

/**
 * Lets the messages that have come be handled. A timer would do, but is held back by several milliseconds.
 * @returns {Promise<void>}
 */
export function breathe() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/**
 * @param {Uint8Array | Float32Array} bytes that the engine handed out: a copy, alone in its buffer
 * @returns {ArrayBuffer}
 */
export function bufferOf(bytes) {
  return /** @type {ArrayBuffer} */ (bytes.buffer);
}
