// @ts-check
/** Where the package runs: who starts workers, reads addresses, gives the wasm. An entry or a caller may say otherwise. */

import { missingPart } from './errors.js';

/** @typedef {import('./index.d.ts').Setup} Setup */
/** @typedef {import('./index.d.ts').WorkerName} WorkerName */
/** @typedef {import('./connection.js').WorkerLike} WorkerLike */

/**
 * @typedef {object} Parts
 * @property {typeof import('./classifier-later.js')} calls
 * @property {typeof import('./decoding.js')} decoding
 * @property {typeof import('./dataset-files.js')} files
 * @property {typeof import('./predict-many.js')} many
 * @property {typeof import('./load-progress.js')} progress
 */

export const platform = {
  /** Where workers and wasm lie, if not beside this script. @type {URL | null} */
  base: null,
  /** @type {{ [name in WorkerName]?: () => WorkerLike }} */
  workers: {},
  /** @type {NonNullable<Setup['wasm']>} */
  wasm: {},
  /**
   * Parts that are there from the start, where nothing may be loaded later.
   * @type {Partial<Parts>}
   */
  parts: {},
  /** Whether the small engine is to be used where it is enough. */
  small: true,
  /** The most workers that train one network. */
  mostWorkers: 64,
  /** @type {(source: URL | string, options: { signal?: AbortSignal, integrity?: string }) => Promise<Response>} */
  fetch: (source, options) => fetch(source, options),
};

/**
 * A part of the package that most do without: loaded when it is first needed.
 * @template {keyof Parts} Name
 * @param {Name} name
 * @param {() => Promise<Parts[Name]>} load
 * @returns {Promise<Parts[Name]>}
 */
export async function part(name, load) {
  return /** @type {Parts[Name] | undefined} */ (platform.parts[name]) ?? load().catch(missingPart);
}

/**
 * Says where the package's parts come from. Meant to be called once, before anything else.
 * @param {Setup} setup
 */
export function configure({ base, workers, wasm }) {
  if (base !== undefined) platform.base = new URL(base, globalThis.location?.href);
  Object.assign(platform.workers, workers);
  Object.assign(platform.wasm, wasm);
}
