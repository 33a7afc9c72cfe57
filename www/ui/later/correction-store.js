// Corrections in the browser's own store. Plain bytes and strings: what engines do with stored blobs differs.

import { BrowserStore } from '../browser-store.js';

/** @typedef {{ pixels: Uint8Array, width: number, height: number, label: string, strokes: string }} KeptCorrection */

const database = new BrowserStore('ocelli-corrections', { corrections: { autoIncrement: true } });

/**
 * One transaction; resolves with the request's result when it is complete.
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T>} work
 */
async function transact(mode, work) {
  return (await database.transact(mode, work)).result;
}

export class CorrectionStore {
  /** @param {KeptCorrection} correction */
  add(correction) {
    return transact('readwrite', (store) => store.add(correction));
  }

  async removeLast() {
    const keys = await transact('readonly', (store) => store.getAllKeys());
    const last = keys.at(-1);
    if (last !== undefined) await transact('readwrite', (store) => store.delete(last));
  }

  /** @returns {Promise<number>} */
  count() {
    return transact('readonly', (store) => store.count());
  }

  /** @returns {Promise<KeptCorrection[]>} */
  all() {
    return transact('readonly', (store) => store.getAll());
  }

  clear() {
    return transact('readwrite', (store) => store.clear());
  }
}
