// The layers of a network that learns, a row each: how long the gradient is, how far a step goes, units that stay silent, and
// what takes the time.

import { percent } from '../../format.js';
import { make } from '../../option-field.js';
import { words } from '../../words.js';

/** @typedef {import('../../../lib/index.js').Internals} Internals */
/** @typedef {import('../../../lib/index.js').LayerInternals} LayerInternals */

const COLUMNS = ['layer', 'gradient', 'update', 'silent', 'forward', 'backward'];
/** What a mean of the times keeps at each look: the clocks of browsers are coarse. */
const KEPT = 0.7;

/** @param {number | undefined} value */
function short(value) {
  if (value === undefined || !Number.isFinite(value)) return '–';
  return value !== 0 && Math.abs(value) < 1e-4 ? value.toExponential(1) : String(+value.toPrecision(2));
}

/** @param {HTMLElement} cell @param {number} share of the longest bar */
function bar(cell, share) {
  cell.style.setProperty('--share', String(Math.min(1, Math.max(0, share))));
}

export class LiveTable {
  #rows = make('tbody', { id: 'live-rows' });
  /** By layer, forward and backward. @type {Map<string, [number, number]>} */
  #times = new Map();
  element;

  constructor() {
    const head = COLUMNS.map((name) => make('th', { scope: 'col' }, words(`train.liveColumn-${name}`)));
    const table = make('table', { class: 'epochs live-layers' }, make('thead', {}, make('tr', {}, ...head)), this.#rows);
    this.element = make('div', { class: 'table-scroll', tabindex: '0', role: 'group', 'aria-label': words('train.liveTable') }, table);
  }

  clear() {
    this.#times.clear();
    this.#rows.replaceChildren();
  }

  /**
   * @param {Internals} internals
   * @returns {{ forward: number, backward: number }} milliseconds of a pass, as means over the last looks
   */
  show({ layers, forwardMilliseconds, backwardMilliseconds }) {
    const total = this.#mean('', forwardMilliseconds, backwardMilliseconds);
    while (this.#rows.rows.length > layers.length) this.#rows.deleteRow(-1);
    for (const [index, layer] of layers.entries()) this.#row(this.#rows.rows[index] ?? newRow(this.#rows), layer, total);
    return { forward: total[0], backward: total[1] };
  }

  /** @param {HTMLTableRowElement} row @param {LayerInternals} layer @param {[number, number]} total */
  #row(row, layer, [allForward, allBackward]) {
    const { name, gradientNorm, updateRatio, nUnits, deadShare } = layer;
    const [forward, backward] = this.#mean(name, layer.forwardMilliseconds, layer.backwardMilliseconds);
    const silent = deadShare === undefined || nUnits === undefined ? '–' : words('train.liveSilent', { n: Math.round(deadShare * nUnits), all: nUnits, share: percent(deadShare, 0) });
    const texts = [name, short(gradientNorm), short(updateRatio), silent, forward.toFixed(2), backward.toFixed(2)];
    for (const [i, text] of texts.entries()) {
      const cell = row.cells[i];
      if (cell && cell.textContent !== text) cell.textContent = text;
    }
    const [, , , silentCell, forwardCell, backwardCell] = row.cells;
    if (silentCell) bar(silentCell, deadShare ?? 0);
    if (forwardCell) bar(forwardCell, forward / (allForward || 1));
    if (backwardCell) bar(backwardCell, backward / (allBackward || 1));
  }

  /**
   * @param {string} name
   * @param {number} forward
   * @param {number} backward
   * @returns {[number, number]}
   */
  #mean(name, forward, backward) {
    const before = this.#times.get(name) ?? [forward, backward];
    /** @type {[number, number]} */
    const mean = [KEPT * before[0] + (1 - KEPT) * forward, KEPT * before[1] + (1 - KEPT) * backward];
    this.#times.set(name, mean);
    return mean;
  }
}

/** @param {HTMLTableSectionElement} body */
function newRow(body) {
  const row = body.insertRow();
  row.append(make('th', { scope: 'row' }));
  for (const name of COLUMNS.slice(1)) row.insertCell().dataset['column'] = name;
  return row;
}
