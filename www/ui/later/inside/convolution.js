// The arithmetic of a convolution, from a layer's input, output and parameters as the network tells them.

/** @typedef {import('../../../lib/index.js').Activations} Activations */
/** @typedef {import('../../../lib/index.js').LayerParameters} LayerParameters */
/** @typedef {{ before: Activations, after: Activations, weights: LayerParameters, bias: LayerParameters | undefined }} Parts */

/**
 * What one cell of the output is the sum of: for each input channel the patch and the filter, `[kernel, kernel]`.
 * @param {Parts} parts
 * @param {{ stride: number, pad: number }} steps
 * @param {{ row: number, column: number, filter: number }} cell
 */
export function termsOf({ before, weights, bias }, { stride, pad }, { row, column, filter }) {
  const [height = 0, width = 0, channels = 0] = before.shape;
  const [kernelHeight = 0, kernelWidth = 0, , filters = 0] = weights.shape;
  const start = bias?.data[filter] ?? 0;
  let sum = start;
  const terms = Array.from({ length: channels }, (_, channel) => {
    /** @type {number[][]} */
    const patch = [];
    /** @type {number[][]} */
    const kernel = [];
    let part = 0;
    for (let u = 0; u < kernelHeight; u += 1) {
      const [values, factors] = [/** @type {number[]} */ ([]), /** @type {number[]} */ ([])];
      for (let v = 0; v < kernelWidth; v += 1) {
        const [y, x] = [row * stride + u - pad, column * stride + v - pad];
        const inside = y >= 0 && y < height && x >= 0 && x < width;
        const value = inside ? (before.data[(y * width + x) * channels + channel] ?? 0) : 0;
        const factor = weights.data[((u * kernelWidth + v) * channels + channel) * filters + filter] ?? 0;
        values.push(value);
        factors.push(factor);
        part += value * factor;
      }
      patch.push(values);
      kernel.push(factors);
    }
    sum += part;
    return { patch, kernel, part };
  });
  return { terms, bias: start, sum };
}

/**
 * The stride and padding with which the sums come to what the network told; null where none do (groups, dilation).
 * @param {Parts} parts
 */
export function stepsOf(parts) {
  const { before, after, weights } = parts;
  const [height = 0, , channels = 0] = before.shape;
  const [rows = 0, columns = 0, filters = 0] = after.shape;
  const [kernel = 0, , inputs] = weights.shape;
  if (weights.shape.length !== 4 || inputs !== channels) return null;
  const fits = (/** @type {{ stride: number, pad: number }} */ steps) =>
    Array.from({ length: 8 }, (_, k) => k).every((k) => {
      const cell = { row: (k * 5) % rows, column: (k * 11) % columns, filter: (k * 3) % filters };
      const told = after.data[(cell.row * columns + cell.column) * filters + cell.filter] ?? 0;
      return Math.abs(termsOf(parts, steps, cell).sum - told) < 1e-3 * (1 + Math.abs(told));
    });
  for (let stride = 1; stride <= 4; stride += 1) {
    for (let pad = 0; pad < kernel; pad += 1) {
      if ((rows - 1) * stride - pad + kernel <= height + kernel && fits({ stride, pad })) return { stride, pad };
    }
  }
  return null;
}
