// What one cell of a layer comes from, where that is not a convolution: from the layer's inputs and output as the network
// tells them.

/** @typedef {import('../../../lib/index.js').Activations} Activations */
/** @typedef {{ row: number, column: number, channel: number }} Cell */

/** Layers that apply a function to each number, and what it is called. @type {Record<string, string>} */
export const FUNCTIONS = {
  relu: 'ReLU', leaky_relu: 'LeakyReLU', relu6: 'ReLU6', elu: 'ELU', gelu: 'GELU', silu: 'SiLU', sigmoid: 'σ', tanh: 'tanh', softplus: 'softplus',
};

/** The number at a cell; of a layer with one number for each channel, that number. @param {Activations} output @param {Cell} cell */
export function valueAt({ data, shape }, { row, column, channel }) {
  const [, width = 1, channels = 1] = shape;
  return data[shape.length === 3 ? (row * width + column) * channels + channel : channel] ?? 0;
}

/**
 * The window that a pooling layer reads: with which size, stride and padding its values come out; null where with none.
 * @param {Activations} before
 * @param {Activations} after
 * @param {(values: number[]) => number} reduce
 */
export function windowOf(before, after, reduce) {
  const [height = 0, width = 0] = before.shape;
  const [rows = 0, columns = 0, channels = 0] = after.shape;
  for (let size = 2; size <= 5; size += 1) {
    for (let stride = 1; stride <= 4; stride += 1) {
      for (let pad = 0; pad < size; pad += 1) {
        if (Math.abs((rows - 1) * stride + size - height - 2 * pad) >= stride + size) continue;
        const window = { size, stride, pad };
        const fits = Array.from({ length: 24 }, (_, k) => k).every((k) => {
          const cell = { row: (k * 5) % rows, column: (k * 11) % columns, channel: (k * 3) % channels };
          const told = valueAt(after, cell);
          const values = patchOf(before, window, cell).flat().filter((value) => value !== null);
          return values.length > 0 && Math.abs(reduce(values) - told) <= 1e-4 * (1 + Math.abs(told));
        });
        if (fits && height > 0 && width > 0) return window;
      }
    }
  }
  return null;
}

/**
 * What a pooling layer's cell reads, row by row; null beyond the edge.
 * @param {Activations} before
 * @param {{ size: number, stride: number, pad: number }} window
 * @param {Cell} cell
 */
export function patchOf(before, { size, stride, pad }, { row, column, channel }) {
  const [height = 0, width = 0] = before.shape;
  return Array.from({ length: size }, (_, u) =>
    Array.from({ length: size }, (_, v) => {
      const [y, x] = [row * stride + u - pad, column * stride + v - pad];
      const inside = y >= 0 && y < height && x >= 0 && x < width;
      return inside ? valueAt(before, { row: y, column: x, channel }) : null;
    }),
  );
}

/**
 * The one factor and the one number to add that a layer has for a channel once it is trained (batch normalization), read off
 * its values; null where the channel is the same everywhere.
 * @param {Activations} before
 * @param {Activations} after
 * @param {number} channel
 */
export function lineOf(before, after, channel) {
  const channels = before.shape.at(-1) ?? 1;
  let [low, high] = [channel, channel];
  for (let i = channel; i < before.data.length; i += channels) {
    if ((before.data[i] ?? 0) < (before.data[low] ?? 0)) low = i;
    if ((before.data[i] ?? 0) > (before.data[high] ?? 0)) high = i;
  }
  const [x0 = 0, x1 = 0, y0 = 0, y1 = 0] = [before.data[low], before.data[high], after.data[low], after.data[high]];
  if (x1 - x0 < 1e-6) return null;
  const factor = (y1 - y0) / (x1 - x0);
  return { factor, offset: y0 - factor * x0 };
}
