// @ts-check
/** Where the package runs: who starts workers, reads addresses, gives the wasm. An entry or a caller may say otherwise. */

/** @typedef {import('./index.d.ts').Setup} Setup */
/** @typedef {import('./index.d.ts').WorkerName} WorkerName */
/** @typedef {import('./connection.js').WorkerLike} WorkerLike */

export const platform = {
  /** Where workers and wasm lie, if not beside this script. @type {URL | null} */
  base: null,
  /** @type {{ [name in WorkerName]?: () => WorkerLike }} */
  workers: {},
  /** @type {NonNullable<Setup['wasm']>} */
  wasm: {},
  /**
   * Parts that are there from the start, where nothing may be loaded later.
   * @type {{ files?: typeof import('./dataset-files.js'), decoding?: typeof import('./decoding.js') }}
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
 * Says where the package's parts come from. Meant to be called once, before anything else.
 * @param {Setup} setup
 */
export function configure({ base, workers, wasm }) {
  if (base !== undefined) platform.base = new URL(base, globalThis.location?.href);
  Object.assign(platform.workers, workers);
  Object.assign(platform.wasm, wasm);
}
