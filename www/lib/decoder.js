// @ts-check
/**
 * Looks after the expendable worker that decodes picture files.
 *
 * The worker starts on first use. It is ended after an error, when a picture takes too long, and when it
 * was idle for a while: memory once taken by a large picture is only given back with it.
 */

import { Connection } from './connection.js';
import { ClassifierError, abortError, throwIfAborted } from './errors.js';

/** @typedef {import('./index.d.ts').Pixels} Pixels */
/** @typedef {import('./protocol.d.ts').DecodeCalls} DecodeCalls */

/** Milliseconds a single picture may take. */
const PICTURE_DEADLINE = 10_000;
/** Milliseconds without work after which the worker is ended. */
const IDLE_DEADLINE = 5_000;

export class Decoder {
  #start;
  #build;
  #deadlines;
  /** @type {Connection<DecodeCalls> | null} */
  #connection = null;
  /** Pictures are decoded one by one: memory for one at a time. @type {Promise<unknown>} */
  #queue = Promise.resolve();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #idleTimer;

  /**
   * @param {() => import('./connection.js').WorkerLike} start
   * @param {{ build: string, pictureDeadline?: number, idleDeadline?: number }} options
   */
  constructor(start, { build, pictureDeadline = PICTURE_DEADLINE, idleDeadline = IDLE_DEADLINE }) {
    this.#start = start;
    this.#build = build;
    this.#deadlines = { picture: pictureDeadline, idle: idleDeadline };
  }

  /**
   * @param {Blob | Uint8Array} file
   * @param {{ signal?: AbortSignal, packed?: boolean }} [options] `packed`: it lies packed, as in an archive
   * @returns {Promise<Pixels>}
   */
  decode(file, { signal, packed } = {}) {
    return this.#inTurn(async () => {
      if (!(file instanceof Uint8Array || file instanceof Blob)) {
        throw new ClassifierError('image', 'The bytes of a picture file are needed as a Uint8Array.');
      }
      const request = file instanceof Uint8Array ? { bytes: new Uint8Array(file).buffer } : { blob: file, packed };
      const { data, ...rest } = await this.#call('decode', request, signal);
      return { data: new Uint8Array(data), ...rest };
    });
  }

  /**
   * As many of the first of these files as go into one reply, one at least.
   * @param {Uint8Array<ArrayBuffer>} bytes theirs, one file's after the other's; given away
   * @param {Uint32Array} lengths
   * @param {{ signal?: AbortSignal }} [options]
   */
  decodeBatch(bytes, lengths, { signal } = {}) {
    return this.#inTurn(() => this.#call('decodeBatch', { bytes: bytes.buffer, lengths }, signal));
  }

  /**
   * What may be digits in a photo of a page.
   * @param {Blob | Pixels | ImageData} picture
   * @param {{ signal?: AbortSignal }} [options]
   */
  findDigits(picture, { signal } = {}) {
    return this.#inTurn(() => this.#call('findDigits', wirePage(picture), signal));
  }

  /**
   * @template T
   * @param {() => Promise<T>} work
   */
  #inTurn(work) {
    const picture = this.#queue.then(work);
    this.#queue = picture.catch(() => {});
    return picture;
  }

  /**
   * @template {keyof DecodeCalls} T
   * @param {T} type
   * @param {DecodeCalls[T]['request']} request
   * @param {AbortSignal | undefined} signal
   * @returns {Promise<DecodeCalls[T]['reply']>}
   */
  async #call(type, request, signal) {
    throwIfAborted(signal);
    clearTimeout(this.#idleTimer);
    const connection = (this.#connection ??= new Connection(this.#start, { build: this.#build }));
    // Decoding cannot be interrupted: an end of the worker is the only one.
    const onAbort = () => this.#end(abortError(signal));
    signal?.addEventListener('abort', onAbort);
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    try {
      await connection.ready;
      timer = setTimeout(() => {
        const seconds = this.#deadlines.picture / 1000;
        this.#end(new ClassifierError('image', `The picture was given up: decoding took over ${seconds} s.`));
      }, this.#deadlines.picture);
      const transfer = 'bytes' in request && request.bytes ? [request.bytes] : [];
      const reply = await connection.call(type, request, { transfer });
      this.#idleTimer = setTimeout(() => this.#end(new ClassifierError('closed', 'Idle.')), this.#deadlines.idle);
      // In Node a timer keeps the program running, which nobody waits for.
      /** @type {any} */ (this.#idleTimer).unref?.();
      return reply;
    } catch (error) {
      this.#end(new ClassifierError('closed', 'The decoder was ended.'));
      if (error instanceof ClassifierError && error.code === 'crashed') {
        const text = `The picture cannot be read: the decoder gave up on it (${error.cause}).`;
        throw new ClassifierError('image', text, { cause: error });
      }
      throw error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** @param {ClassifierError} error */
  #end(error) {
    clearTimeout(this.#idleTimer);
    this.#connection?.end(error);
    this.#connection = null;
  }
}

/**
 * A photo as it travels: pixels are copied, the caller's stay what they are.
 * @param {Blob | Pixels | ImageData} picture
 * @returns {DecodeCalls['findDigits']['request']}
 */
function wirePage(picture) {
  const given = /** @type {unknown} */ (picture);
  if (given instanceof Blob) return { blob: given };
  const { data, width, height, channels = 4 } = /** @type {Pixels} */ (given ?? {});
  if (!(data instanceof Uint8Array || /** @type {unknown} */ (data) instanceof Uint8ClampedArray)) {
    throw new ClassifierError('image', 'A page is needed as a Blob, an address, ImageData or pixels.');
  }
  return { pixels: { data: new Uint8Array(data), width, height, channels } };
}
