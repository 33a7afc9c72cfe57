// The project in the browser's own store, written after every change. Plain bytes: what engines do with stored blobs differs.

/** @typedef {import('./project.js').Project} Project */
/** @typedef {import('./project.js').TaughtPicture} TaughtPicture */
/** @typedef {import('./project.js').Change} Change */
/** What was learnt last; `of` is the project's fingerprint then. @typedef {{ model: ArrayBuffer, backbone: string, heldOut: [number, number | null][], of: number }} Learnt */

const DATABASE = 'ocelli-teach';
/** The longest wait for a transaction, in ms. */
const PATIENCE = 20_000;

/** @returns {Promise<IDBDatabase>} */
function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore('pictures', { keyPath: 'id' });
      request.result.createObjectStore('state');
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error('another tab keeps the store busy'));
  });
}

/**
 * One transaction; resolves when it is complete.
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(pictures: IDBObjectStore, state: IDBObjectStore) => T} work
 * @returns {Promise<T>}
 */
async function transact(mode, work) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(['pictures', 'state'], mode, { durability: 'strict' });
      const deadline = setTimeout(() => reject(new Error('the store does not answer')), PATIENCE);
      const result = work(transaction.objectStore('pictures'), transaction.objectStore('state'));
      transaction.oncomplete = () => {
        clearTimeout(deadline);
        resolve(result);
      };
      transaction.onabort = transaction.onerror = () => reject(transaction.error ?? new Error('the store refused it'));
    });
  } finally {
    database.close();
  }
}

export class ProjectStore {
  /** Writes on their way, one after the other. @type {Promise<unknown>} */
  #writing = Promise.resolve();

  /** @param {(pictures: IDBObjectStore, state: IDBObjectStore) => void} work */
  #write(work) {
    this.#writing = this.#writing.catch(() => undefined).then(() => transact('readwrite', work));
    return this.#writing;
  }

  /** @param {Project} project @param {Change} change @returns {Promise<unknown>} when it is kept */
  keep(project, { put = [], removed = [], anew = false }) {
    const { pictures: all, ...state } = project.snapshot();
    const written = anew ? all : put.map((picture) => ({ ...picture }));
    return this.#write((pictures, store) => {
      if (anew) pictures.clear();
      for (const id of removed) pictures.delete(id);
      for (const picture of written) pictures.put(picture);
      store.put(state, 'project');
    });
  }

  /** @param {Learnt | null} learnt */
  keepLearnt(learnt) {
    return this.#write((_, store) => (learnt ? store.put(learnt, 'learnt') : store.delete('learnt')));
  }

  /** @returns {Promise<{ snapshot: import('./project.js').Snapshot, learnt: Learnt | null } | null>} */
  async find() {
    const [all, project, learnt] = await transact('readonly', (pictures, state) => [pictures.getAll(), state.get('project'), state.get('learnt')]);
    if (!project?.result) return null;
    return { snapshot: { ...project.result, pictures: all?.result ?? [] }, learnt: learnt?.result ?? null };
  }
}
