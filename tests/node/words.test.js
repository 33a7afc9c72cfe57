// The page's words: every language says the same things, and every key that page and scripts name is there.

import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const WWW = fileURLToPath(new URL('../../www', import.meta.url));
const json = async (/** @type {string} */ name) => JSON.parse(await readFile(join(WWW, 'words', `${name}.json`), 'utf8'));

/** @type {Record<string, string>} */
const names = await json('index');
const english = await json('en');

/** Every key of a table with the names in braces of its texts. @param {any} table */
function keysOf(table) {
  /** @type {Record<string, string[]>} */
  const keys = {};
  for (const [section, texts] of Object.entries(table)) {
    for (const [name, text] of Object.entries(/** @type {Record<string, any>} */ (texts))) {
      const whole = typeof text === 'string' ? text : text.other;
      assert.equal(typeof whole, 'string', `${section}.${name} has its form for any number`);
      keys[`${section}.${name}`] = [...new Set([...whole.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? ''))].sort();
    }
  }
  return keys;
}

test('every language has every text, with the same values in it', async () => {
  const expected = keysOf(english);
  for (const name of Object.keys(names)) {
    const found = keysOf(await json(name));
    assert.deepEqual(Object.keys(found).sort(), Object.keys(expected).sort(), name);
    for (const [key, values] of Object.entries(expected)) assert.deepEqual(found[key], values, `${name}: ${key}`);
  }
});

test('every key that the page names is there', async () => {
  const files = (await readdir(WWW, { recursive: true })).filter((name) => /\.(html|js)$/.test(name) && !/^(lib|bench)/.test(name));
  const keys = keysOf(english);
  let n = 0;
  for (const file of files) {
    const text = await readFile(join(WWW, file), 'utf8');
    const named = /data-words(?:-\w+)?="([^"]+)"|\bwords\('([^']+)'/g;
    for (const [, inMarkup, inScript] of text.matchAll(named)) {
      const key = inMarkup ?? inScript ?? '';
      assert.ok(key in keys, `${file}: ${key}`);
      n += 1;
    }
  }
  assert.ok(n > 5, `${n} keys found`);
});

test('every text is used', async () => {
  const files = (await readdir(WWW, { recursive: true })).filter((name) => /\.(html|js)$/.test(name));
  const all = (await Promise.all(files.map((name) => readFile(join(WWW, name), 'utf8')))).join('\n');
  // A key may be put together from a prefix that ends in a dot or names its family: `draw.${…}`, `words(`photos.state-${…}`)`.
  const unused = Object.keys(keysOf(english)).filter((key) => {
    if (all.includes(`'${key}'`) || all.includes(`"${key}"`)) return false;
    const [section = '', name = ''] = key.split('.');
    const family = name.split('-')[0] ?? '';
    return !all.includes(`\`${section}.${family}-\${`) && !(name === 'title' && all.includes('${view}.title'));
  });
  assert.deepEqual(unused, []);
});
