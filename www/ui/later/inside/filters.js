// A layer's weights as small pictures: of a convolution its filters, of a dense layer that reads a picture directly one
// picture for each unit. Gray is 0; light speaks for, dark against.

/** @typedef {import('../../../lib/index.js').LayerParameters} LayerParameters */

/**
 * Pictures to draw: `value(tile, y, x, channel)` from −1 to 1.
 * @typedef {object} FilterPictures
 * @property {number} n tiles
 * @property {number} height
 * @property {number} width
 * @property {1 | 3} channels
 * @property {'eachFilter' | 'ofOne' | 'eachUnit'} what the tiles are: filters, the input channels of one filter, units
 * @property {(tile: number, y: number, x: number, channel: number) => number} value
 */

/**
 * @param {string} type the layer's
 * @param {LayerParameters | undefined} weights
 * @param {number[] | null} picture the shape of the picture that a dense layer reads, if it does
 * @param {number} filter of which the input channels are shown, where there are many
 * @returns {FilterPictures | null} null where the weights are no pictures
 */
export function filterPictures(type, weights, picture, filter) {
  if (!weights) return null;
  const most = weights.data.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0) || 1;
  const at = (/** @type {number} */ index) => (weights.data[index] ?? 0) / most;
  if (type === 'conv2d' && weights.shape.length === 4) {
    const [height = 0, width = 0, inputs = 0, filters = 0] = weights.shape;
    if (height * width === 1) return null;
    const place = (/** @type {number} */ y, /** @type {number} */ x, /** @type {number} */ input, /** @type {number} */ output) =>
      ((y * width + x) * inputs + input) * filters + output;
    if (inputs === 1 || inputs === 3) {
      return { n: filters, height, width, channels: inputs, what: 'eachFilter', value: (tile, y, x, channel) => at(place(y, x, channel, tile)) };
    }
    return { n: inputs, height, width, channels: 1, what: 'ofOne', value: (tile, y, x) => at(place(y, x, tile, filter)) };
  }
  if (type === 'dense' && picture && weights.shape.length === 2) {
    const [height = 0, width = 0, channels = 0] = picture;
    const [inputs = 0, units = 0] = weights.shape;
    if (height * width * channels !== inputs || (channels !== 1 && channels !== 3)) return null;
    return { n: units, height, width, channels, what: 'eachUnit', value: (tile, y, x, channel) => at(((y * width + x) * channels + channel) * units + tile) };
  }
  return null;
}

/** @param {HTMLCanvasElement} canvas @param {FilterPictures} pictures @param {number} tile */
export function paintFilter(canvas, { height, width, channels, value }, tile) {
  canvas.width = width;
  canvas.height = height;
  const image = new ImageData(width, height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const levels = [0, 1, 2].map((channel) => Math.round(127.5 + 127.5 * value(tile, y, x, channels === 3 ? channel : 0)));
      image.data.set([...levels, 255], (y * width + x) * 4);
    }
  }
  canvas.getContext('2d')?.putImageData(image, 0, 0);
}
