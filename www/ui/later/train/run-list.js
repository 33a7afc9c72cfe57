// The runs of this visit: those before the newest stay as thin curves on its charts, and all of them in a table.

import { CurveChart } from '../../curve-chart.js';
import { any, byId } from '../../dom.js';
import { duration, percent } from '../../format.js';
import { make } from '../../option-field.js';
import { words } from '../../words.js';
import { differences } from './setting-words.js';

/** @typedef {import('../../../lib/index.js').TrainOptions} TrainOptions */
/** @typedef {import('../../curve-chart.js').CurvePoint} CurvePoint */

/**
 * @typedef {object} Run
 * @property {number} number
 * @property {string} name
 * @property {TrainOptions} options
 * @property {number | null} best validation accuracy
 * @property {number} seconds
 * @property {boolean} shown
 * @property {readonly CurvePoint[]} loss
 * @property {readonly CurvePoint[]} accuracy
 */

const COLORS = ['--run-1', '--run-2', '--run-3', '--run-4', '--run-5', '--run-6'];
/** Runs that are kept; the oldest make room. */
const MOST = 12;

/** @param {Run} run */
const colorOf = ({ number }) => COLORS[(number - 1) % COLORS.length] ?? '--muted';

/**
 * The curve of a run that stays: by the validation examples where there are enough points of it.
 * @param {readonly CurvePoint[]} points
 */
function curveOf(points) {
  const of = (/** @type {'training' | 'validation'} */ kind) =>
    points.flatMap(({ epoch, [kind]: value }) => (value === null ? [] : [{ epoch, value }]));
  const validation = of('validation');
  return validation.length > 1 ? validation : of('training');
}

export class RunList {
  /** @type {Run[]} */
  #runs = [];
  #count = 0;
  /** The run whose curves the charts show in bold: it needs no thin ones. @type {Run | null} */
  #newest = null;
  #rows = make('tbody', {});
  #card;

  constructor() {
    const head = ['runShown', 'run', 'bestAccuracy', 'runTime', 'runRemove'];
    const table = make('table', { class: 'epochs runs' }, make('thead', {}, make('tr', {}, ...head.map((name) => make('th', { scope: 'col' }, words(`train.column-${name}`))))), this.#rows);
    const scroll = make('div', { class: 'table-scroll', tabindex: '0', role: 'group', 'aria-label': words('train.runsTable') }, table);
    const title = make('h2', { id: 'runs-title' }, words('train.runs'));
    this.#card = make('section', { class: 'card', id: 'runs-card', 'aria-labelledby': 'runs-title' }, title, make('p', { class: 'hint' }, words('train.runsHint')), scroll);
    this.#card.hidden = true;
    any('chart-loss').parentElement?.after(this.#card);
  }

  /** Another run begins on the charts. */
  begin() {
    this.#newest = null;
    this.#draw();
  }

  /**
   * The run on the charts ended.
   * @param {{ name: string, options: TrainOptions, best: number | null, seconds: number }} run
   */
  end({ name, options, best, seconds }) {
    const loss = [...byId('chart-loss', CurveChart).points];
    const accuracy = [...byId('chart-accuracy', CurveChart).points];
    // One that ended is told twice when what came after it failed.
    if (loss.length < 2 || this.#newest) return;
    this.#count += 1;
    this.#newest = { number: this.#count, name, options, best, seconds, shown: true, loss, accuracy };
    this.#runs.push(this.#newest);
    if (this.#runs.length > MOST) this.#runs.shift();
    this.#draw();
  }

  #draw() {
    const shown = this.#runs.filter((run) => run.shown && run !== this.#newest);
    for (const kind of /** @type {const} */ (['loss', 'accuracy'])) {
      const others = shown.map((run) => ({ label: `#${run.number}`, color: colorOf(run), points: curveOf(run[kind]) }));
      const chart = byId(`chart-${kind}`, CurveChart);
      if (others.length + chart.others.length > 0) chart.others = others;
    }
    const told = differences(this.#runs.map(({ options }) => options));
    const best = Math.max(...this.#runs.map((run) => run.best ?? 0));
    this.#rows.replaceChildren(...this.#runs.map((run, index) => this.#row(run, told[index] ?? '', run.best === best)));
    this.#card.hidden = this.#runs.length === 0 || (this.#runs.length === 1 && this.#newest !== null);
  }

  /**
   * @param {Run} run
   * @param {string} different
   * @param {boolean} isBest
   */
  #row(run, different, isBest) {
    const label = words('train.runNamed', { number: String(run.number), name: run.name });
    const shown = make('input', { type: 'checkbox', 'aria-label': words('train.showRun', { run: label }) });
    shown.checked = run.shown;
    shown.addEventListener('change', () => {
      run.shown = shown.checked;
      this.#draw();
      this.#focus(run, 'input');
    });
    const remove = make('button', { type: 'button', class: 'quiet', 'aria-label': words('train.removeRun', { run: label }) }, words('train.remove'));
    remove.addEventListener('click', () => this.#remove(run));
    const swatch = make('span', { class: 'run-swatch', 'aria-hidden': 'true' });
    swatch.style.setProperty('--run', `var(${run === this.#newest ? '--training' : colorOf(run)})`);
    const row = make('tr', { 'data-run': String(run.number) }, make('td', {}, shown), make('th', { scope: 'row' }, swatch, label, make('span', { class: 'run-settings' }, different)));
    const accuracy = run.best === null ? '–' : percent(run.best, 2);
    const cells = [isBest ? words('train.bestOf', { share: accuracy }) : accuracy, duration(run.seconds)];
    row.append(...cells.map((text) => make('td', {}, text)), make('td', {}, remove));
    if (isBest) row.dataset['best'] = '';
    return row;
  }

  /** @param {Run} run */
  #remove(run) {
    const index = this.#runs.indexOf(run);
    this.#runs.splice(index, 1);
    this.#draw();
    const next = this.#runs[index] ?? this.#runs[index - 1];
    if (next && !this.#card.hidden) this.#focus(next, 'button');
    else any('start').focus({ preventScroll: true });
  }

  /**
   * The rows were made anew: the keyboard stays where it was.
   * @param {Run} run
   * @param {'input' | 'button'} what
   */
  #focus(run, what) {
    const found = this.#rows.querySelector(`[data-run="${run.number}"] ${what}`);
    if (found instanceof HTMLElement) found.focus({ preventScroll: true });
  }
}
