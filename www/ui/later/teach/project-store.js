// The project in the browser's own store, written after every change. Plain bytes: what engines do with stored blobs differs.

import { BrowserStore } from '../../browser-store.js';

/** @typedef {import('./project.js').Project} Project */
/** @typedef {import('./project.js').TaughtPicture} TaughtPicture */
/** @typedef {import('./project.js').Change} Change */
/** How the network itself learnt on: epochs, 0 where it stayed as it was; pictures that judged, how many rightly. @typedef {{ epochs: number, n: number, before: number, after: number }} Tuning */
/**
 * What was learnt last; `of` is the project's fingerprint then.
 * @typedef {{ model: ArrayBuffer, backbone: string, heldOut: [number, number | null][], of: number, tuned?: Tuning | null }} Learnt
 */

/** Pictures written, or read, before others get their turn. */
const AT_ONCE = 200;

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
    const state = project.state();
    const written = anew ? [...project.pictures.values()] : put;
    return this.#write((pictures, store) => {
      if (anew) pictures.clear();
      for (const id of removed) pictures.delete(id);
      store.put(state, 'project');
      const putFrom = (/** @type {number} */ start) => {
        /** @type {IDBRequest | undefined} */
        let last;
        for (const picture of written.slice(start, start + AT_ONCE)) last = pictures.put(picture);
        if (last) last.onsuccess = () => putFrom(start + AT_ONCE);
      };
      putFrom(0);
    });
  }

  /** @param {Learnt | null} learnt */
  keepLearnt(learnt) {
    return this.#write((_, store) => (learnt ? store.put(learnt, 'learnt') : store.delete('learnt')));
  }

  /** @returns {Promise<{ snapshot: import('./project.js').Snapshot, learnt: Learnt | null } | null>} */
  async find() {
    /** @type {TaughtPicture[]} */
    const all = [];
    const [project, learnt] = await database.transact('readonly', (pictures, state) => {
      const readFrom = (/** @type {number} */ after) => {
        const part = pictures.getAll(IDBKeyRange.lowerBound(after, true), AT_ONCE);
        part.onsuccess = () => {
          all.push(...part.result);
          const last = part.result.at(-1);
          if (last) readFrom(last.id);
        };
      };
      readFrom(0);
      return [state.get('project'), state.get('learnt')];
    });
    if (!project?.result) return null;
    return { snapshot: { ...project.result, pictures: all }, learnt: learnt?.result ?? null };
  }
}
