// <picture-grid>: thumbnails of one class, of which only those in view exist. Arrow keys move, Enter opens, Delete removes.
//
// Events: `open` and `remove`, with the picture's id as `detail`.

import { words } from '../../words.js';

/** @typedef {import('./project.js').TaughtPicture} TaughtPicture */

/** Least side of a thumbnail with its gap, in CSS pixels; a row of them fills its width. */
const LEAST_CELL = 64;
/** Rows kept ready above and below. */
const SPARE = 2;
/** For so long, in ms, thumbnails are made in a frame: many grids may lack all of theirs, and each takes half a millisecond. */
const IN_A_FRAME = 8;

/** Grids that lack thumbnails. @type {Set<PictureGrid>} */
const lacking = new Set();
let frame = 0;

/** @param {PictureGrid} grid */
function makeSoon(grid) {
  lacking.add(grid);
  frame ||= requestAnimationFrame(() => {
    frame = 0;
    const end = performance.now() + IN_A_FRAME;
    for (const one of lacking) {
      lacking.delete(one);
      one.makeUntil(end);
      if (performance.now() >= end) break;
    }
    const [next] = lacking;
    if (next) makeSoon(next);
  });
}

export class PictureGrid extends HTMLElement {
  /** @type {TaughtPicture[]} */
  #pictures = [];
  /** Those that were answered wrongly when held out. @type {ReadonlySet<number>} */
  #wrong = new Set();
  #className = '';
  #active = 0;
  /** In CSS pixels, as it was told: to ask would have the page laid out anew for each grid. */
  #size = { width: 0, height: 0 };
  #top = 0;
  #ground = document.createElement('div');
  /** Thumbnails there are, by picture. @type {Map<number, HTMLElement>} */
  #cells = new Map();

  connectedCallback() {
    if (this.#ground.isConnected) return;
    this.tabIndex = 0;
    this.setAttribute('role', 'listbox');
    this.#ground.className = 'grid-ground';
    this.#ground.setAttribute('role', 'presentation');
    this.append(this.#ground);
    this.addEventListener('scroll', () => {
      this.#top = this.scrollTop;
      this.#lay();
    });
    this.addEventListener('keydown', (event) => this.#keyDown(event));
    this.addEventListener('focus', () => this.#mark());
    this.addEventListener('click', (event) => {
      const cell = event.target instanceof Element ? event.target.closest('[data-place]') : null;
      if (!(cell instanceof HTMLElement)) return;
      this.#active = Number(cell.dataset['place']);
      this.#mark();
      this.#send('open');
    });
    new ResizeObserver(([entry]) => {
      if (!entry) return;
      this.#size = entry.contentRect;
      // Not here: it changes the size, which would be told at once again.
      makeSoon(this);
    }).observe(this);
  }

  /** @param {TaughtPicture[]} pictures @param {string} className @param {ReadonlySet<number>} wrong */
  show(pictures, className, wrong) {
    this.#pictures = pictures;
    this.#className = className;
    this.#wrong = wrong;
    this.#active = Math.max(0, Math.min(this.#active, pictures.length - 1));
    this.hidden = pictures.length === 0;
    this.setAttribute('aria-label', words('teach.picturesOf', { name: className }));
    this.#lay();
    this.#mark();
  }

  get #columns() {
    return Math.max(1, Math.floor(this.#size.width / LEAST_CELL));
  }

  /** Side of a thumbnail with its gap. */
  get #cell() {
    return Math.max(LEAST_CELL, Math.floor(this.#size.width / this.#columns));
  }

  /** Makes missing thumbnails until then, one at least. @param {number} end as `performance.now` has it */
  makeUntil(end) {
    this.#lay(end);
    this.#mark();
  }

  /** @param {number} [end] until when missing thumbnails are made; else they are soon */
  #lay(end) {
    if (this.hidden || this.#size.width === 0) return;
    const columns = this.#columns;
    const side = this.#cell;
    this.#ground.style.setProperty('--cell', `${side}px`);
    this.#ground.style.height = `${Math.ceil(this.#pictures.length / columns) * side}px`;
    const from = Math.max(0, Math.floor(this.#top / side) - SPARE) * columns;
    const to = (Math.ceil((this.#top + this.#size.height) / side) + SPARE) * columns;
    const wanted = this.#pictures.slice(from, to);
    const ids = new Set(wanted.map(({ id }) => id));
    for (const [id, cell] of this.#cells) {
      if (ids.has(id)) continue;
      cell.remove();
      this.#cells.delete(id);
    }
    let [nLaid, isAll, isOver] = [0, true, end === undefined];
    wanted.forEach((picture, index) => {
      const place = from + index;
      let cell = this.#cells.get(picture.id);
      if (!cell && isOver && place !== this.#active) {
        isAll = false;
        return;
      }
      if (!cell) {
        cell = thumbnail(picture);
        this.#cells.set(picture.id, cell);
        isOver ||= performance.now() >= Number(end);
      }
      cell.style.transform = `translate(${(place % columns) * side}px, ${Math.floor(place / columns) * side}px)`;
      cell.dataset['place'] = String(place);
      cell.setAttribute('aria-posinset', String(place + 1));
      cell.setAttribute('aria-setsize', String(this.#pictures.length));
      const wrong = this.#wrong.has(picture.id);
      cell.toggleAttribute('data-wrong', wrong);
      const values = { n: place + 1, name: this.#className };
      cell.setAttribute('aria-label', wrong ? words('teach.pictureWrong', values) : words('teach.picture', values));
      // In the order of reading, too.
      if (this.#ground.children[nLaid] !== cell) this.#ground.insertBefore(cell, this.#ground.children[nLaid] ?? null);
      nLaid += 1;
    });
    if (!isAll) makeSoon(this);
  }

  #mark() {
    const active = this.#pictures[this.#active];
    for (const [id, cell] of this.#cells) cell.setAttribute('aria-selected', String(id === active?.id));
    const cell = active && this.#cells.get(active.id);
    if (cell) this.setAttribute('aria-activedescendant', cell.id);
    else this.removeAttribute('aria-activedescendant');
  }

  /** @param {number} top */
  #scrollTo(top) {
    this.scrollTo({ top });
    this.#top = this.scrollTop;
  }

  /** @param {'open' | 'remove'} type */
  #send(type) {
    const picture = this.#pictures[this.#active];
    if (picture) this.dispatchEvent(new CustomEvent(type, { detail: picture.id, bubbles: true }));
  }

  /** @param {KeyboardEvent} event */
  #keyDown(event) {
    const last = this.#pictures.length - 1;
    const moves = /** @type {Record<string, number>} */ ({
      ArrowLeft: this.#active - 1,
      ArrowRight: this.#active + 1,
      ArrowUp: this.#active - this.#columns,
      ArrowDown: this.#active + this.#columns,
      Home: 0,
      End: last,
    });
    const to = moves[event.key];
    if (to !== undefined) {
      this.#active = Math.max(0, Math.min(to, last));
      const side = this.#cell;
      const top = Math.floor(this.#active / this.#columns) * side;
      if (top < this.#top) this.#scrollTo(top);
      else if (top + side > this.#top + this.#size.height) this.#scrollTo(top + side - this.#size.height);
      this.#lay();
      this.#mark();
    } else if (event.key === 'Enter' || event.key === ' ') this.#send('open');
    else if (event.key === 'Delete' || event.key === 'Backspace') this.#send('remove');
    else return;
    event.preventDefault();
  }
}

/** @param {TaughtPicture} picture */
function thumbnail({ id, bytes, type }) {
  const cell = document.createElement('div');
  cell.id = `teach-thumb-${id}`;
  cell.className = 'thumb';
  cell.setAttribute('role', 'option');
  const image = document.createElement('img');
  image.alt = '';
  const url = URL.createObjectURL(new Blob([bytes], { type }));
  image.onload = image.onerror = () => URL.revokeObjectURL(url);
  image.src = url;
  cell.append(image);
  return cell;
}

customElements.define('picture-grid', PictureGrid);
