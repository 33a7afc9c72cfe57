// What is taught: classes and their pictures. Every change is told as an event, so that it can be shown and kept.
//
// Event: `changed`, with `detail` as a Change.

/** @typedef {{ id: number, name: string }} TaughtClass */
/**
 * A picture as it is kept: at most 128 pixels long, PNG or JPEG.
 * @typedef {{ id: number, classId: number, bytes: ArrayBuffer, type: string, drawn: boolean }} TaughtPicture
 */
/**
 * `augment`: learn from each picture varied, too; `unfreeze`: how much of the network itself learns on.
 * @typedef {{ backbone: 'auto' | 'photos' | 'digits', head: 'discriminant' | 'trained' | 'mean', augment: boolean, unfreeze: 'none' | 'lastBlock' | 'all' }} Settings
 */
/** @typedef {{ put?: TaughtPicture[], removed?: number[], anew?: boolean }} Change */
/** `nextId`: a number that was never given. @typedef {{ classes: TaughtClass[], pictures: TaughtPicture[], settings: Settings, nextId?: number }} Snapshot */
/** What was taken away, to be put back. @typedef {{ classes: TaughtClass[], pictures: TaughtPicture[] }} Removed */

/** The most pictures of a project. */
export const MOST_PICTURES = 20_000;

/** @returns {Settings} */
export const usualSettings = () => ({ backbone: 'auto', head: 'discriminant', augment: true, unfreeze: 'none' });

export class Project extends EventTarget {
  /** @type {TaughtClass[]} */
  classes = [];
  /** By id, in the order they came. @type {Map<number, TaughtPicture>} */
  pictures = new Map();
  settings = usualSettings();
  #nextId = 1;

  /** @param {Change} [change] */
  #tell(change = {}) {
    this.dispatchEvent(new CustomEvent('changed', { detail: change }));
  }

  /** @param {string} name @returns {TaughtClass} the class of this name, made if there is none */
  classNamed(name) {
    const found = this.classes.find((one) => one.name === name);
    if (found) return found;
    const made = { id: this.#nextId++, name };
    this.classes.push(made);
    this.#tell();
    return made;
  }

  /** @param {number} id @param {string} name @returns {boolean} false where another class has that name, or it is empty */
  rename(id, name) {
    const own = this.classes.find((one) => one.id === id);
    if (!own || name === '' || this.classes.some((one) => one.id !== id && one.name === name)) return false;
    own.name = name;
    this.#tell();
    return true;
  }

  /** @param {number} id @returns {Removed} */
  removeClass(id) {
    const pictures = this.of(id);
    for (const picture of pictures) this.pictures.delete(picture.id);
    const classes = this.classes.filter((one) => one.id === id);
    this.classes = this.classes.filter((one) => one.id !== id);
    this.#tell({ removed: pictures.map((picture) => picture.id) });
    return { classes, pictures };
  }

  /** @param {Omit<TaughtPicture, 'id'>[]} added */
  add(added) {
    const room = Math.max(0, MOST_PICTURES - this.pictures.size);
    const put = added.slice(0, room).map((picture) => ({ ...picture, id: this.#nextId++ }));
    for (const picture of put) this.pictures.set(picture.id, picture);
    this.#tell({ put });
    return put.length;
  }

  /** @param {number} id @param {number} classId */
  relabel(id, classId) {
    const picture = this.pictures.get(id);
    if (!picture) return;
    picture.classId = classId;
    this.#tell({ put: [picture] });
  }

  /** @param {number} id @returns {Removed} */
  remove(id) {
    const picture = this.pictures.get(id);
    if (!picture) return { classes: [], pictures: [] };
    this.pictures.delete(id);
    this.#tell({ removed: [id] });
    return { classes: this.classes.filter((one) => one.id === picture.classId), pictures: [picture] };
  }

  /** In its old place: the numbers say the order. @param {Removed} removed */
  putBack({ classes, pictures }) {
    const gone = classes.filter(({ id }) => !this.classes.some((one) => one.id === id));
    this.classes = [...this.classes, ...gone].sort((one, other) => one.id - other.id);
    for (const picture of pictures) this.pictures.set(picture.id, picture);
    this.pictures = new Map([...this.pictures].sort(([one], [other]) => one - other));
    this.#tell({ put: pictures });
  }

  /** @param {Partial<Settings>} settings */
  set(settings) {
    Object.assign(this.settings, settings);
    this.#tell();
  }

  /** @param {number} classId */
  of(classId) {
    return [...this.pictures.values()].filter((picture) => picture.classId === classId);
  }

  /** A number that tells whether something changed that a lesson goes by. */
  fingerprint() {
    // FNV-1a, 32 bits.
    let hash = 0x811c9dc5;
    const mix = (/** @type {number} */ value) => {
      hash = Math.imul(hash ^ value, 0x01000193) >>> 0;
    };
    // As it was before networks could learn on: what was learnt then is still up to date.
    const { unfreeze, ...others } = this.settings;
    const text = JSON.stringify([unfreeze === 'none' ? others : { ...others, unfreeze }, this.classes]);
    for (let at = 0; at < text.length; at += 1) mix(text.charCodeAt(at));
    for (const { id, classId } of this.pictures.values()) {
      mix(id);
      mix(classId);
    }
    return hash;
  }

  /** @returns {Snapshot} */
  snapshot() {
    return { ...this.state(), pictures: [...this.pictures.values()].map((picture) => ({ ...picture })) };
  }

  /** All but the pictures. */
  state() {
    return { classes: this.classes.map((one) => ({ ...one })), settings: { ...this.settings }, nextId: this.#nextId };
  }

  /** @param {Snapshot} snapshot @param {{ anew: boolean }} change `anew`: it is kept nowhere yet */
  restore({ classes, pictures, settings, nextId = 1 }, { anew }) {
    this.classes = classes;
    this.pictures = new Map(pictures.map((picture) => [picture.id, picture]));
    this.settings = { ...usualSettings(), ...settings };
    // A number is never used again: what is known of a picture goes by it.
    this.#nextId = [...classes, ...pictures].reduce((next, { id }) => Math.max(next, id + 1), Math.max(this.#nextId, nextId));
    this.#tell({ anew });
  }
}
