// Every network at a glance, each with a button that starts its training at once.

import { presets } from '../lib/presets.js';
import { any } from './dom.js';
import { make } from './option-field.js';
import { words } from './words.js';

/** @typedef {import('../lib/index.js').PresetInfo} PresetInfo */

/** @param {{ name: string }} preset */
export const presetTitle = ({ name }) => words(`train.preset-${name}`);

/** @param {{ name: string }} preset */
export const presetAbout = ({ name }) => words(`train.presetAbout-${name}`);

/** @param {(name: string) => void} start */
export function showPresets(start) {
  const list = any('preset-list');
  for (const preset of presets()) {
    const { name } = preset;
    const title = presetTitle(preset);
    const button = make('button', { type: 'button', class: 'quiet', 'data-preset': name, 'aria-label': words('train.trainNamed', { name: title }) }, words('train.trainPreset'));
    button.addEventListener('click', () => start(name));
    const about = make('div', {}, make('strong', {}, title), make('p', { class: 'hint' }, presetAbout(preset)));
    list.append(make('li', {}, about, button));
  }
}
