// A search for the best settings: a table that fills, to sort, to cancel and to go on with.

import { trainingOptions } from '../../../lib/presets.js';
import { percent } from '../../format.js';
import { errorCode, errorWords, notify } from '../../notices.js';
import { make } from '../../option-field.js';
import { words } from '../../words.js';
import { settingWords } from './setting-words.js';
import { TrialTable } from './trial-table.js';
import { field, lock, numbersOf, optimizerChoice } from './value-fields.js';

/** @typedef {import('../../../lib/index.js').SearchOptions} SearchOptions */
/** @typedef {import('../../../lib/index.js').SearchProgress} SearchProgress */
/** @typedef {import('../../../lib/index.js').SearchResult} SearchResult */
/** @typedef {import('../../train-labs.js').Lab} Lab */

/** Of the trials, one of so many goes on to the next round. */
const HALVING = 2;

/** @param {HTMLElement} box @param {Lab} lab */
export function open(box, lab) {
  new SearchPanel(box, lab);
}

class SearchPanel {
  #lab;
  #rates = field('search-rates', words('train.searchRates'), '0.001 0.003 0.01');
  #batches = field('search-batches', words('train.searchBatches'), '32 64');
  #epochs = field('search-epochs', words('train.searchEpochs'), '2');
  #most = field('search-most', words('train.searchMost'), '', words('train.searchMostHint'));
  #optimizers;
  #halving = make('input', { type: 'checkbox', id: 'search-halving' });
  #start = make('button', { type: 'button', class: 'primary', id: 'search-start' }, words('train.searchStart'));
  #cancel = make('button', { type: 'button', id: 'search-cancel' }, words('train.searchCancel'));
  #goOn = make('button', { type: 'button', id: 'search-go-on' }, words('train.searchGoOn'));
  #use = make('button', { type: 'button', id: 'search-use' }, words('train.searchUse'));
  #state = make('p', { id: 'search-state', role: 'status', class: 'muted' });
  #fields;
  #table;
  /** What is being searched, to go on with the very same. @type {SearchOptions | null} */
  #options = null;
  /** What all trials have in common, of what was entered. @type {import('../../../lib/index.js').TrainOptions} */
  #fixed = {};
  /** @type {import('../../../lib/index.js').Classifier | null} */
  #network = null;

  /** @param {HTMLElement} box @param {Lab} lab */
  constructor(box, lab) {
    this.#lab = lab;
    const variants = trainingOptions().find(({ name }) => name === 'optimizer')?.variants ?? [];
    this.#optimizers = optimizerChoice(words('train.searchOptimizers'), variants.map(({ type }) => type), ['adam']);
    this.#table = new TrialTable((choice) => {
      lab.take({ ...this.#fixed, ...choice });
      notify(words('train.taken'), { kind: 'done' });
    });
    const halving = make('label', { class: 'check' }, this.#halving, make('span', {}, words('train.searchHalving')));
    this.#fields = make('div', {}, make('div', { class: 'fields' }, this.#rates.element, this.#batches.element, this.#epochs.element, this.#most.element), this.#optimizers.element, halving);
    box.append(
      make('p', { class: 'hint' }, words('train.searchAbout')),
      this.#fields,
      make('div', { class: 'row' }, this.#start, this.#cancel, this.#goOn, this.#use),
      this.#state,
      this.#table.element,
    );
    this.#start.addEventListener('click', () => this.#begin());
    this.#goOn.addEventListener('click', () => this.#search());
    this.#cancel.addEventListener('click', () => this.#stop());
    this.#use.addEventListener('click', () => this.#give());
    this.#become('idle');
  }

  /** What to search, as it is entered; null with a notice when there is nothing to try. @returns {SearchOptions | null} */
  #read() {
    const base = this.#lab.options();
    if (!base) return null;
    const { workers: _, ...rest } = base;
    const optimizer = this.#optimizers.read().map((type) => /** @type {any} */ ({ type }));
    const tried = { learningRate: numbersOf(this.#rates.input.value), batchSize: numbersOf(this.#batches.input.value, true), optimizer };
    const given = Object.entries(tried).filter(([, values]) => values.length > 0);
    const several = given.filter(([, values]) => values.length > 1);
    // What has but one value is tried by all, and need not stand in every row.
    const space = Object.fromEntries(several.length > 0 ? several : given);
    this.#fixed = several.length > 0 ? Object.fromEntries(given.filter(([, values]) => values.length === 1).map(([name, [value]]) => [name, value])) : {};
    const [epochs = 2] = numbersOf(this.#epochs.input.value, true);
    const [random] = numbersOf(this.#most.input.value, true);
    if (Object.keys(space).length === 0) {
      notify(words('train.searchEmpty'));
      return null;
    }
    const options = { space, base: { ...rest, ...this.#fixed, epochs }, seed: rest.seed ?? 1 };
    return { ...options, ...(random ? { random } : {}), ...(this.#halving.checked ? { halving: HALVING } : {}) };
  }

  #begin() {
    const options = this.#read();
    if (!options) return;
    this.#options = options;
    this.#table.clear();
    this.#search();
  }

  /** Searches from the trials on that the table has. */
  async #search() {
    const options = this.#options;
    if (!options) return;
    this.#become('running');
    this.#say(words('train.gettingReady'));
    try {
      this.#network?.close();
      this.#network = await this.#lab.network();
      const result = await this.#network.search({
        ...options,
        resumeFrom: this.#table.rows,
        onTrial: (trial) => this.#table.add(trial),
        onProgress: (progress) => this.#progress(progress),
      });
      this.#end(result);
    } catch (error) {
      this.#become(this.#table.rows.length > 0 ? 'cancelled' : 'idle');
      this.#say('');
      if (errorCode(error) !== 'closed') notify(errorWords(error));
    }
  }

  async #stop() {
    this.#cancel.disabled = true;
    try {
      await this.#network?.stop();
    } catch (error) {
      // It may just have ended, or not have begun.
      if (errorCode(error) !== 'state') notify(errorWords(error));
      this.#cancel.disabled = false;
    }
  }

  /** @param {SearchProgress} progress */
  #progress({ trial, isBest, training }) {
    const values = { epoch: training.epoch, of: training.nEpochs };
    this.#say(isBest ? words('train.searchFinal', values) : words('train.searchRunning', { n: trial.trial + 1, ...values }));
  }

  /** @param {SearchResult} result */
  #end({ best, result }) {
    if (!best || result?.state !== 'finished') {
      this.#become('cancelled');
      this.#say(words('train.searchCancelled'));
      return;
    }
    this.#become('done');
    this.#say(words('train.searchDone', { settings: settingWords(best.choice), share: percent(best.accuracy ?? NaN, 2) }));
  }

  async #give() {
    try {
      if (this.#network) await this.#lab.use(await this.#network.save(), words('train.searchName'));
    } catch (error) {
      notify(errorWords(error));
    }
  }

  /** @param {string} told */
  #say(told) {
    this.#state.textContent = told;
  }

  /** @param {'idle' | 'running' | 'cancelled' | 'done'} state */
  #become(state) {
    const runs = state === 'running';
    const focused = [this.#start, this.#cancel, this.#goOn].some((button) => button === document.activeElement);
    this.#start.hidden = runs;
    this.#cancel.hidden = !runs;
    this.#cancel.disabled = false;
    this.#goOn.hidden = state !== 'cancelled';
    this.#use.hidden = state !== 'done';
    this.#state.dataset['state'] = state;
    lock(this.#fields, runs);
    if (focused) (runs ? this.#cancel : state === 'cancelled' ? this.#goOn : this.#start).focus({ preventScroll: true });
  }
}
