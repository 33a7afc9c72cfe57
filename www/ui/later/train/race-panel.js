// A race of optimizers: copies of one network, alike but for the optimizer, their curves on one chart.

import { trainingOptions } from '../../../lib/presets.js';
import '../../curve-chart.js';
import { percent } from '../../format.js';
import { notify } from '../../notices.js';
import { make } from '../../option-field.js';
import { usualRate } from '../../train-form.js';
import { words } from '../../words.js';
import { addChartTools } from './chart-tools.js';
import { Racer } from './racer.js';
import { field, lock, numbersOf, optimizerChoice } from './value-fields.js';

/** @typedef {import('../../curve-chart.js').CurveChart} CurveChart */
/** @typedef {import('../../train-labs.js').Lab} Lab */

const COLORS = ['--run-1', '--run-2', '--run-3', '--run-4', '--run-5', '--run-6'];
/** Milliseconds between two drawings. */
const PAUSE = 400;

/** @param {HTMLElement} box @param {Lab} lab */
export function open(box, lab) {
  new RacePanel(box, lab);
}

class RacePanel {
  #lab;
  /** @type {Racer[]} */
  #racers = [];
  #optimizers;
  #epochs = field('race-epochs', words('train.raceEpochs'), '3');
  #parallel = make('input', { type: 'checkbox', id: 'race-parallel' });
  #start = make('button', { type: 'button', class: 'primary', id: 'race-start' }, words('train.raceStart'));
  #stop = make('button', { type: 'button', id: 'race-stop' }, words('train.raceStop'));
  #state = make('p', { id: 'race-state', role: 'status', class: 'muted' });
  #fields;
  #rows = make('tbody', {});
  #shown = make('div', { class: 'race-shown' });
  #loss = chart('race-loss', words('train.raceLoss'), 'loss');
  #accuracy = chart('race-accuracy', words('train.raceAccuracy'), 'share');
  #timer = 0;
  #stopped = false;

  /** @param {HTMLElement} box @param {Lab} lab */
  constructor(box, lab) {
    this.#lab = lab;
    const variants = trainingOptions().find(({ name }) => name === 'optimizer')?.variants ?? [];
    this.#optimizers = optimizerChoice(words('train.raceChoice'), variants.map(({ type }) => type), ['adam', 'rmsProp', 'momentum', 'sgd']);
    this.#optimizers.element.addEventListener('change', () => this.#limit());
    this.#parallel.checked = (navigator.hardwareConcurrency || 1) > 3;
    const parallel = make('label', { class: 'check' }, this.#parallel, make('span', {}, words('train.raceParallel')));
    this.#fields = make('div', {}, this.#optimizers.element, make('div', { class: 'fields' }, this.#epochs.element), parallel);
    const head = ['racer', 'progress', 'raceLoss', 'raceAccuracy', 'raceTime'];
    const table = make('table', { class: 'epochs racers' }, make('thead', {}, make('tr', {}, ...head.map((name) => make('th', { scope: 'col' }, words(`train.column-${name}`))))), this.#rows);
    const scroll = make('div', { class: 'table-scroll', tabindex: '0', role: 'group', 'aria-label': words('train.raceTable') }, table);
    this.#shown.append(make('div', { class: 'charts' }, this.#loss, this.#accuracy), scroll);
    this.#shown.hidden = true;
    box.append(make('p', { class: 'hint' }, words('train.raceAbout')), this.#fields, make('div', { class: 'row' }, this.#start, this.#stop), this.#state, this.#shown);
    for (const part of [this.#loss, this.#accuracy]) addChartTools(part);
    this.#start.addEventListener('click', () => this.#race());
    this.#stop.addEventListener('click', () => this.#end());
    this.#become(false);
  }

  /** No more can race than there are colors. */
  #limit() {
    const full = this.#optimizers.read().length >= COLORS.length;
    for (const box of this.#optimizers.boxes) box.disabled = full && !box.checked;
  }

  async #race() {
    const options = this.#lab.options();
    if (!options) return;
    const chosen = this.#optimizers.read();
    if (chosen.length < 2) {
      notify(words('train.raceTooFew'));
      return;
    }
    const [epochs = 3] = numbersOf(this.#epochs.input.value, true);
    const rate = (/** @type {string} */ optimizer) => usualRate(optimizer, options.schedule?.type);
    this.#racers = chosen.map((optimizer, index) => new Racer(optimizer, rate(optimizer), { ...options, epochs }, COLORS[index] ?? ''));
    this.#rows.replaceChildren(...this.#racers.map(({ row }) => row));
    this.#shown.hidden = false;
    for (const part of [this.#loss, this.#accuracy]) part.reset(epochs);
    this.#draw();
    this.#stopped = false;
    this.#become(true);
    this.#say(words('train.raceRunning'));
    const run = (/** @type {Racer} */ racer) => racer.run(() => this.#lab.network(), () => this.#soon());
    if (this.#parallel.checked) await Promise.all(this.#racers.map(run));
    else for (const racer of this.#racers) await run(racer);
    this.#finish();
  }

  async #end() {
    this.#stopped = true;
    this.#stop.disabled = true;
    await Promise.all(this.#racers.map((racer) => racer.stop()));
  }

  #finish() {
    this.#draw();
    this.#become(false);
    const first = this.#racers.reduce((best, racer) => ((racer.best ?? -1) > (best.best ?? -1) ? racer : best));
    for (const racer of this.#racers) racer.isBest = racer === first && first.best !== null;
    if (this.#stopped || first.best === null) this.#say(words('train.raceStopped'));
    else this.#say(words('train.raceWon', { name: first.name, share: percent(first.best, 2) }));
  }

  #soon() {
    this.#timer ||= setTimeout(() => this.#draw(), PAUSE);
  }

  #draw() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    const curves = (/** @type {'loss' | 'accuracy'} */ kind) =>
      this.#racers.map((racer) => ({ label: racer.name, color: racer.color, points: [...racer[kind]] }));
    this.#loss.others = curves('loss');
    this.#accuracy.others = curves('accuracy');
  }

  /** @param {string} told */
  #say(told) {
    this.#state.textContent = told;
  }

  /** @param {boolean} runs */
  #become(runs) {
    const focused = [this.#start, this.#stop].some((button) => button === document.activeElement);
    this.#start.hidden = runs;
    this.#stop.hidden = !runs;
    this.#stop.disabled = false;
    this.#state.dataset['state'] = runs ? 'running' : 'idle';
    lock(this.#fields, runs);
    if (!runs) this.#limit();
    if (focused) (runs ? this.#stop : this.#start).focus({ preventScroll: true });
  }
}

/** @param {string} id @param {string} heading @param {'loss' | 'share'} kind */
function chart(id, heading, kind) {
  const element = /** @type {CurveChart} */ (document.createElement('curve-chart'));
  for (const [name, text] of Object.entries({ id, heading, kind, class: 'others-only' })) element.setAttribute(name, text);
  return element;
}
