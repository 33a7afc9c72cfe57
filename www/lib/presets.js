// @ts-check
/** What there is to choose from, for who shows it or looks it up: networks known by name, options, recipes. The types are in `presets.d.ts`. */

import { ClassifierError } from './errors.js';
// As in `decoding.js`: who trains has it already.
import './predictor.js';
import { PRESETS } from './preset-table.js';
import { OPTIONS, QUICK, TAUGHT } from './training-options.js';

export function presets() {
  return PRESETS.map((preset) => ({ ...preset }));
}

export function trainingOptions() {
  return structuredClone([...OPTIONS]);
}

/**
 * @param {import('./index.d.ts').PresetName} preset
 * @param {'quick' | 'taught'} [kind]
 * @returns {import('./index.d.ts').TrainOptions}
 */
export function recipeFor(preset, kind = 'quick') {
  const usual = Object.fromEntries(OPTIONS.map((option) => [option.name, option.default]));
  const own = (kind === 'taught' ? TAUGHT : QUICK)[preset];
  if (!own) throw new ClassifierError('config', `There is no preset ${preset}.`);
  return structuredClone({ ...usual, ...own });
}
