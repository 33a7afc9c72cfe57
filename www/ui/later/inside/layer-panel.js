// One layer in detail: its channels as tiles, the arithmetic of the cell that is pointed at, its weights as pictures.

import { any, button, byId } from '../../dom.js';
import { words } from '../../words.js';
import { cellWords, number } from './cell-words.js';
import { filterPictures, paintFilter } from './filters.js';
import { paintChannel } from './paint.js';

/** @typedef {import('../../../lib/index.js').Activations} Activations */
/** @typedef {import('../../../lib/index.js').Classifier} Classifier */

/** Tiles before "show more", and the most pictures of weights. */
const [TILES, FILTERS] = [24, 64];

export class LayerPanel {
  #map = byId('inside-map', HTMLCanvasElement);
  #tiles = any('inside-maps');
  #nTiles = TILES;
  #channel = 0;
  #cell = { row: 0, column: 0 };
  /** @type {Activations | null} */
  #after = null;
  /** @type {ReturnType<typeof cellWords> | null} */
  #tell = null;
  #name = '';
  #type = '';
  /** @type {import('../../../lib/index.js').LayerParameters | undefined} */
  #weights;
  /** The shape of the picture that a dense layer reads, if it does. @type {number[] | null} */
  #picture = null;

  constructor() {
    button('inside-more').addEventListener('click', () => {
      this.#nTiles *= 4;
      this.#paint();
    });
    this.#map.addEventListener('pointermove', (event) => this.#point(event));
    this.#map.addEventListener('pointerdown', (event) => this.#point(event));
    this.#map.addEventListener('keydown', (event) => this.#key(event));
  }

  /**
   * Shows a layer for a picture; the channel and cell stay where they were while the layer stays.
   * @param {Classifier} network
   * @param {number} index
   * @param {import('../../../lib/index.js').Pixels} picture
   */
  async show(network, index, picture) {
    const layer = network.info.layers[index];
    if (!layer) return;
    const { layers } = network.info;
    const names = layer.inputs.map((place) => layers[place]?.name ?? '');
    const [after, parameters, ...befores] = await Promise.all([
      network.activations(picture, { layer: layer.name }),
      network.parameters(layer.name),
      ...names.map((name) => network.activations(picture, { layer: name })),
    ]);
    if (!after) return;
    if (layer.name !== this.#name) {
      this.#name = layer.name;
      this.#nTiles = TILES;
      this.#channel = 0;
      const [height = 1, width = 1] = layer.outputShape;
      this.#cell = { row: height >> 1, column: width >> 1 };
    }
    const readers = layers.filter(({ inputs }) => inputs.includes(index));
    const rectified = readers.length === 1 && readers[0]?.type === 'relu';
    const found = befores.filter((before) => before !== null);
    this.#after = after;
    this.#tell = cellWords({ type: layer.type, after, befores: found, names, parameters, rectified });
    this.#type = layer.type;
    [this.#weights] = parameters;
    const flattened = layers[layer.inputs[0] ?? -1];
    this.#picture = flattened?.type === 'flatten' ? (layers[flattened.inputs[0] ?? -1]?.outputShape ?? null) : null;
    any('inside-layer').textContent = `${layer.name} · ${layer.outputShape.join(' × ')}`;
    this.#paint();
  }

  #paint() {
    const after = this.#after;
    if (!after) return;
    const flat = after.shape.length !== 3;
    /** @type {[number, number, number]} */
    const shape = flat ? [1, after.data.length, 1] : /** @type {any} */ (after.shape);
    // Another network may have a smaller layer of the same name.
    this.#channel = Math.min(this.#channel, shape[2] - 1);
    this.#cell = { row: Math.min(this.#cell.row, shape[0] - 1), column: Math.min(this.#cell.column, shape[1] - 1) };
    const nShown = Math.min(shape[2], this.#nTiles);
    this.#tiles.toggleAttribute('data-flat', flat);
    while (this.#tiles.childElementCount > nShown) this.#tiles.lastElementChild?.remove();
    for (let channel = 0; channel < nShown; channel += 1) {
      const tile = this.#tiles.children[channel] ?? this.#tiles.appendChild(this.#newTile(channel));
      tile.setAttribute('aria-pressed', String(channel === this.#channel));
      const canvas = tile.querySelector('canvas');
      if (canvas) paintChannel(canvas, after.data, shape, channel);
    }
    button('inside-more').hidden = nShown === shape[2];
    any('inside-cell').hidden = flat;
    if (!flat) this.#paintCell();
    this.#paintFilters();
  }

  #paintFilters() {
    const pictures = filterPictures(this.#type, this.#weights, this.#picture, this.#channel);
    any('inside-weights').hidden = !pictures;
    if (!pictures) return;
    const n = Math.min(pictures.n, FILTERS);
    const host = any('inside-filters');
    while (host.childElementCount > n) host.lastElementChild?.remove();
    for (let tile = 0; tile < n; tile += 1) {
      const canvas = host.children[tile] ?? host.appendChild(document.createElement('canvas'));
      const isChosen = pictures.what === 'eachFilter' && tile === this.#channel;
      canvas.toggleAttribute('data-chosen', isChosen);
      if (canvas instanceof HTMLCanvasElement) paintFilter(canvas, pictures, tile);
    }
    const { what, height, width } = pictures;
    any('inside-filters').setAttribute('aria-label', words(`inside.filters-${what}`, { n: pictures.n, height, width, channel: this.#channel + 1 }));
    any('inside-filters-about').textContent = any('inside-filters').getAttribute('aria-label');
  }

  /** @param {number} channel */
  #newTile(channel) {
    const tile = document.createElement('button');
    tile.type = 'button';
    tile.setAttribute('aria-label', words('inside.channel', { n: channel + 1 }));
    tile.append(document.createElement('canvas'));
    tile.addEventListener('click', () => {
      this.#channel = channel;
      this.#paint();
    });
    return tile;
  }

  /** @param {PointerEvent} event */
  #point(event) {
    const [height = 1, width = 1] = this.#after?.shape ?? [];
    const box = this.#map.getBoundingClientRect();
    this.#move(Math.floor(((event.clientY - box.top) / box.height) * height), Math.floor(((event.clientX - box.left) / box.width) * width));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const step = /** @type {Record<string, [number, number]>} */ ({ ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] })[event.key];
    if (!step) return;
    event.preventDefault();
    this.#move(this.#cell.row + step[0], this.#cell.column + step[1]);
  }

  /** @param {number} row @param {number} column */
  #move(row, column) {
    const [height = 1, width = 1] = this.#after?.shape ?? [];
    this.#cell = { row: Math.min(Math.max(row, 0), height - 1), column: Math.min(Math.max(column, 0), width - 1) };
    this.#paintCell();
  }

  #paintCell() {
    const after = this.#after;
    if (!after) return;
    const shape = /** @type {[number, number, number]} */ (after.shape);
    const { row, column } = this.#cell;
    paintChannel(this.#map, after.data, shape, this.#channel);
    const context = this.#map.getContext('2d');
    if (context) {
      context.fillStyle = '#ff8a14';
      context.fillRect(column, row, 1, 1);
    }
    const told = this.#tell?.({ row, column, channel: this.#channel });
    any('inside-sum').textContent = told?.sentence ?? '';
    const lines = (told?.lines ?? []).map(({ numbers, end }) => {
      const line = document.createElement('div');
      line.append(...numbers.map(tableOf), end);
      return line;
    });
    any('inside-arithmetic').replaceChildren(...lines, told?.rest ?? '');
    any('inside-arithmetic').hidden = lines.length === 0;
  }
}

/** @param {import('./cell-words.js').Numbers} numbers */
function tableOf({ title, rows }) {
  const table = document.createElement('table');
  table.createCaption().textContent = title;
  for (const row of rows) {
    const line = table.insertRow();
    for (const value of row) line.insertCell().textContent = value === null ? '' : number(value);
  }
  return table;
}
