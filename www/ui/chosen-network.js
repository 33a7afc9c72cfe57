// The network to train: a preset, the one on the Draw pad, or one of the visitor's own layers.

import { Classifier } from '../lib/index.js';
import { presets } from '../lib/presets.js';
import { select } from './dom.js';
import { pictureShape } from './idx-files.js';
import { presetAbout, presetTitle } from './preset-list.js';
import { words } from './words.js';

/** @typedef {import('../lib/index.js').ModelSpec} ModelSpec */
/** @typedef {import('../lib/index.js').PresetName} PresetName */
/** @typedef {import('./train-data.js').TrainingData} TrainingData */

/** The choice that goes on training what the Draw pad uses. */
export const PAD_NETWORK = 'pad-network';
/** The choice of own layers. */
export const OWN_NETWORK = 'own-layers';

/** @param {string} name */
export const presetOf = (name) => presets().find((preset) => preset.name === name);

/** What the network of this choice reads. @param {string} name */
export const readsOf = (name) => presetOf(name)?.reads ?? 'pictures';

/** @param {string} name of a preset, or another choice */
export function titleOf(name) {
  const preset = presetOf(name);
  if (preset) return presetTitle(preset);
  return name === OWN_NETWORK ? words('train.ownLayers') : words('train.yourNetwork');
}

/**
 * What the network in a file is built of.
 * @param {ArrayBuffer} file of this library
 * @returns {ModelSpec}
 */
export function specOf(file) {
  const length = Number(new DataView(file).getBigUint64(0, true));
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(file, 8, length)));
  return JSON.parse(head.__metadata__.ocelli);
}

export class ChosenNetwork {
  #padNetwork;
  #choice = select('preset');
  /** @type {ModelSpec | null} */
  #own = null;

  /** @param {() => Promise<Blob>} padNetwork the network of the Draw pad */
  constructor(padNetwork) {
    this.#padNetwork = padNetwork;
    for (const preset of presets()) this.#choice.append(new Option(presetTitle(preset), preset.name));
    this.#choice.append(new Option(words('train.padNetwork'), PAD_NETWORK));
    this.#choice.value = 'keras-cnn';
  }

  /** What is to be known of the choice. */
  get about() {
    const preset = presetOf(this.#choice.value);
    if (preset) return presetAbout(preset);
    return this.#choice.value === OWN_NETWORK ? words('train.ownAbout') : words('train.padAbout');
  }

  /** Own layers, which become the choice. */
  set own(/** @type {ModelSpec} */ spec) {
    if (!this.#own) this.#choice.append(new Option(words('train.ownLayers'), OWN_NETWORK));
    this.#own = spec;
    this.#choice.value = OWN_NETWORK;
  }

  /**
   * A fresh network of the choice for these examples.
   * @param {TrainingData} data
   * @param {number} seed
   */
  async make({ source }, seed) {
    const { value } = this.#choice;
    if (value === PAD_NETWORK) return Classifier.load(await this.#padNetwork(), { training: true });
    if (value === OWN_NETWORK && this.#own) return Classifier.create(this.#own, { seed });
    const inputShape = 'images' in source ? await pictureShape(source.images) : 'pixels' in source ? source.shape : undefined;
    const labels = 'pixels' in source ? source.classNames : undefined;
    return Classifier.create(/** @type {PresetName} */ (value), { seed, inputShape, labels });
  }
}
