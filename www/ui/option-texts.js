// What the form says of each training option. Which options there are, with ranges and defaults, the library knows.

import { words } from './words.js';

/** The groups under "More options", in order, by the names of their words. @type {[string, string[]][]} */
export const GROUPS = [
  ['rate', ['schedule', 'warmupSteps']],
  ['loss', ['loss', 'labelSmoothing', 'classWeights']],
  ['weights', ['weightDecay', 'l1', 'l2', 'clipNorm', 'clipValue', 'averageDecay', 'frozen']],
  ['examples', ['validationSplit', 'folds', 'fold', 'trainingOnly', 'mixup', 'cutmix']],
  ['augmentation', ['augmentation']],
  ['run', ['patience', 'keepBest', 'shards', 'workers', 'seed']],
];

/** Always in sight. */
export const FIRST = ['optimizer', 'learningRate', 'batchSize', 'epochs'];

/** Options that are shown in percent. */
export const PERCENT = ['validationSplit'];

/** What is called the same in every language. @type {Record<string, string>} */
export const PROPER = {
  adam: 'Adam', adamW: 'AdamW', nadam: 'Nadam', rmsProp: 'RMSprop', adaGrad: 'AdaGrad', adaDelta: 'AdaDelta',
  nesterov: 'Nesterov', momentum: 'Momentum', sgd: 'SGD', beta1: 'Beta 1', beta2: 'Beta 2', rho: 'Rho',
};

/** @param {string} name an option's */
export const optionWords = (name) => words(`train.option-${name}`);

/** The key's end for a choice, or for what an optimizer, a schedule or an augmentation has of its own: `elastic.strength` too. @param {string} name */
export const wordKey = (name) => name.replace(/\.(\w)/, (_, letter) => letter.toUpperCase());

/** @param {string} name as for {@link wordKey} */
export const choiceWords = (name) => PROPER[name] ?? words(`train.word-${wordKey(name)}`);

/** @typedef {{ low?: number, high?: number, above?: boolean, below?: boolean, whole?: boolean, orZero?: boolean }} Range */

/** The ends of the keys that say a range and what is to be entered. @param {Range} range */
export function rangeKeys({ low, high, above, below, whole, orZero }) {
  const from = low === undefined ? '' : above ? 'above' : 'from';
  const to = high === undefined ? '' : below ? 'below' : 'to';
  const both = from && to ? from + to.charAt(0).toUpperCase() + to.slice(1) : from || to || 'any';
  const number = whole ? 'whole' : 'number';
  return { range: both, enter: orZero ? `zeroOr${number.charAt(0).toUpperCase()}${number.slice(1)}` : number };
}

/** What to enter in a field of this range. @param {Range} range */
export function rangeWords(range) {
  const keys = rangeKeys(range);
  const { low = '', high = '' } = range;
  return words(`train.enter-${keys.enter}`, { range: words(`train.range-${keys.range}`, { low: String(low), high: String(high) }) });
}
