// Pictures as the two IDX files that the package takes.

import { pictures } from './networks.js';

/**
 * @param {[number, number, number]} shape
 * @param {number} n
 */
export function idx(shape, n) {
  const { bytes, labels } = pictures(shape, n);
  const [height, width, channels] = shape;
  const dimensions = channels === 1 ? [n, height, width] : [n, height, width, channels];
  return { images: new Blob([header(dimensions), bytes]), labels: new Blob([header([n]), labels]) };
}

/** @param {number[]} dimensions */
function header(dimensions) {
  const view = new DataView(new ArrayBuffer(4 + 4 * dimensions.length));
  view.setUint32(0, 0x800 + dimensions.length);
  dimensions.forEach((size, index) => view.setUint32(4 + 4 * index, size));
  return view.buffer;
}
