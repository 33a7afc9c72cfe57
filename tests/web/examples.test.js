// The pages in `examples/`, opened and used as a visitor would. One engine is enough: they are short, and the package is
// tested in all.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { violations } from './harness/accessibility.js';
import { strokesOf } from './harness/digits.js';
import { ENGINE, draw, inPage, openTab, until } from './harness/engines.js';
import { NO_DIGIT_NETWORK } from './harness/page.js';
import { rgbPng } from './harness/pictures.js';
import { SiteServer } from './harness/server.js';

const skip = ENGINE !== 'chromium' && 'the examples are opened in Chromium only';
const server = new SiteServer();
/** @type {import('./harness/engines.js').Tab} */
let tab;
let folder = '';

before(async () => {
  if (skip) return;
  folder = await mkdtemp(join(tmpdir(), 'ocelli-examples-'));
  await server.start();
  tab = await openTab();
});
after(async () => {
  await tab?.close();
  await server.stop();
  if (folder) await rm(folder, { recursive: true });
});

/** Opens an example, works on it, and expects that nothing went wrong on the way. @param {string} name @param {() => Promise<void>} work */
async function opened(name, work) {
  const before = (await tab.problems()).length;
  server.missing.length = 0;
  await tab.open(`${server.url}examples/${name}/index.html`);
  await work();
  assert.deepEqual(await violations(tab), []);
  const [wide, room] = await inPage(tab, () => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(wide <= room, `${wide} pixels wide on ${room}`);
  assert.deepEqual(server.missing, []);
  assert.deepEqual((await tab.problems()).slice(before), []);
}

/** @param {string} pattern */
const told = (pattern) =>
  until(tab, pattern, (/** @type {string} */ pattern) => new RegExp(pattern).test(document.querySelector('output')?.textContent ?? ''), pattern);

/** Stripes, all one way, each picture others. @param {string} name @param {boolean} upright @param {number} n */
async function striped(name, upright, n) {
  const path = join(folder, name);
  const color = (/** @type {number} */ at) => ((at + n) % 16 < 8 ? [30 + 9 * n, 60, 90] : [220, 230 - 7 * n, 160]);
  await writeFile(path, rgbPng(64, 64, (x, y) => color(upright ? x : y)));
  return path;
}

test('digit-pad: two drawn digits are the value of the form', { skip: skip || NO_DIGIT_NETWORK }, () =>
  opened('digit-pad', async () => {
    await tab.resize(390, 844);
    await draw(tab, 'digit-pad', strokesOf(7));
    await told('^Tens: 7');
    await draw(tab, 'digit-pad:nth-of-type(2)', strokesOf(1));
    await told('^Ones: 1');
    await tab.click('form button');
    await told('^Table 71 it is');
  }),
);

test('photos: each chosen photo has an answer, what is none its reason', { skip }, () =>
  opened('photos', async () => {
    await told('airplane');
    const letter = join(folder, 'letter.txt');
    await writeFile(letter, 'no picture at all');
    await tab.choose('input', [await striped('photo.png', true, 1), letter]);
    await until(tab, 'both rows', () => document.querySelectorAll('li').length === 2 && document.querySelector('li:last-child')?.textContent !== '');
    const [photo, other] = await inPage(tab, () => [...document.querySelectorAll('li')].map(({ textContent }) => textContent));
    assert.match(photo, /^[a-z]+ \d+ % +[a-z]+ \d+ %/);
    assert.match(other, /^letter\.txt: .+\./);
  }),
);

test('own-classes: two classes learnt from six pictures each are told apart', { skip }, () =>
  opened('own-classes', async () => {
    const six = (/** @type {boolean} */ upright) => Promise.all([0, 1, 2, 3, 4, 5].map((n) => striped(`${upright}-${n}.png`, upright, n)));
    await tab.choose('fieldset:nth-of-type(1) [type=file]', await six(true));
    await tab.choose('fieldset:nth-of-type(2) [type=file]', await six(false));
    await tab.click('form button');
    await told('^Learnt. Of 12 pictures');
    await tab.choose('#tried', [await striped('new.png', false, 7)]);
    await told('^unripe \\d+ %, ripe');
    assert.match(await inPage(tab, () => /** @type {HTMLAnchorElement} */ (document.querySelector('#save')).href), /^blob:/);
  }),
);

test('train-mnist: the curve falls, a stopped training reads digits it had not seen', { skip }, () =>
  opened('train-mnist', async () => {
    await until(tab, 'the digits', () => document.querySelector('button')?.disabled === false);
    await tab.click('button');
    await until(tab, 'a curve', () => (document.querySelector('polyline')?.points.numberOfItems ?? 0) > 8);
    await tab.click('button:nth-of-type(2)');
    await told('^stopped after');
    const points = await inPage(tab, () => [...(document.querySelector('polyline')?.points ?? [])].map(({ y }) => y));
    assert.ok(/** @type {number} */ (points.at(-1)) > points[0] + 5, points.join());
    const [, share] = /reads ([\d.]+) %/.exec(await inPage(tab, () => document.querySelector('output')?.textContent)) ?? [];
    assert.ok(Number(share) > 40, share);
  }),
);
