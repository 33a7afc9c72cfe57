// Every network at a glance, each with a button that starts its training at once.

import { Classifier } from '../lib/index.js';
import { any } from './dom.js';
import { make } from './option-field.js';

/** @typedef {import('../lib/index.js').PresetInfo} PresetInfo */

/** @param {(name: string) => void} start */
export function showPresets(start) {
  const list = any('preset-list');
  for (const { name, title, description } of Classifier.presets()) {
    const button = make('button', { type: 'button', class: 'quiet', 'data-preset': name, 'aria-label': `Train ${title}` }, 'Train');
    button.addEventListener('click', () => start(name));
    const words = make('div', {}, make('strong', {}, title), make('p', { class: 'hint' }, description));
    list.append(make('li', {}, words, button));
  }
}
