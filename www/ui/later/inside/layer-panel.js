// One layer in detail: its channels as tiles, and the arithmetic of the cell that is pointed at.

import { any, button, byId } from '../../dom.js';
import { words } from '../../words.js';
import { stepsOf, termsOf } from './convolution.js';
import { paintChannel } from './paint.js';

/** @typedef {import('../../../lib/index.js').Activations} Activations */
/** @typedef {import('../../../lib/index.js').Classifier} Classifier */

/** Tiles before "show more", and input channels whose numbers are written out. */
const [TILES, WRITTEN] = [24, 4];

/** @param {number} value */
const number = (value) => (Math.abs(value) < 0.0005 ? '0' : value.toFixed(Math.abs(value) < 10 ? 2 : 1));

export class LayerPanel {
  #map = byId('inside-map', HTMLCanvasElement);
  #tiles = any('inside-maps');
  #nTiles = TILES;
  #channel = 0;
  #cell = { row: 0, column: 0 };
  /** @type {Activations | null} */
  #after = null;
  /** @type {import('./convolution.js').Parts | null} */
  #parts = null;
  #steps = /** @type {{ stride: number, pad: number } | null} */ (null);
  #name = '';
  /** Whether a ReLU is all that reads the sum. */
  #rectified = false;

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
    const source = network.info.layers[layer.inputs[0] ?? -1];
    const [after, before, parameters] = await Promise.all([
      network.activations(picture, { layer: layer.name }),
      source ? network.activations(picture, { layer: source.name }) : null,
      network.parameters(layer.name),
    ]);
    if (layer.name !== this.#name) {
      this.#name = layer.name;
      this.#nTiles = TILES;
      this.#channel = 0;
      const [height = 1, width = 1] = layer.outputShape;
      this.#cell = { row: height >> 1, column: width >> 1 };
    }
    const readers = network.info.layers.filter(({ inputs }) => inputs.includes(index));
    this.#rectified = readers.length === 1 && readers[0]?.type === 'relu';
    const [weights, bias] = parameters;
    this.#after = after;
    this.#parts = layer.type === 'conv2d' && before && after && weights ? { before, after, weights, bias } : null;
    this.#steps = this.#parts && stepsOf(this.#parts);
    any('inside-layer').textContent = `${layer.name} · ${layer.outputShape.join(' × ')}`;
    this.#paint();
  }

  #paint() {
    const after = this.#after;
    if (!after) return;
    const flat = after.shape.length !== 3;
    /** @type {[number, number, number]} */
    const shape = flat ? [1, after.data.length, 1] : /** @type {any} */ (after.shape);
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
    const [, width, channels] = shape;
    const { row, column } = this.#cell;
    paintChannel(this.#map, after.data, shape, this.#channel);
    const context = this.#map.getContext('2d');
    if (context) {
      context.fillStyle = '#ff8a14';
      context.fillRect(column, row, 1, 1);
    }
    const value = number(after.data[(row * width + column) * channels + this.#channel] ?? 0);
    const place = { row: row + 1, column: column + 1, value };
    const host = any('inside-arithmetic');
    host.replaceChildren();
    if (!this.#parts || !this.#steps) {
      any('inside-sum').textContent = words('inside.value', place);
      return;
    }
    const { terms, bias, sum } = termsOf(this.#parts, this.#steps, { row, column, filter: this.#channel });
    const values = { ...place, terms: number(sum - bias), bias: number(bias), relu: number(Math.max(0, sum)) };
    any('inside-sum').textContent = this.#rectified ? words('inside.sumRelu', values) : words('inside.sum', values);
    for (const [channel, { patch, kernel, part }] of terms.slice(0, WRITTEN).entries()) {
      const line = document.createElement('div');
      line.append(
        numbers(words('inside.patch', { n: channel + 1 }), patch),
        numbers(words('inside.filter'), kernel),
        words('inside.part', { value: number(part) }),
      );
      host.append(line);
    }
    if (terms.length > WRITTEN) {
      const rest = terms.slice(WRITTEN).reduce((sum, { part }) => sum + part, 0);
      host.append(words('inside.rest', { n: terms.length - WRITTEN, value: number(rest) }));
    }
  }
}

/** @param {string} title @param {number[][]} rows */
function numbers(title, rows) {
  const table = document.createElement('table');
  table.createCaption().textContent = title;
  for (const row of rows) {
    const line = table.insertRow();
    for (const value of row) line.insertCell().textContent = number(value);
  }
  return table;
}
