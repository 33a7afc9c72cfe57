// An experiment as a link: the network, the recipe, and every option that is not the recipe's.

import { presets, recipeFor, trainingOptions } from '../lib/presets.js';

/** @typedef {import('../lib/index.js').PresetName} PresetName */
/** @typedef {import('../lib/index.js').TrainOptions} TrainOptions */
/** @typedef {{ preset: PresetName, recipe: 'quick' | 'taught', options: TrainOptions }} Experiment */

/**
 * @param {unknown} value
 * @returns {string} independent of the order of a record's members
 */
function text(value) {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return JSON.stringify(value);
  return JSON.stringify(Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, part]) => [name, text(part)])));
}

/**
 * What follows `#train?` in the link.
 * @param {Experiment} experiment
 */
export function linkOf({ preset, recipe, options }) {
  const usual = recipeFor(preset, recipe);
  const query = new URLSearchParams({ preset, ...(recipe === 'taught' ? { recipe } : {}) });
  for (const { name } of trainingOptions()) {
    const value = options[name];
    if (value !== undefined && text(value) !== text(usual[name])) {
      query.set(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
    }
  }
  return query.toString();
}

/**
 * The experiment of a link; null where it names no preset. What is no option, or cannot be read, is left out: the form
 * says what is wrong with the rest.
 * @param {string} link what follows `#train?`
 * @returns {Experiment | null}
 */
export function experimentOf(link) {
  const query = new URLSearchParams(link);
  const preset = presets().find(({ name }) => name === query.get('preset'))?.name;
  if (!preset) return null;
  const recipe = query.get('recipe') === 'taught' ? 'taught' : 'quick';
  const options = /** @type {Record<string, unknown>} */ ({ ...recipeFor(preset, recipe) });
  for (const option of trainingOptions()) {
    const given = query.get(option.name);
    if (given === null) continue;
    try {
      const value = option.kind === 'choice' ? given : JSON.parse(given);
      const usual = option.kind === 'choice' ? '' : option.default;
      if (typeof value === typeof usual && Array.isArray(value) === Array.isArray(usual) && value !== null) options[option.name] = value;
    } catch {
      // Not a value: as if it were not given.
    }
  }
  return { preset, recipe, options };
}
