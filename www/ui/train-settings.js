// The settings of a training run: read from the form and checked, each complaint at its own field.

import { any, input, select } from './dom.js';

/** @typedef {import('../lib/index.js').TrainOptions} TrainOptions */

/**
 * @typedef {object} NumberField
 * @property {string} id
 * @property {number} low
 * @property {number} high
 * @property {boolean} [whole]
 * @property {string} message what to enter
 */

/** @type {Record<'learningRate' | 'batchSize' | 'epochs' | 'validationSplit' | 'weightDecay' | 'seed' | 'workers', NumberField>} */
const FIELDS = {
  learningRate: { id: 'learning-rate', low: 1e-7, high: 10, message: 'Enter a number above 0 and up to 10, such as 0.001.' },
  batchSize: { id: 'batch-size', low: 1, high: 1024, whole: true, message: 'Enter a whole number from 1 to 1024.' },
  epochs: { id: 'epochs', low: 1, high: 1000, whole: true, message: 'Enter a whole number from 1 to 1000.' },
  validationSplit: { id: 'validation-split', low: 1, high: 50, message: 'Enter a percentage from 1 to 50.' },
  weightDecay: { id: 'weight-decay', low: 0, high: 1, message: 'Enter a number from 0 to 1, such as 0.0001.' },
  workers: { id: 'workers', low: 1, high: 64, whole: true, message: 'Enter a whole number from 1 to 64.' },
  seed: { id: 'seed', low: 0, high: 4294967295, whole: true, message: 'Enter a whole number from 0 to 4294967295.' },
};

/** Learning rates that suit each optimiser; put in while the visitor has not chosen one. */
const USUAL_RATE = /** @type {Record<string, string>} */ ({
  adam: '0.001',
  adamW: '0.001',
  nadam: '0.001',
  rmsProp: '0.001',
  adaGrad: '0.02',
  adaDelta: '1',
  nesterov: '0.02',
  momentum: '0.02',
  sgd: '0.1',
});

/** The same for the peak of a cycle, which a network stands for a short while only. */
const USUAL_PEAK = /** @type {Record<string, string>} */ ({
  adam: '0.006',
  adamW: '0.006',
  nadam: '0.006',
  rmsProp: '0.004',
  adaGrad: '0.05',
  adaDelta: '2',
  nesterov: '0.04',
  momentum: '0.04',
  sgd: '0.2',
});

/**
 * The number in a field, or null with the complaint shown there.
 * @param {keyof typeof FIELDS} name
 */
export function readNumber(name) {
  const { id, low, high, whole, message } = FIELDS[name];
  const field = input(id);
  const text = field.value.trim().replace(',', '.');
  const value = text === '' ? NaN : Number(text);
  const good = Number.isFinite(value) && value >= low && value <= high && (!whole || Number.isInteger(value));
  field.setAttribute('aria-invalid', String(!good));
  any(`${id}-error`).textContent = good ? '' : message;
  return good ? value : null;
}

/** What a strength of 1 to 10 means for each kind of change. */
function augmentation() {
  const strength = Number(input('augment-strength').value) / 10;
  const scale = Math.round(16 * strength) / 100;
  return {
    shift: Math.round(4 * strength * 10) / 10,
    rotate: Math.round(20 * strength),
    scale: /** @type {[number, number]} */ ([1 - scale, 1 + scale]),
    shear: Math.round(14 * strength),
    elastic: { strength: Math.round(24 * strength) / 10, smoothness: 4 },
  };
}

/** Keeps the form's words and states in step with its values. */
export function watchSettings() {
  input('workers').value = String(Math.min(navigator.hardwareConcurrency || 1, 4));
  const rate = input('learning-rate');
  const optimizer = select('optimizer');
  let ownRate = false;
  for (const name of /** @type {(keyof typeof FIELDS)[]} */ (Object.keys(FIELDS))) {
    input(FIELDS[name].id).addEventListener('change', () => readNumber(name));
    input(FIELDS[name].id).addEventListener('input', () => {
      if (input(FIELDS[name].id).getAttribute('aria-invalid') === 'true') readNumber(name);
    });
  }
  rate.addEventListener('input', () => (ownRate = true));
  const schedule = select('schedule');
  for (const choice of [optimizer, schedule]) {
    choice.addEventListener('change', () => {
      const usual = schedule.value === 'oneCycle' ? USUAL_PEAK : USUAL_RATE;
      if (!ownRate) rate.value = usual[optimizer.value] ?? rate.value;
      readNumber('learningRate');
    });
  }
  const describe = () => {
    any('augment-more').hidden = !input('augment').checked;
    const { shift, rotate, scale, shear } = augmentation();
    any('augment-about').textContent =
      `Shift up to ${shift} pixels, turn ${rotate}°, size ±${Math.round((scale[1] - 1) * 100)}%, slant ${shear}°, a light warp.`;
    input('augment-strength').setAttribute('aria-valuetext', `${input('augment-strength').value} of 10`);
  };
  input('augment').addEventListener('change', describe);
  input('augment-strength').addEventListener('input', describe);
  describe();
}

/**
 * All settings, or null when a field is wrong; then the first wrong field has the focus.
 * @returns {{ preset: string, seed: number, options: TrainOptions } | null}
 */
export function readSettings() {
  const learningRate = readNumber('learningRate');
  const batchSize = readNumber('batchSize');
  const epochs = readNumber('epochs');
  const validation = readNumber('validationSplit');
  const weightDecay = readNumber('weightDecay');
  const seed = readNumber('seed');
  const workers = readNumber('workers');
  if (
    learningRate === null ||
    batchSize === null ||
    epochs === null ||
    validation === null ||
    weightDecay === null ||
    seed === null ||
    workers === null
  ) {
    const wrong = any('settings').querySelector('[aria-invalid="true"]');
    if (wrong instanceof HTMLElement) {
      wrong.closest('details')?.setAttribute('open', '');
      wrong.focus();
    }
    return null;
  }
  const options = /** @type {TrainOptions} */ ({
    epochs,
    batchSize,
    learningRate,
    weightDecay,
    optimizer: { type: select('optimizer').value },
    schedule: { type: select('schedule').value },
    validationSplit: validation / 100,
    seed,
    workers,
    ...(input('augment').checked ? { augmentation: augmentation() } : {}),
  });
  return { preset: select('preset').value, seed, options };
}

/**
 * Locks the form during a run, all but the learning rate.
 * @param {boolean} locked
 */
export function lockSettings(locked) {
  for (const field of any('settings').querySelectorAll('input, select, button')) {
    if (field.id !== 'learning-rate') field.toggleAttribute('disabled', locked);
  }
}
