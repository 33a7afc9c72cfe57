// The table of photos: sorted, filtered, a part of it at a time, and as CSV.

import { className } from '../../class-names.js';
import { any, button, select } from '../../dom.js';
import { percent } from '../../format.js';
import { make } from '../../option-field.js';
import { words } from '../../words.js';

/** @typedef {import('./photo-reader.js').Photo} Photo */
/** @typedef {'name' | 'label' | 'confidence'} Column */

/** Rows added at a time: more would be a long task. */
const PART = 100;
/** Least confidences to choose from. */
const LEAST = [0, 0.5, 0.8, 0.95];
/** A choice beside the labels. */
const [ALL, PROBLEMS] = ['*', '!'];

/** A CSV field, quoted where it must be; a spreadsheet must not take a file's name for a formula. @param {string} text */
function field(text) {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

/** Labels are those of the network, whatever the language: another program may read it. @param {readonly Photo[]} photos */
export function csvOf(photos) {
  const lines = photos.map(({ name, top, problem }) =>
    [field(name), field(top?.label ?? ''), top ? top.confidence.toFixed(4) : '', field(problem)].join(','),
  );
  return `file,label,confidence,problem\r\n${lines.map((line) => `${line}\r\n`).join('')}`;
}

/** @param {Photo} photo */
const shownLabel = ({ top }) => className(top?.label ?? '');

export class ResultTable {
  /** @type {Photo[]} */
  #photos = [];
  /** @type {{ column: Column, down: boolean } | null} */
  #order = null;
  #nShown = PART;
  /** @type {Map<Photo, HTMLTableRowElement>} */
  #rows = new Map();
  /** @type {Photo | null} */
  #current = null;
  /** Photos with another answer that is not shown yet. @type {Set<Photo>} */
  #stale = new Set();
  #open;

  /** @param {(photo: Photo) => void} open a photo was chosen */
  constructor(open) {
    this.#open = open;
    for (const sort of any('photo-list').querySelectorAll('[data-sort]')) {
      sort.addEventListener('click', () => this.#sort(/** @type {Column} */ (/** @type {HTMLElement} */ (sort).dataset['sort'])));
    }
    for (const least of LEAST) {
      select('photo-least').append(new Option(least === 0 ? words('photos.any') : percent(least), String(least)));
    }
    for (const id of ['photo-label', 'photo-least']) {
      select(id).addEventListener('change', () => {
        this.#nShown = PART;
        this.render();
      });
    }
    button('photo-more').addEventListener('click', () => {
      this.#nShown += PART;
      this.render();
    });
    this.setLabels([]);
  }

  get photos() {
    return this.#photos;
  }

  /** @param {readonly string[]} labels of the network */
  setLabels(labels) {
    const choice = select('photo-label');
    const before = choice.value;
    const options = [
      new Option(words('photos.allLabels'), ALL),
      ...labels.map((label) => new Option(className(label), `=${label}`)),
      new Option(words('photos.onlyProblems'), PROBLEMS),
    ];
    choice.replaceChildren(...options);
    choice.value = options.some(({ value }) => value === before) ? before : ALL;
  }

  /** @param {Photo[]} photos */
  add(photos) {
    this.#photos.push(...photos);
    this.render();
  }

  clear() {
    this.#photos = [];
    this.#rows.clear();
    this.#stale.clear();
    this.#current = null;
    this.#nShown = PART;
    this.render();
  }

  /** A photo has another answer; many at once are shown together. @param {Photo} photo */
  changed(photo) {
    if (this.#stale.size === 0) setTimeout(() => this.#refresh(), 200);
    this.#stale.add(photo);
  }

  /** Rows in their places where nothing else moves. */
  #refresh() {
    const moves = this.#order !== null || select('photo-label').value !== ALL || select('photo-least').value !== '0';
    for (const photo of this.#stale) {
      const before = this.#rows.get(photo);
      this.#rows.delete(photo);
      if (!moves && before?.isConnected) before.replaceWith(this.#row(photo));
    }
    this.#stale.clear();
    if (moves) this.render();
  }

  /** @param {Photo | null} photo the one that is shown large */
  mark(photo) {
    this.#current = photo;
    this.render();
  }

  /** Comes back to the row of the photo that is shown large. */
  showMarked() {
    const opener = any('photo-rows').querySelector('[aria-current]') ?? any('photo-rows').querySelector('button');
    if (!(opener instanceof HTMLElement)) return;
    opener.scrollIntoView({ block: 'center' });
    opener.focus({ preventScroll: true });
  }

  render() {
    const shown = this.#chosen();
    const part = shown.slice(0, this.#nShown);
    any('photo-rows').replaceChildren(...part.map((photo) => this.#row(photo)));
    button('photo-more').hidden = shown.length <= part.length;
    for (const sort of any('photo-list').querySelectorAll('[data-sort]')) {
      const { dataset } = /** @type {HTMLElement} */ (sort);
      const { column, down } = this.#order ?? {};
      const order = column === dataset['sort'] ? (down ? 'descending' : 'ascending') : 'none';
      sort.parentElement?.setAttribute('aria-sort', order);
    }
  }

  #chosen() {
    const label = select('photo-label').value;
    const least = Number(select('photo-least').value);
    const wanted = this.#photos.filter(({ top, problem }) => {
      if (label === PROBLEMS) return problem !== '';
      if (label !== ALL && `=${top?.label}` !== label) return false;
      return least === 0 || (top?.confidence ?? 0) >= least;
    });
    const { column, down } = this.#order ?? {};
    if (!column) return wanted;
    const sign = down ? -1 : 1;
    /** @type {Record<Column, (a: Photo, b: Photo) => number>} */
    const compare = {
      name: (a, b) => sign * a.name.localeCompare(b.name, undefined, { numeric: true }),
      label: (a, b) => sign * shownLabel(a).localeCompare(shownLabel(b)),
      confidence: (a, b) => sign * ((a.top?.confidence ?? -1) - (b.top?.confidence ?? -1)),
    };
    return wanted.sort(compare[column]);
  }

  /** @param {Column} column */
  #sort(column) {
    const again = this.#order?.column === column;
    this.#order = { column, down: again ? !this.#order?.down : column === 'confidence' };
    this.render();
  }

  /** @param {Photo} photo */
  #row(photo) {
    let row = this.#rows.get(photo);
    if (!row) {
      row = this.#makeRow(photo);
      this.#rows.set(photo, row);
    }
    const opener = row.querySelector('button');
    if (photo === this.#current) opener?.setAttribute('aria-current', 'true');
    else opener?.removeAttribute('aria-current');
    return row;
  }

  /** @param {Photo} photo */
  #makeRow(photo) {
    const { name, thumb, top, problem } = photo;
    const opener = make('button', { type: 'button', class: 'photo-open', title: name }, thumb ?? make('div', { class: 'photo-thumb' }));
    opener.append(make('span', {}, name.split('/').at(-1) ?? name));
    opener.addEventListener('click', () => this.#open(photo));
    const row = make('tr', {}, make('td', {}, opener));
    if (problem) row.append(make('td', { class: 'photo-wrong', colspan: '2' }, problem));
    else row.append(make('td', {}, top ? shownLabel(photo) : '…'), make('td', {}, top ? percent(top.confidence) : ''));
    return row;
  }
}
