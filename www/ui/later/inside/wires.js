// The connections of the drawn network: lines with arrows beside and between the layers' rows.

import { connections } from './lanes.js';

const SVG = 'http://www.w3.org/2000/svg';
/** Between two lanes, and between the rows and the first lane, in pixels. */
const [LANE, EDGE] = [9, 10];
/** Half the width of an arrow's head. */
const HEAD = 3.5;

export class Wires {
  #list;
  /** @type {import('./lanes.js').Connection[]} */
  #connections = [];
  #svg = document.createElementNS(SVG, 'svg');
  /** The layer whose connections stand out. */
  #marked = -1;

  /** @param {HTMLElement} list whose children are the layers' rows */
  constructor(list) {
    this.#list = list;
    this.#svg.setAttribute('aria-hidden', 'true');
    // Rows grow when their pictures come.
    new ResizeObserver(() => requestAnimationFrame(() => this.#draw())).observe(list);
  }

  /** @param {readonly { inputs: readonly number[] }[]} layers of the rows that are in the list */
  show(layers) {
    this.#connections = connections(layers);
    const nLanes = Math.max(0, ...this.#connections.map(({ lane }) => (lane ?? -1) + 1));
    this.#list.style.setProperty('--wires', nLanes === 0 ? '0px' : `${EDGE + nLanes * LANE}px`);
    this.#draw();
  }

  /** @param {number} layer */
  mark(layer) {
    this.#marked = layer;
    this.#draw();
  }

  #draw() {
    const rows = [...this.#list.children].filter((child) => child instanceof HTMLElement);
    const faces = rows.map((row) => {
      const { offsetTop, offsetHeight, offsetLeft, offsetWidth } = row;
      return { top: offsetTop, bottom: offsetTop + offsetHeight, left: offsetLeft, middle: offsetLeft + offsetWidth / 2 };
    });
    const lines = this.#connections.flatMap(({ from, to, lane }) => {
      const [start, end] = [faces[from], faces[to]];
      if (!start || !end) return [];
      const line = document.createElementNS(SVG, 'path');
      line.setAttribute('d', lane === null ? straight(start, end) : around(start, end, lane));
      line.toggleAttribute('data-marked', from === this.#marked || to === this.#marked);
      line.toggleAttribute('data-around', lane !== null);
      return [line];
    });
    // What stands out lies on top.
    lines.sort((a, b) => Number(a.hasAttribute('data-marked')) - Number(b.hasAttribute('data-marked')));
    this.#svg.replaceChildren(...lines);
    if (this.#svg.parentElement !== this.#list.parentElement) this.#list.after(this.#svg);
  }
}

/** @typedef {{ top: number, bottom: number, left: number, middle: number }} Face */

/** @param {Face} start @param {Face} end */
function straight({ bottom, middle }, { top }) {
  return `M${middle} ${bottom}V${top}m${-HEAD} ${-HEAD}l${HEAD} ${HEAD}l${HEAD} ${-HEAD}`;
}

/** Out of a row's side near its lower end, along the lane, into the other's near its upper end. @param {Face} start @param {Face} end @param {number} lane */
function around(start, end, lane) {
  const [x, out, into] = [start.left - EDGE / 2 - lane * LANE - 2, start.bottom - 12, end.top + 12];
  const turn = 5;
  return (
    `M${start.left} ${out}H${x + turn}Q${x} ${out} ${x} ${out + turn}V${into - turn}Q${x} ${into} ${x + turn} ${into}` +
    `H${end.left}m${-HEAD} ${-HEAD}l${HEAD} ${HEAD}l${-HEAD} ${HEAD}`
  );
}
