// Fields of a part of the Train view that take several values.

import { make } from '../../option-field.js';
import { PROPER } from '../../option-texts.js';

/**
 * A text field with its label.
 * @param {string} id
 * @param {string} label
 * @param {string} value
 * @param {string} [placeholder]
 */
export function field(id, label, value, placeholder = '') {
  const input = make('input', { id, inputmode: 'decimal', autocomplete: 'off', placeholder });
  input.value = value;
  return { input, element: make('div', { class: 'field' }, make('label', { for: id }, label), input) };
}

/**
 * The positive numbers in a text, each once.
 * @param {string} text
 * @param {boolean} [whole]
 */
export function numbersOf(text, whole = false) {
  const numbers = text.split(/[\s,;]+/).filter(Boolean).map(Number);
  return [...new Set(numbers.filter((value) => value > 0 && Number.isFinite(value) && (!whole || Number.isInteger(value))))];
}

/**
 * A box to tick for each optimizer.
 * @param {string} label
 * @param {readonly string[]} names
 * @param {readonly string[]} chosen at first
 */
export function optimizerChoice(label, names, chosen) {
  const boxes = names.map((name) => {
    const box = make('input', { type: 'checkbox', value: name });
    box.checked = chosen.includes(name);
    return box;
  });
  const element = make('fieldset', { class: 'ticks' }, make('legend', {}, label));
  boxes.forEach((box, index) => {
    const name = names[index] ?? '';
    element.append(make('label', { class: 'check' }, box, make('span', {}, PROPER[name] ?? name)));
  });
  return { element, boxes, read: () => boxes.filter((box) => box.checked).map((box) => box.value) };
}

/**
 * Locks what is entered while it is used.
 * @param {HTMLElement} box
 * @param {boolean} locked
 */
export function lock(box, locked) {
  for (const input of box.querySelectorAll('input')) input.disabled = locked;
}
