// Layers as lines of text, and the line where a network fails.

/** @typedef {import('../../../lib/index.js').LayerSpec} LayerSpec */

/** @param {readonly LayerSpec[]} layers */
export function linesOf(layers) {
  return layers.map((layer) => JSON.stringify(layer)).join('\n');
}

/**
 * The layers in a text; empty lines and commas at the ends of lines are no matter.
 * @param {string} text
 * @returns {{ layers: LayerSpec[], places: number[], wrong: number | null }} the line of each layer, from 1, and the first
 *   line that is no layer
 */
export function layersOf(text) {
  /** @type {LayerSpec[]} */
  const layers = [];
  /** @type {number[]} */
  const places = [];
  for (const [index, line] of text.split('\n').entries()) {
    const own = line.trim().replace(/,$/, '');
    if (own === '' || own === '[' || own === ']') continue;
    try {
      const layer = JSON.parse(own);
      if (typeof layer?.type !== 'string') return { layers, places, wrong: index + 1 };
      layers.push(layer);
      places.push(index + 1);
    } catch {
      return { layers, places, wrong: index + 1 };
    }
  }
  return { layers, places, wrong: null };
}

/**
 * Which layer, from 1, an error is of: the fewest of the first layers that fail with the very same words.
 * @param {number} nLayers
 * @param {string} why what all of them fail with
 * @param {(n: number) => Promise<void>} build builds the first n
 */
export async function badLine(nLayers, why, build) {
  let [low, high] = [1, nLayers];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const isIt = await build(middle).then(
      () => false,
      (error) => why.toLowerCase().startsWith(String(error?.message ?? error).toLowerCase()),
    );
    if (isIt) high = middle;
    else low = middle + 1;
  }
  return low;
}
