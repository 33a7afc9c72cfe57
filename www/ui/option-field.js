// One field of the training form for one option, whatever its kind: shown, filled, read and checked.

import { PERCENT, choiceWords, optionWords, rangeWords } from './option-texts.js';
import { words } from './words.js';

/** @typedef {import('../lib/index.js').OptionInfo} OptionInfo */
/** @typedef {Pick<OptionInfo, 'low' | 'high' | 'above' | 'below' | 'whole' | 'orZero'>} Range */

/**
 * @typedef {object} Field
 * @property {HTMLElement} element
 * @property {() => any} read the value; undefined where it is wrong, with the complaint shown
 * @property {(value: any) => void} write
 * @property {() => void} [followUp] to be called when another field changed
 */

/** @param {string} name */
export const idOf = (name) => name.replace('.', '-').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string>} attributes
 * @param {...(Node | string)} children
 */
export function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/**
 * A text field with its complaint below.
 * @param {string} id
 * @param {string} label
 * @param {string} inputMode
 * @param {(text: string) => any} parse undefined for what is wrong
 * @param {(value: any) => string} print
 * @param {string} complaint
 * @returns {Field & { input: HTMLInputElement }}
 */
function textField(id, label, inputMode, parse, print, complaint) {
  const input = make('input', { id, inputmode: inputMode, autocomplete: 'off', 'aria-describedby': `${id}-error` });
  const error = make('p', { class: 'field-error', id: `${id}-error` });
  const read = () => {
    const value = parse(input.value.trim());
    input.setAttribute('aria-invalid', String(value === undefined));
    error.textContent = value === undefined ? complaint : '';
    return value;
  };
  input.addEventListener('change', read);
  input.addEventListener('input', () => {
    if (input.getAttribute('aria-invalid') === 'true') read();
  });
  const write = (/** @type {any} */ value) => {
    input.value = print(value);
    input.setAttribute('aria-invalid', 'false');
    error.textContent = '';
  };
  return { element: make('div', { class: 'field' }, make('label', { for: id }, label), input, error), input, read, write };
}

/**
 * @param {string} text
 * @param {Range} range
 * @param {number} factor
 */
function parseNumber(text, range, factor) {
  const value = text === '' ? NaN : Number(text.replace(',', '.')) / factor;
  const { low = -Infinity, high = Infinity, above, below, whole, orZero } = range;
  const inside = (above ? value > low : value >= low) && (below ? value < high : value <= high);
  const good = Number.isFinite(value) && ((orZero && value === 0) || inside) && (!whole || Number.isInteger(value));
  return good ? value : undefined;
}

/** Six digits are what a single-precision number has. @param {number} value */
const shortest = (value) => String(+value.toPrecision(7));

/**
 * @param {string} name
 * @param {string} label
 * @param {Range} range
 * @param {boolean} [percent]
 */
export function numberField(name, label, range, percent = false) {
  const factor = percent ? 100 : 1;
  const complaint = percent ? words('train.enterPercent') : rangeWords(range);
  const parse = (/** @type {string} */ text) => parseNumber(text, range, factor);
  const print = (/** @type {number} */ value) => shortest(value * factor);
  return textField(idOf(name), label, range.whole ? 'numeric' : 'decimal', parse, print, complaint);
}

/**
 * @param {string} name
 * @param {string} label
 * @param {readonly string[]} choices
 * @returns {Field & { select: HTMLSelectElement }}
 */
function choiceField(name, label, choices) {
  const id = idOf(name);
  const select = make('select', { id });
  for (const choice of choices) select.append(new Option(choiceWords(choice), choice));
  const element = make('div', { class: 'field' }, make('label', { for: id }, label), select);
  return { element, select, read: () => select.value, write: (value) => (select.value = value) };
}

/**
 * @param {string} name
 * @param {string} label
 * @returns {Field}
 */
function checkField(name, label) {
  const box = make('input', { type: 'checkbox', id: idOf(name) });
  const element = make('div', { class: 'field wide' }, make('label', { class: 'check' }, box, make('span', {}, label)));
  return { element, read: () => box.checked, write: (value) => (box.checked = value) };
}

/**
 * The fields of a record of numbers, texts, flags and pairs, each as it is unless said.
 * @param {string} prefix of the ids
 * @param {Record<string, any>} members
 * @returns {Field}
 */
export function recordFields(prefix, members) {
  const element = make('div', { class: 'fields' });
  /** @type {[string, Field][]} */
  const fields = [];
  for (const [name, usual] of Object.entries(members)) {
    const id = `${prefix}.${name}`;
    const label = choiceWords(name);
    if (typeof usual === 'object' && !Array.isArray(usual)) {
      for (const part of Object.keys(usual)) {
        fields.push([`${name}.${part}`, numberField(`${id}.${part}`, choiceWords(`${name}.${part}`), {})]);
      }
    } else if (Array.isArray(usual)) {
      const parse = (/** @type {string} */ text) => {
        const numbers = text.split(/[\s;]+/).map(Number);
        return numbers.length === 2 && numbers.every(Number.isFinite) ? numbers : undefined;
      };
      const print = (/** @type {number[]} */ pair) => pair.map(shortest).join(' ');
      fields.push([name, textField(idOf(id), label, 'text', parse, print, words('train.enterPair'))]);
    } else if (typeof usual === 'boolean') fields.push([name, checkField(id, label)]);
    else if (typeof usual === 'string') fields.push([name, choiceField(id, label, ['black', 'edge'])]);
    else fields.push([name, numberField(id, label, { whole: Number.isInteger(usual) && /parts|cycles|patience/.test(name) })]);
  }
  element.append(...fields.map(([, field]) => field.element));
  const read = () => {
    /** @type {Record<string, any>} */
    const record = {};
    for (const [name, field] of fields) {
      const value = field.read();
      if (value === undefined) return undefined;
      const [outer = name, inner] = name.split('.');
      if (inner) record[outer] = { ...record[outer], [inner]: value };
      else record[outer] = value;
    }
    return record;
  };
  const write = (/** @type {any} */ record) => {
    for (const [name, field] of fields) {
      const [outer = name, inner] = name.split('.');
      const value = inner ? record[outer]?.[inner] : record[outer];
      field.write(value ?? (inner ? members[outer]?.[inner] : members[outer]));
    }
  };
  write(members);
  return { element, read, write };
}

/**
 * A type, and below it what this type has of its own.
 * @param {OptionInfo} option
 * @returns {Field & { own: HTMLElement, select: HTMLSelectElement }}
 */
function variantField(option, label = optionWords(option.name)) {
  const variants = option.variants ?? [];
  const choice = choiceField(option.name, label, variants.map(({ type }) => type));
  const own = make('div', { class: 'variant' });
  /** @type {Map<string, Field>} */
  const parts = new Map();
  for (const { type, ...members } of variants) {
    const part = recordFields(`${option.name}.${type}`, members);
    parts.set(type, part);
    own.append(part.element);
  }
  const followUp = () => {
    for (const [type, part] of parts) part.element.hidden = type !== choice.select.value;
  };
  choice.select.addEventListener('change', followUp);
  followUp();
  const read = () => {
    const type = choice.select.value;
    const members = parts.get(type)?.read();
    return members === undefined ? undefined : { type, ...members };
  };
  const write = (/** @type {{ type: string }} */ { type, ...members }) => {
    choice.write(type);
    parts.get(type)?.write(members);
    followUp();
  };
  return { element: choice.element, own, select: choice.select, read, write };
}

/**
 * The field of an option.
 * @param {OptionInfo} option
 * @returns {Field & { own?: HTMLElement }}
 */
export function fieldOf(option) {
  const label = optionWords(option.name);
  switch (option.kind) {
    case 'number':
      return numberField(option.name, label, option, PERCENT.includes(option.name));
    case 'choice':
      return choiceField(option.name, label, option.choices ?? []);
    case 'variant':
      return variantField(option);
    case 'record':
      return recordFields(option.name, option.members ?? {});
    case 'boolean':
      return checkField(option.name, label);
    case 'names': {
      const parse = (/** @type {string} */ text) => text.split(',').map((name) => name.trim()).filter(Boolean);
      const field = textField(idOf(option.name), label, 'text', parse, (value) => value.join(', '), '');
      field.input.placeholder = words('train.frozenHint');
      return field;
    }
  }
}
