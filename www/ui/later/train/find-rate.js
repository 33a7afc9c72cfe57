// Finds a learning rate: a copy of the network learns for a few seconds while the rate climbs; the curve of its loss is drawn,
// and the rate that it speaks for is offered.

import { input } from '../../dom.js';
import { percent } from '../../format.js';
import { errorCode, errorWords } from '../../notices.js';
import { make } from '../../option-field.js';
import { loadStyle } from '../../view-loader.js';
import { words } from '../../words.js';
import { rateCurve } from './rate-curve.js';

/** @typedef {import('../../../lib/index.js').RateRange} RateRange */
/** @typedef {import('../../train-labs.js').Lab} Lab */

/** @type {FindBox | null} */
let box = null;

/**
 * Finds, in a box below the fields; a search under way goes on.
 * @param {HTMLElement} fields
 * @param {Pick<Lab, 'options' | 'network'>} lab
 */
export async function findRate(fields, lab) {
  await loadStyle('css/later/train.css');
  box ??= new FindBox(fields, lab);
  await box.find();
}

class FindBox {
  #lab;
  #element = make('div', { class: 'find-box', id: 'find-box', 'data-free': '', role: 'group', 'aria-label': words('train.findTitle') });
  #state = make('p', { role: 'status', id: 'find-state', class: 'small' });
  #bar = make('progress', { max: '1', value: '0', 'aria-label': words('train.findProgress') });
  #curve = make('div', { id: 'find-curve' });
  #use = make('button', { type: 'button', class: 'primary', id: 'find-use' });
  #end = make('button', { type: 'button', class: 'quiet', id: 'find-end' });
  /** @type {AbortController | null} */
  #run = null;
  #rate = 0;

  /** @param {HTMLElement} fields @param {Pick<Lab, 'options' | 'network'>} lab */
  constructor(fields, lab) {
    this.#lab = lab;
    this.#element.append(this.#state, this.#bar, this.#curve, make('div', { class: 'row' }, this.#use, this.#end));
    fields.after(this.#element);
    this.#use.addEventListener('click', () => {
      const field = input('learning-rate');
      field.value = String(this.#rate);
      // As if it were typed: a training under way takes it, and the form knows it for the visitor's own.
      for (const type of ['input', 'change']) field.dispatchEvent(new Event(type, { bubbles: true }));
      this.#close();
    });
    this.#end.addEventListener('click', () => (this.#run ? this.#run.abort() : this.#close()));
  }

  async find() {
    if (this.#run) return;
    const all = this.#lab.options();
    if (!all) return;
    const { learningRate: _, workers: __, ...options } = all;
    const run = (this.#run = new AbortController());
    this.#become(true);
    /** @type {import('../../../lib/index.js').Classifier | null} */
    let network = null;
    try {
      network = await this.#lab.network();
      const onProgress = (/** @type {{ share: number }} */ { share }) => {
        this.#bar.value = share;
        this.#state.textContent = words('train.finding', { share: percent(share, 0) });
      };
      run.signal.throwIfAborted();
      this.#tell(await network.findLearningRate({ ...options, signal: run.signal, onProgress }));
    } catch (error) {
      if (run.signal.aborted || errorCode(error) === 'aborted') this.#close();
      else this.#state.textContent = errorWords(error);
    } finally {
      network?.close();
      this.#run = null;
      this.#become(false);
    }
  }

  /** @param {RateRange} range */
  #tell({ rows, suggestion }) {
    this.#rate = +suggestion.toPrecision(2);
    this.#curve.replaceChildren(rateCurve(rows, suggestion));
    this.#state.textContent = words('train.found', { rate: String(this.#rate) });
    this.#use.textContent = words('train.findUse', { rate: String(this.#rate) });
  }

  #close() {
    const focused = this.#element.contains(document.activeElement);
    this.#element.hidden = true;
    if (focused) input('learning-rate').focus({ preventScroll: true });
  }

  /** @param {boolean} runs */
  #become(runs) {
    this.#element.dataset['state'] = runs ? 'running' : 'idle';
    this.#bar.hidden = !runs;
    this.#end.textContent = runs ? words('train.findCancel') : words('train.findClose');
    if (runs) {
      this.#element.hidden = false;
      this.#bar.value = 0;
      this.#state.textContent = words('train.findBegins');
      this.#curve.replaceChildren();
    }
    this.#use.hidden = runs || this.#curve.childElementCount === 0;
    if (!runs && !this.#use.hidden && !this.#element.hidden) this.#element.scrollIntoView({ block: 'nearest' });
  }
}
