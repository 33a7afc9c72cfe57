// @ts-check
/** Examples that were given one by one, as pictures of the network's own input, and the data set they make. */

import { ClassifierError } from './errors.js';

export class Examples {
  /** Whether some were added since {@link files} was asked for. */
  changed = false;
  #shape;
  /** @type {Uint8Array[]} */
  #pictures = [];
  /** @type {number[]} */
  #classes = [];

  /** @param {readonly number[]} shape height, width, channels */
  constructor(shape) {
    this.#shape = shape;
  }

  get length() {
    return this.#pictures.length;
  }

  /**
   * @param {Uint8Array} picture
   * @param {number} classIndex
   */
  add(picture, classIndex) {
    this.#pictures.push(picture);
    this.#classes.push(classIndex);
    this.changed = true;
  }

  clear() {
    this.#pictures = [];
    this.#classes = [];
    this.changed = false;
  }

  /** All of them, as two IDX files. */
  files() {
    const n = this.length;
    this.changed = false;
    return /** @type {const} */ ({
      images: new Blob([header(n, ...this.#shape), .../** @type {BlobPart[]} */ (this.#pictures)]),
      labels: new Blob([header(n), Uint8Array.from(this.#classes)]),
      plain: true,
    });
  }
}

/**
 * The place of a class among a model's labels.
 * @param {readonly string[]} labels
 * @param {string | number} label a label, or its place
 */
export function classOf(labels, label) {
  const place = typeof label === 'number' ? label : labels.indexOf(label);
  if (place in labels && place < 256) return place;
  const known = labels.length <= 20 ? `: ${labels.join(', ')}` : '';
  throw new ClassifierError('label', `The model has no class ${String(label)}; it has ${labels.length} classes${known}.`);
}

/** @param {number[]} dimensions */
function header(...dimensions) {
  const bytes = new DataView(new ArrayBuffer(4 + 4 * dimensions.length));
  bytes.setUint32(0, 0x800 + dimensions.length);
  dimensions.forEach((size, index) => bytes.setUint32(4 + 4 * index, size));
  return bytes.buffer;
}
