// The page's words in the visitor's language. A language is one file, `words/xx.json`, and a line in `words/index.json`.
//
// A key is `section.name`. `{n}` in a text stands for the value `n`. A text that depends on a number is a record of
// plural forms (`one`, `other`, …, as Intl.PluralRules names them), chosen by the value `n`. What a language lacks is said
// in English. What the library says of errors is in `words/errors/`, which English alone needs not.

import { ErrorTexts } from './error-texts.js';

/** @typedef {string | Record<string, string>} Text */
/** @typedef {Record<string, Record<string, Text>>} Table */

const FOLDER = new URL('../words/', import.meta.url);
const FALLBACK = 'en';
/** Where the visitor's own choice is kept. */
const KEY = 'ocelli-language';
/** Letters a text has beside its values, at least, to be told by them. */
const LEAST_OWN = 6;
/** Attributes of an element, and what in the page they fill. */
const PLACES = /** @type {const} */ ({
  words: null,
  wordsLabel: 'aria-label',
  wordsTitle: 'title',
  wordsPlaceholder: 'placeholder',
  wordsRole: 'aria-roledescription',
  wordsHeading: 'heading',
  wordsFirst: 'first',
  wordsSecond: 'second',
  wordsAlong: 'along',
});

/** @type {Table} */
let fallback = {};
/** @type {Table} */
let table = {};
let plurals = new Intl.PluralRules(FALLBACK);
/** As in `<html lang>`. */
export let language = FALLBACK;
/** @type {ErrorTexts | null} */
let errors = null;

/** @param {string} name @returns {Promise<any>} */
async function read(name) {
  const response = await fetch(new URL(`${name}.json`, FOLDER));
  if (!response.ok) throw new Error(`the words of ${name} did not arrive (${response.status})`);
  return response.json();
}

/** The visitor's language among those there are. @param {Record<string, string>} names */
function wanted(names) {
  const own = localStorage.getItem(KEY);
  const asked = [...(own ? [own] : []), ...navigator.languages];
  const found = asked.map((tag) => [tag, tag.split('-')[0] ?? tag].find((name) => name in names)).find((name) => name);
  return found ?? FALLBACK;
}

/** Loads the visitor's language and puts it into the page; called once, before any view is made. */
export async function loadWords() {
  const [names, english] = await Promise.all([read('index'), read(FALLBACK)]);
  fallback = table = english;
  const name = wanted(names);
  if (name !== FALLBACK) {
    const [own, ...said] = await Promise.allSettled([name, `errors/${FALLBACK}`, `errors/${name}`].map(read));
    // Where they did not come English will do.
    if (own?.status === 'fulfilled') {
      table = own.value;
      language = name;
      const [saidInEnglish, saidHere] = said;
      if (saidInEnglish?.status === 'fulfilled' && saidHere?.status === 'fulfilled') errors = new ErrorTexts(saidInEnglish.value, saidHere.value);
    }
  }
  plurals = new Intl.PluralRules(language);
  document.documentElement.lang = language;
  translate(document);
  offer(names);
}

/** The choice of languages at the foot of the page. @param {Record<string, string>} names */
function offer(names) {
  const choice = document.getElementById('language');
  if (!(choice instanceof HTMLSelectElement)) return;
  for (const [name, title] of Object.entries(names)) choice.append(new Option(title, name, false, name === language));
  choice.addEventListener('change', () => {
    localStorage.setItem(KEY, choice.value);
    location.reload();
  });
}

/** @param {Table} from @param {string} key */
function find(from, key) {
  const [section = '', name = ''] = key.split('.');
  return from[section]?.[name];
}

/**
 * The text of a key.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function words(key, values = {}) {
  const text = find(table, key) ?? find(fallback, key) ?? key;
  const form = typeof text === 'string' ? text : (text[plurals.select(Number(values['n']))] ?? text['other'] ?? key);
  return form.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? value.toLocaleString(language) : value;
  });
}

/** Whether a text is one of the page's own, in the visitor's language, whatever values stand in it. @param {string} text */
function isOwn(text) {
  const own = Object.values(table).flatMap((section) => Object.values(section).flatMap((one) => (typeof one === 'string' ? [one] : Object.values(one))));
  return own.some((one) => {
    const pieces = one.split(/\{\w+\}/);
    if (pieces.join('').length < LEAST_OWN || !text.startsWith(pieces[0] ?? '')) return false;
    let at = 0;
    const inOrder = pieces.every((piece) => {
      const found = text.indexOf(piece, at);
      at = found + piece.length;
      return found >= 0;
    });
    return inOrder && text.endsWith(pieces.at(-1) ?? '');
  });
}

/**
 * An error's text in the visitor's language, as far as it is known there.
 * @param {string} message of the library, in English, or of the page
 * @param {string | undefined} code
 */
export function errorText(message, code) {
  return errors && !isOwn(message) ? errors.of(message, code) : message;
}

/** Fills in the words of a part of the page (`data-words`, `data-words-label`, …). @param {ParentNode} part */
export function translate(part) {
  for (const [place, attribute] of Object.entries(PLACES)) {
    const name = place.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    for (const element of part.querySelectorAll(`[data-${name}]`)) {
      const text = words(/** @type {HTMLElement} */ (element).dataset[place] ?? '');
      if (attribute) element.setAttribute(attribute, text);
      else if (element.textContent !== text) element.textContent = text; // what stands there already is not laid out again
    }
  }
}
