// The trials of a search as a table: sorted by any column, the best of the last round marked.

import { duration, percent } from '../../format.js';
import { make } from '../../option-field.js';
import { words } from '../../words.js';
import { settingWords } from './setting-words.js';

/** @typedef {import('../../../lib/index.js').SearchTrial} SearchTrial */
/** @typedef {'trial' | 'epochs' | 'trialAccuracy' | 'trialTime'} Column */

/** What each column is sorted by. @type {Record<Column, (trial: SearchTrial, order: number) => number>} */
const KEYS = {
  trial: (_, order) => order,
  epochs: ({ epochs }) => epochs,
  trialAccuracy: ({ accuracy }) => accuracy ?? -1,
  trialTime: ({ milliseconds = 0 }) => milliseconds,
};
/** Of accuracies the highest is of interest first. */
const FALLING = 'trialAccuracy';

export class TrialTable {
  element;
  /** In the order they were made. @type {SearchTrial[]} */
  rows = [];
  #take;
  #body = make('tbody', {});
  /** @type {Map<string, HTMLTableCellElement>} */
  #heads = new Map();
  /** @type {{ column: Column, falls: boolean }} */
  #sort = { column: 'trial', falls: false };

  /** @param {(choice: SearchTrial['choice']) => void} take puts the settings of a row into the form */
  constructor(take) {
    this.#take = take;
    const head = make('tr', {});
    for (const name of ['trial', 'settings', 'epochs', 'trialAccuracy', 'trialTime', 'take']) {
      const cell = make('th', { scope: 'col' });
      const title = words(`train.column-${name}`);
      if (name in KEYS) {
        const button = make('button', { type: 'button', class: 'sort' }, title);
        button.addEventListener('click', () => this.#sortBy(/** @type {Column} */ (name)));
        cell.append(button);
        this.#heads.set(name, cell);
      } else cell.textContent = title;
      head.append(cell);
    }
    const table = make('table', { class: 'epochs trials-table' }, make('thead', {}, head), this.#body);
    this.element = make('div', { class: 'table-scroll', tabindex: '0', role: 'group', 'aria-label': words('train.searchTable') }, table);
    this.element.hidden = true;
    this.#tellSort();
  }

  clear() {
    this.rows = [];
    this.#draw();
  }

  /** @param {SearchTrial} trial */
  add(trial) {
    this.rows.push(trial);
    this.#draw();
  }

  /** @param {Column} column */
  #sortBy(column) {
    const falls = column === this.#sort.column ? !this.#sort.falls : column === FALLING;
    this.#sort = { column, falls };
    this.#tellSort();
    this.#draw();
  }

  #tellSort() {
    for (const [name, cell] of this.#heads) {
      if (name === this.#sort.column) cell.setAttribute('aria-sort', this.#sort.falls ? 'descending' : 'ascending');
      else cell.removeAttribute('aria-sort');
    }
  }

  #draw() {
    const { column, falls } = this.#sort;
    const key = KEYS[column];
    const lastRound = Math.max(0, ...this.rows.map(({ round }) => round));
    const last = this.rows.filter(({ round, accuracy }) => round === lastRound && accuracy !== null);
    const best = last.reduce((/** @type {SearchTrial | null} */ best, row) => ((row.accuracy ?? 0) > (best?.accuracy ?? -1) ? row : best), null);
    const ordered = this.rows.map((row, order) => ({ row, by: key(row, order) }));
    ordered.sort((a, b) => (falls ? b.by - a.by : a.by - b.by));
    this.#body.replaceChildren(...ordered.map(({ row }) => this.#row(row, row === best)));
    this.element.hidden = this.rows.length === 0;
  }

  /** @param {SearchTrial} trial @param {boolean} isBest */
  #row(trial, isBest) {
    const settings = settingWords(trial.choice);
    const accuracy = trial.accuracy === null ? words('train.diverged') : percent(trial.accuracy, 2);
    const cells = [String(trial.epochs), isBest ? words('train.bestOf', { share: accuracy }) : accuracy, duration((trial.milliseconds ?? 0) / 1000)];
    const take = make('button', { type: 'button', class: 'quiet', 'aria-label': words('train.takeNamed', { settings }) }, words('train.take'));
    take.addEventListener('click', () => this.#take(trial.choice));
    const row = make('tr', {}, make('td', {}, String(trial.trial + 1)), make('th', { scope: 'row' }, settings));
    row.append(...cells.map((text) => make('td', {}, text)), make('td', {}, take));
    if (isBest) row.dataset['best'] = '';
    return row;
  }
}
