// A network of the visitor's own layers, among the networks to choose.

import { select } from './dom.js';
import { words } from './words.js';

/** @typedef {import('../lib/index.js').ModelSpec} ModelSpec */

/** The choice's value. */
export const OWN_NETWORK = 'own-layers';

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

/** Makes it the choice. */
export function chooseOwnNetwork() {
  const choice = select('preset');
  if (![...choice.options].some(({ value }) => value === OWN_NETWORK)) choice.append(new Option(words('train.ownLayers'), OWN_NETWORK));
  choice.value = OWN_NETWORK;
}
