// @ts-check
/** A generator of pictures: two networks in one worker. What each call means is told in `generator.d.ts`. */

import { Connection } from './connection.js';
import { ClassifierError, abortError, closed } from './errors.js';
import { disposable } from './disposable.js';
import { readFile } from './files.js';
import { BUILD } from './pkg/build.js';
import { startGanWorker } from './spawn-generator.js';
// As in `decoding.js`: who trains has it already.
import './index.js';
import { wireDataset } from './wire-data.js';

/** @typedef {import('./index.d.ts').CallOptions} CallOptions */
/** @typedef {import('./index.d.ts').GanInfo} GanInfo */
/** @typedef {import('./index.d.ts').GanOptions} GanOptions */
/** @typedef {import('./index.d.ts').GanProgress} GanProgress */

/** Lets only the static functions construct. */
const INSIDE = Symbol('inside');

export class Generator {
  /** @readonly @type {GanInfo} */
  info;
  #connection;

  /**
   * @param {symbol} inside
   * @param {Connection<import('./protocol.d.ts').GanCalls>} connection
   * @param {GanInfo} info
   */
  constructor(inside, connection, info) {
    if (inside !== INSIDE) throw new ClassifierError('config', 'Use Generator.load or Generator.create.');
    this.#connection = connection;
    this.info = info;
  }

  /**
   * @param {'gan' | 'gan-small'} preset
   * @param {GanOptions & CallOptions} [options]
   */
  static create(preset, { signal, ...options } = {}) {
    return open((connection) => connection.call('create', { preset, options }, { signal }));
  }

  /**
   * @param {URL | string | Blob | ArrayBuffer | Uint8Array} source
   * @param {GanOptions & CallOptions} [options]
   */
  static load(source, { signal, ...options } = {}) {
    return open(async (connection) => {
      const bytes = await readFile(source, { signal });
      return connection.call('load', { bytes, options }, { signal, transfer: [bytes] });
    });
  }

  /**
   * @param {import('./index.d.ts').DatasetFiles} files
   * @param {CallOptions} [options]
   */
  setDataset(files, { signal } = {}) {
    return this.#connection.call('setDataset', wireDataset(files), { signal });
  }

  /** @param {CallOptions & { onProgress?: (progress: GanProgress) => void }} [options] */
  async train({ signal, onProgress } = {}) {
    if (signal?.aborted) throw abortError(signal);
    return this.#connection.call('train', {}, { signal, onProgress });
  }

  async pause() {
    await this.#connection.call('pause', {});
  }

  async resume() {
    await this.#connection.call('resume', {});
  }

  async stop() {
    await this.#connection.call('stop', {});
  }

  /** @param {CallOptions & { classes?: number[], count?: number, seed?: number, towards?: number, at?: number }} [options] */
  async sample({ signal, count = 16, classes, seed = 1, towards = seed, at = 0 } = {}) {
    const nClasses = Math.max(1, this.info.nClasses);
    const wanted = Uint32Array.from(classes ?? Array.from({ length: count }, (_, index) => index % nClasses));
    const { data, diversity, realDiversity } = await this.#connection.call('sample', { classes: wanted, seed, towards, at }, { signal });
    const [height, width, channels] = this.info.pictureShape;
    const size = height * width * channels;
    const pictures = Array.from(wanted, (_, index) => ({
      data: data.subarray(index * size, (index + 1) * size),
      width,
      height,
      channels,
      prepared: true,
    }));
    return { pictures, diversity, realDiversity };
  }

  /** @param {CallOptions} [options] */
  async save({ signal } = {}) {
    const { bytes } = await this.#connection.call('save', {}, { signal });
    return new Blob([bytes], { type: 'application/octet-stream' });
  }

  close() {
    this.#connection.end(closed('The generator was closed.'));
  }
}

disposable(Generator);

/** @param {(connection: Connection<import('./protocol.d.ts').GanCalls>) => Promise<GanInfo>} make */
async function open(make) {
  /** @type {Connection<import('./protocol.d.ts').GanCalls>} */
  const connection = new Connection(startGanWorker, { build: BUILD });
  try {
    return new Generator(INSIDE, connection, await make(connection));
  } catch (error) {
    connection.end(closed('The generator did not come to be.'));
    throw error;
  }
}

// The hand-written types must fit the code.
/** @typedef {typeof import('./generator.d.ts').Generator} Declared */
/** @typedef {Omit<import('./generator.d.ts').Generator, typeof Symbol.dispose>} Made */
void (/** @satisfies {(...args: Parameters<Declared['load']>) => Promise<Made>} */ (Generator.load));
void (/** @satisfies {(...args: Parameters<Declared['create']>) => Promise<Made>} */ (Generator.create));
