// Settings of several runs beside each other: what differs among them, in words.

import { PERCENT, choiceWords, optionWords } from '../../option-texts.js';
import { words } from '../../words.js';

/** @typedef {import('../../../lib/index.js').TrainOptions} TrainOptions */

/** What changes how long a run takes, but nothing of what comes out. */
const NO_DIFFERENCE = ['workers'];

/**
 * Every number, text and flag of options by its path, such as `optimizer.type`.
 * @param {Record<string, any>} options
 * @param {string} [before]
 * @returns {[string, unknown][]}
 */
function flat(options, before = '') {
  return Object.entries(options).flatMap(([name, value]) => {
    const path = before + name;
    if (NO_DIFFERENCE.includes(path)) return [];
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? flat(value, `${path}.`) : [[path, value]];
  });
}

/** @param {string} path */
function nameOf(path) {
  const [option = '', ...rest] = path.split('.');
  return rest.length === 0 || rest[0] === 'type' ? optionWords(option) : choiceWords(rest.join('.'));
}

/** @param {string} path @param {unknown} value */
function valueWords(path, value) {
  if (typeof value === 'number') {
    const shown = PERCENT.includes(path) ? value * 100 : value;
    return String(+shown.toPrecision(6));
  }
  if (typeof value === 'boolean') return value ? words('train.yes') : words('train.no');
  if (Array.isArray(value)) return value.map(String).join(' ');
  return choiceWords(String(value));
}

/**
 * Options in words, one after the other.
 * @param {Record<string, any>} options
 */
export function settingWords(options) {
  return flat(options)
    .map(([path, value]) => words('train.setting', { name: nameOf(path), value: valueWords(path, value) }))
    .join(words('train.settingsJoint'));
}

/**
 * What each of these has that not all have, in words.
 * @param {readonly TrainOptions[]} runs
 * @returns {string[]}
 */
export function differences(runs) {
  const tables = runs.map((options) => new Map(flat(options)));
  const paths = [...new Set(tables.flatMap((table) => [...table.keys()]))].filter((path) => {
    const values = tables.map((table) => JSON.stringify(table.get(path)));
    return new Set(values).size > 1;
  });
  // Augmentation is mostly set as a whole: one of its numbers stands for all.
  const parts = paths.filter((path) => path.startsWith('augmentation.'));
  const told = parts.length > 2 ? paths.filter((path) => !parts.includes(path) || path === 'augmentation.shift') : paths;
  return tables.map((table) =>
    told
      .filter((path) => table.has(path))
      .map((path) => words('train.setting', { name: nameOf(path), value: valueWords(path, table.get(path)) }))
      .join(words('train.settingsJoint')),
  );
}
