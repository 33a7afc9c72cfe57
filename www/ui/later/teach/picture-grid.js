// <picture-grid>: thumbnails of one class, of which only those in view exist. Arrow keys move, Enter opens, Delete removes.
//
// Events: `open` and `remove`, with the picture's id as `detail`.

import { words } from '../../words.js';

/** @typedef {import('./project.js').TaughtPicture} TaughtPicture */

/** Side of a thumbnail with its gap, in CSS pixels, as in teach.css. */
const CELL = 64;
/** Rows kept ready above and below. */
const SPARE = 2;

export class PictureGrid extends HTMLElement {
  /** @type {TaughtPicture[]} */
  #pictures = [];
  /** Those that were answered wrongly when held out. @type {ReadonlySet<number>} */
  #wrong = new Set();
  #className = '';
  #active = 0;
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
    this.addEventListener('scroll', () => this.#lay());
    this.addEventListener('keydown', (event) => this.#keyDown(event));
    this.addEventListener('focus', () => this.#mark());
    this.addEventListener('click', (event) => {
      const cell = event.target instanceof Element ? event.target.closest('[data-place]') : null;
      if (!(cell instanceof HTMLElement)) return;
      this.#active = Number(cell.dataset['place']);
      this.#mark();
      this.#send('open');
    });
    new ResizeObserver(() => this.#lay()).observe(this);
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
    return Math.max(1, Math.floor(this.clientWidth / CELL));
  }

  #lay() {
    if (this.hidden || this.clientWidth === 0) return;
    const columns = this.#columns;
    this.#ground.style.height = `${Math.ceil(this.#pictures.length / columns) * CELL}px`;
    const from = Math.max(0, Math.floor(this.scrollTop / CELL) - SPARE) * columns;
    const to = (Math.ceil((this.scrollTop + this.clientHeight) / CELL) + SPARE) * columns;
    const wanted = this.#pictures.slice(from, to);
    const ids = new Set(wanted.map(({ id }) => id));
    for (const [id, cell] of this.#cells) {
      if (ids.has(id)) continue;
      cell.remove();
      this.#cells.delete(id);
    }
    wanted.forEach((picture, index) => {
      const place = from + index;
      let cell = this.#cells.get(picture.id);
      if (!cell) {
        cell = thumbnail(picture);
        this.#cells.set(picture.id, cell);
      }
      cell.style.transform = `translate(${(place % columns) * CELL}px, ${Math.floor(place / columns) * CELL}px)`;
      cell.dataset['place'] = String(place);
      cell.setAttribute('aria-posinset', String(place + 1));
      cell.setAttribute('aria-setsize', String(this.#pictures.length));
      const wrong = this.#wrong.has(picture.id);
      cell.toggleAttribute('data-wrong', wrong);
      const values = { n: place + 1, name: this.#className };
      cell.setAttribute('aria-label', wrong ? words('teach.pictureWrong', values) : words('teach.picture', values));
      // In the order of reading, too.
      if (this.#ground.children[index] !== cell) this.#ground.insertBefore(cell, this.#ground.children[index] ?? null);
    });
  }

  #mark() {
    const active = this.#pictures[this.#active];
    for (const [id, cell] of this.#cells) cell.setAttribute('aria-selected', String(id === active?.id));
    const cell = active && this.#cells.get(active.id);
    if (cell) this.setAttribute('aria-activedescendant', cell.id);
    else this.removeAttribute('aria-activedescendant');
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
      const top = Math.floor(this.#active / this.#columns) * CELL;
      if (top < this.scrollTop) this.scrollTo({ top });
      else if (top + CELL > this.scrollTop + this.clientHeight) this.scrollTo({ top: top + CELL - this.clientHeight });
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
