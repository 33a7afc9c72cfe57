import type { OptionInfo, PresetInfo, PresetName, TrainOptions } from './index.js';

/** The networks known by name. */
export function presets(): PresetInfo[];

/** Every option of a training, the more usual ones first. */
export function trainingOptions(): OptionInfo[];

/**
 * All options with which to train a preset: `quick`, unless said, comes to a good result on some thousand examples in
 * few epochs; `taught` is how the courses it comes from train it.
 */
export function recipeFor(preset: PresetName, kind?: 'quick' | 'taught'): TrainOptions;
