// Filters and a layer's channels as small pictures, drawn a few at a time: the page has other things to do meanwhile.

import { paintChannel } from '../inside/paint.js';

/** Pictures shown of a layer. */
const TILES = 24;
/** Milliseconds of drawing before the page gets its turn. */
const SLICE = 10;

/**
 * @param {HTMLElement} host
 * @param {number} n
 * @param {(canvas: HTMLCanvasElement, index: number) => void} paint
 */
async function tiles(host, n, paint) {
  while (host.childElementCount > n) host.lastElementChild?.remove();
  let began = performance.now();
  for (let index = 0; index < n; index += 1) {
    const canvas = /** @type {HTMLCanvasElement} */ (host.children[index] ?? host.appendChild(document.createElement('canvas')));
    paint(canvas, index);
    if (performance.now() - began < SLICE) continue;
    await new Promise((resolve) => setTimeout(resolve));
    began = performance.now();
  }
}

/**
 * The filters of a convolution: light pulls up, dark pulls down, mid-gray is 0; one scale for all. Those that read three
 * channels are in color, others show the weights of one channel that they read.
 * @param {HTMLElement} host
 * @param {import('../../../lib/index.js').LayerParameters} weights
 * @param {number} plane the channel read
 * @returns {Promise<number>} the channels that may be chosen
 */
export async function filterTiles(host, { data, shape }, plane) {
  const [height = 1, width = 1] = shape;
  const nFilters = shape.at(-1) ?? 1;
  const nRead = shape.length === 4 ? (shape[2] ?? 1) : 1;
  const colored = nRead === 3;
  const chosen = Math.min(plane, nRead - 1);
  let most = 0;
  for (const value of data) most = Math.max(most, Math.abs(value));
  await tiles(host, Math.min(nFilters, TILES), (canvas, filter) => {
    // To set a size, even the same, would make the canvas anew.
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    const image = new ImageData(width, height);
    for (let cell = 0; cell < height * width; cell += 1) {
      for (let channel = 0; channel < 3; channel += 1) {
        const weight = data[(cell * nRead + (colored ? channel : chosen)) * nFilters + filter] ?? 0;
        image.data[cell * 4 + channel] = 127.5 + (127.5 * weight) / (most || 1);
      }
      image.data[cell * 4 + 3] = 255;
    }
    canvas.getContext('2d')?.putImageData(image, 0, 0);
  });
  return colored ? 1 : nRead;
}

/**
 * What a layer puts out, a picture for each channel; a row of pixels where it is flat.
 * @param {HTMLElement} host
 * @param {import('../../../lib/index.js').Activations} activations
 */
export async function channelTiles(host, { data, shape }) {
  const [height = 1, width = 1, channels = 1] = shape;
  const isFlat = shape.length !== 3;
  host.toggleAttribute('data-flat', isFlat);
  if (isFlat) await tiles(host, 1, (canvas) => paintChannel(canvas, data, [1, data.length, 1], 0));
  else await tiles(host, Math.min(channels, TILES), (canvas, channel) => paintChannel(canvas, data, [height, width, channels], channel));
}
