// The settings of a training run: a field for every option the library has, filled from the preset's recipe, read and
// checked, each complaint at its own field.

import { trainingOptions } from '../lib/presets.js';
import { any, input, select } from './dom.js';
import { fieldOf, idOf, make, numberField } from './option-field.js';
import { FIRST, GROUPS, choiceWords, optionWords } from './option-texts.js';
import { words } from './words.js';

/** @typedef {import('../lib/index.js').TrainOptions} TrainOptions */
/** @typedef {import('../lib/index.js').TrainChanges} TrainChanges */
/** @typedef {import('./option-field.js').Field} Field */

/** What optimizers have that may change while a network learns. */
const MOMENTUMS = /** @type {const} */ (['momentum', 'beta1']);

/** What a strength of 1 to 10 means for each kind of change. @param {number} strength */
function variation(strength) {
  const share = strength / 10;
  const scale = Math.round(16 * share) / 100;
  return {
    shift: Math.round(40 * share) / 10,
    rotate: Math.round(20 * share),
    scale: [1 - scale, 1 + scale],
    shear: Math.round(14 * share),
    elastic: { strength: Math.round(24 * share) / 10, smoothness: 4 },
  };
}

/** Learning rates that suit each optimizer; put in while the visitor has not chosen one. */
const USUAL_RATE = /** @type {Record<string, number>} */ ({
  adam: 0.001, adamW: 0.001, nadam: 0.001, rmsProp: 0.001, adaGrad: 0.02, adaDelta: 1, nesterov: 0.02, momentum: 0.02, sgd: 0.1,
});

/** A cycle's peak is borne for a short while only, and may be higher. */
const PEAK = 4;

/**
 * The learning rate that suits an optimizer under a schedule.
 * @param {string} optimizer
 * @param {string | undefined} schedule
 */
export const usualRate = (optimizer, schedule) => (USUAL_RATE[optimizer] ?? 0.001) * (schedule === 'oneCycle' ? PEAK : 1);

export class TrainForm {
  /** @type {Map<string, Field & { own?: HTMLElement }>} */
  #fields = new Map();
  #find = make('button', { type: 'button', id: 'find-rate', 'aria-label': words('train.findTitle') }, words('train.find'));
  /** The visitor's own learning rate stays. */
  #ownRate = false;

  constructor() {
    for (const option of trainingOptions()) this.#fields.set(option.name, fieldOf(option));
    this.#fields.set('workers', numberField('workers', optionWords('workers'), { low: 1, high: 64, whole: true }));
    for (const name of FIRST) this.#place(name, any('first-options'));
    const rate = input('learning-rate');
    const beside = make('div', { class: 'beside' });
    rate.replaceWith(beside);
    beside.append(rate, this.#find);
    for (const [name, names] of GROUPS) {
      const title = words(`train.group-${name}`);
      const box = make('div', { class: 'fields' });
      const group = make('div', { role: 'group', 'aria-label': title, class: 'option-group' }, make('h3', {}, title), box);
      for (const name of names) this.#place(name, box, group);
      any('more-options').append(group);
    }
    const optimizer = this.#fields.get('optimizer')?.own;
    if (optimizer) {
      const title = words('train.group-optimizer');
      const group = make('div', { role: 'group', 'aria-label': title, class: 'option-group' }, make('h3', {}, title), optimizer);
      any('more-options').prepend(group);
    }
    input('learning-rate').addEventListener('input', () => (this.#ownRate = true));
    for (const id of ['optimizer', 'schedule']) select(id).addEventListener('change', () => this.#suggestRate());
    input('folds').addEventListener('change', () => this.#follow());
    input('augment').addEventListener('change', () => this.#vary());
    input('augment-strength').addEventListener('input', () => this.#vary());
    this.fill({});
    this.#fields.get('workers')?.write(Math.min(navigator.hardwareConcurrency || 1, 4));
  }

  /**
   * @param {string} name
   * @param {HTMLElement} box
   * @param {HTMLElement} [group] for what stands over the whole width
   */
  #place(name, box, group) {
    const field = this.#fields.get(name);
    if (!field) return;
    if (name === 'augmentation') group?.append(field.element);
    else box.append(field.element);
    if (field.own && group) group.append(field.own);
  }

  /** Examples at the end of the data that only train. @param {number} n */
  trainOnly(n) {
    this.#fields.get('trainingOnly')?.write(n);
  }

  /** Puts options into the form; what is not given is as usual. @param {TrainOptions} options */
  fill(options) {
    const seed = this.#fields.get('seed')?.read();
    for (const option of trainingOptions()) {
      this.#fields.get(option.name)?.write(options[option.name] ?? option.default);
    }
    if (options.seed === undefined && seed !== undefined) this.#fields.get('seed')?.write(seed);
    if (options.workers !== undefined) this.#fields.get('workers')?.write(options.workers);
    const { shift = 0, rotate = 0, noise = 0 } = options.augmentation ?? {};
    input('augment').checked = shift > 0 || rotate > 0 || noise > 0;
    if (shift > 0) input('augment-strength').value = String(Math.min(10, Math.max(1, Math.round(shift * 2.5))));
    this.#ownRate = false;
    this.#describe();
    this.#follow();
  }

  #suggestRate() {
    if (this.#ownRate) return;
    this.#fields.get('learningRate')?.write(usualRate(select('optimizer').value, select('schedule').value));
  }

  /** One control sets the usual amounts of all. */
  #vary() {
    const none = trainingOptions().find(({ name }) => name === 'augmentation')?.default;
    const amounts = input('augment').checked ? variation(Number(input('augment-strength').value)) : {};
    this.#fields.get('augmentation')?.write({ .../** @type {object} */ (none), ...amounts });
    this.#describe();
  }

  #describe() {
    any('augment-more').hidden = !input('augment').checked;
    const { shift, rotate, scale, shear } = variation(Number(input('augment-strength').value));
    const size = Math.round(((scale[1] ?? 1) - 1) * 100);
    any('augment-about').textContent = words('train.augmentAbout', { shift, rotate, size, shear });
    input('augment-strength').setAttribute('aria-valuetext', words('train.augmentValue', { n: input('augment-strength').value }));
  }

  /** Options that matter only beside another one. */
  #follow() {
    for (const { name, needs } of trainingOptions()) {
      if (needs) input(idOf(name)).disabled = !Number(input(idOf(needs)).value);
    }
  }

  /** What the optimizer chosen has of its own that may change while it learns. @returns {'momentum' | 'beta1' | null} */
  get momentum() {
    const { value } = select('optimizer');
    const own = trainingOptions().find(({ name }) => name === 'optimizer')?.variants?.find(({ type }) => type === value);
    return MOMENTUMS.find((name) => own && name in own) ?? null;
  }

  /** By the id of its field, which option may change while it learns. @returns {Map<string, keyof TrainChanges>} */
  get #live() {
    const { momentum } = this;
    /** @type {Map<string, keyof TrainChanges>} */
    const live = new Map([['learning-rate', 'learningRate'], ['batch-size', 'batchSize']]);
    if (momentum) live.set(idOf(`optimizer.${select('optimizer').value}.${momentum}`), momentum);
    return live;
  }

  /**
   * What the visitor changed in a field that may change while it learns; null with the complaint shown, or for another field.
   * @param {HTMLElement} field
   * @returns {{ name: keyof TrainChanges, value: number } | null}
   */
  readLive(field) {
    const name = this.#live.get(field.id);
    if (!name) return null;
    const of = name === 'learningRate' || name === 'batchSize' ? this.#fields.get(name)?.read() : this.#fields.get('optimizer')?.read()?.[name];
    return of === undefined ? null : { name, value: of };
  }

  /** Shows what is in force: a run that is gone on with may have been changed before. @param {TrainChanges} inForce */
  writeLive({ learningRate, batchSize, ...own }) {
    this.#fields.get('learningRate')?.write(learningRate);
    this.#fields.get('batchSize')?.write(batchSize);
    const optimizer = this.#fields.get('optimizer');
    optimizer?.write({ ...optimizer.read(), ...own });
  }

  /** @returns {number} */
  readSeed() {
    return this.#fields.get('seed')?.read() ?? 1;
  }

  /**
   * All options, or null when a field is wrong; then the first wrong field has the focus.
   * @returns {TrainOptions | null}
   */
  read() {
    /** @type {Record<string, any>} */
    const options = {};
    for (const [name, field] of this.#fields) options[name] = field.read();
    if (!Object.values(options).includes(undefined)) return options;
    const wrong = any('settings').querySelector('[aria-invalid="true"]');
    if (wrong instanceof HTMLElement) {
      wrong.closest('details')?.setAttribute('open', '');
      wrong.focus();
    }
    return null;
  }

  /** Locks the form during a run, all but what may change meanwhile. @param {boolean} locked */
  lock(locked) {
    const live = this.#live;
    for (const field of any('settings').querySelectorAll('input, select, button')) {
      if (!live.has(field.id) && !field.closest('[data-free]')) field.toggleAttribute('disabled', locked);
    }
    const { momentum } = this;
    any('live-hint').hidden = !locked;
    any('live-hint').textContent = momentum ? words('train.liveAnd', { name: choiceWords(momentum) }) : words('train.live');
    if (!locked) this.#follow();
  }
}
