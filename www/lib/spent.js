// @ts-check

/** @type {MessagePort | undefined} */
let nowhere;

/**
 * Gives back the memory of buffers that nobody reads any more. Left to the collector, of which each worker has its own, they
 * gather by the ten megabytes first. Sent to a port whose other end is closed rather than by `transfer(0)`: Chromium keeps the
 * memory of what came in a message until it has collected the message, and to send it on is what takes it from there.
 * @param {...ArrayBufferLike} buffers
 */
export function drop(...buffers) {
  if (!nowhere) {
    const { port1, port2 } = new MessageChannel();
    port2.close();
    nowhere = port1;
  }
  nowhere.postMessage(null, buffers.filter(({ byteLength }) => byteLength > 0));
}
