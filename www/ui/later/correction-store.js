// Corrections in the browser's own store. Plain bytes and strings: what engines do with stored blobs differs.

/** @typedef {{ pixels: Uint8Array, width: number, height: number, label: string, strokes: string }} KeptCorrection */

const DATABASE = 'ocelli-corrections';
const STORE = 'corrections';
/** The longest wait for a transaction, in ms. */
const PATIENCE = 10_000;

/** @returns {Promise<IDBDatabase>} */
function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { autoIncrement: true });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error('another tab keeps the store busy'));
  });
}

/**
 * One transaction; resolves with the request's result when it is complete.
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T>} work
 * @returns {Promise<T>}
 */
async function transact(mode, work) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode, { durability: 'strict' });
      const deadline = setTimeout(() => reject(new Error('the store does not answer')), PATIENCE);
      const request = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => {
        clearTimeout(deadline);
        resolve(request.result);
      };
      transaction.onabort = transaction.onerror = () => reject(transaction.error ?? new Error('the store refused it'));
    });
  } finally {
    database.close();
  }
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
