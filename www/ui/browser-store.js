// The browser's own database, a transaction at a time: opened for it and closed after, so that no tab holds up another.

/** The longest wait for a transaction, in ms. A store that is silent may not hold up anything. */
const PATIENCE = 20_000;

export class BrowserStore {
  #name;
  #stores;

  /**
   * @param {string} name of the database
   * @param {Record<string, IDBObjectStoreParameters>} stores what it has
   */
  constructor(name, stores) {
    this.#name = name;
    this.#stores = stores;
  }

  /**
   * One transaction; resolves when it is complete, with what `work` returned.
   * @template T
   * @param {IDBTransactionMode} mode
   * @param {(...stores: IDBObjectStore[]) => T} work is given the stores, in the order they were named
   * @returns {Promise<T>}
   */
  async transact(mode, work) {
    const database = await this.#open();
    try {
      return await new Promise((resolve, reject) => {
        const names = Object.keys(this.#stores);
        const transaction = database.transaction(names, mode, { durability: 'strict' });
        const deadline = setTimeout(() => reject(new Error('the store does not answer')), PATIENCE);
        transaction.oncomplete = () => {
          clearTimeout(deadline);
          resolve(result);
        };
        transaction.onabort = transaction.onerror = () => reject(transaction.error ?? new Error('the store refused it'));
        const result = work(...names.map((name) => transaction.objectStore(name)));
      });
    } finally {
      database.close();
    }
  }

  /** @returns {Promise<IDBDatabase>} */
  #open() {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open(this.#name, 1);
      request.onupgradeneeded = () => {
        for (const [store, options] of Object.entries(this.#stores)) request.result.createObjectStore(store, options);
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
      request.onblocked = () => reject(new Error('another tab keeps the store busy'));
    });
  }
}
