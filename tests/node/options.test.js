import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { FIRST, GROUPS, PROPER, rangeKeys, wordKey } from '../../www/ui/option-texts.js';
import { OPTIONS, QUICK, TAUGHT } from '../../www/lib/training-options.js';
import { PRESETS } from '../../www/lib/preset-table.js';

const { train: texts } = JSON.parse(readFileSync(new URL('../../www/words/en.json', import.meta.url), 'utf8'));

const names = OPTIONS.map(({ name }) => name);

/** The members of an interface of `index.d.ts`. */
function declared(interfaceName) {
  const text = readFileSync(new URL('../../www/lib/index.d.ts', import.meta.url), 'utf8');
  const body = new RegExp(`export interface ${interfaceName} \\{\n([\\s\\S]*?)\n\\}`).exec(text)[1];
  return [...body.matchAll(/^ {2}(\w+)\??:/gm)].map(([, name]) => name);
}

test('the declared options are those of the core, and the number of workers', () => {
  assert.deepEqual(declared('TrainOptions').sort(), [...names, 'workers'].sort());
  const { members } = OPTIONS.find(({ name }) => name === 'augmentation');
  assert.deepEqual(declared('Augmentation').sort(), Object.keys(members).sort());
});

test('the form has every option once, each with its words', () => {
  const placed = [...FIRST, ...GROUPS.flatMap(([, group]) => group)];
  assert.deepEqual([...placed].sort(), [...names, 'workers'].sort());
  for (const name of placed) assert.ok(texts[`option-${name}`], name);
  for (const { choices = [], variants = [], members = {} } of OPTIONS) {
    const nested = Object.entries(members).flatMap(([name, value]) =>
      value !== null && typeof value === 'object' && !Array.isArray(value) ? Object.keys(value).map((part) => `${name}.${part}`) : [name],
    );
    const own = variants.flatMap(({ type, ...more }) => [type, ...Object.keys(more)]);
    for (const word of [...choices, ...own, ...nested]) assert.ok(PROPER[word] ?? texts[`word-${wordKey(word)}`], word);
  }
});

test('every preset has its recipes, of options that there are', () => {
  for (const recipes of [QUICK, TAUGHT]) {
    assert.deepEqual(Object.keys(recipes), PRESETS.map(({ name }) => name));
    for (const recipe of Object.values(recipes)) for (const name of Object.keys(recipe)) assert.ok(names.includes(name), name);
  }
});

test('what to enter is said by the range', () => {
  const keys = (range) => Object.values(rangeKeys(range));
  assert.deepEqual(keys({ low: 1, high: 9, whole: true }), ['fromTo', 'whole']);
  assert.deepEqual(keys({ low: 0, high: 100, above: true }), ['aboveTo', 'number']);
  assert.deepEqual(keys({ low: 0, high: 1, below: true }), ['fromBelow', 'number']);
  assert.deepEqual(keys({ low: 2, high: 9, whole: true, orZero: true }), ['fromTo', 'zeroOrWhole']);
  assert.deepEqual(keys({}), ['any', 'number']);
  for (const option of OPTIONS) {
    const { range, enter } = rangeKeys(option);
    assert.ok(typeof texts[`range-${range}`] === 'string' && texts[`enter-${enter}`], option.name);
  }
});

test('every preset has its words: those of the library', () => {
  for (const { name, title, description } of PRESETS) {
    assert.equal(texts[`preset-${name}`], title);
    assert.equal(texts[`presetAbout-${name}`], description);
  }
  for (const [group] of GROUPS) assert.ok(texts[`group-${group}`], group);
});
