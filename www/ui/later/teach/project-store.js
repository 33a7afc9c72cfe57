// The project in the browser's own store, written after every change. Plain bytes: what engines do with stored blobs differs.

import { BrowserStore } from '../../browser-store.js';

/** @typedef {import('./project.js').Project} Project */
/** @typedef {import('./project.js').TaughtPicture} TaughtPicture */
/** @typedef {import('./project.js').Change} Change */
/** What was learnt last; `of` is the project's fingerprint then. @typedef {{ model: ArrayBuffer, backbone: string, heldOut: [number, number | null][], of: number }} Learnt */

const database = new BrowserStore('ocelli-teach', { pictures: { keyPath: 'id' }, state: {} });

export class ProjectStore {
  /** Writes on their way, one after the other. @type {Promise<unknown>} */
  #writing = Promise.resolve();

  /** @param {(pictures: IDBObjectStore, state: IDBObjectStore) => void} work */
  #write(work) {
    this.#writing = this.#writing.catch(() => undefined).then(() => database.transact('readwrite', work));
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
    const [all, project, learnt] = await database.transact('readonly', (pictures, state) => [pictures.getAll(), state.get('project'), state.get('learnt')]);
    if (!project?.result) return null;
    return { snapshot: { ...project.result, pictures: all?.result ?? [] }, learnt: learnt?.result ?? null };
  }
}
