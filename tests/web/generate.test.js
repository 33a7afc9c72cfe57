// The Generate view: a generator learns in the tab, shows its pictures, and is paused, stopped, saved and loaded.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { violations } from './harness/accessibility.js';
import { inPage, until, within } from './harness/engines.js';
import { Page } from './harness/page.js';

const PATIENCE = 120;

/** @type {Page} */
let page;
before(async () => {
  page = await Page.open();
});
after(() => page?.close());

const looks = () => inPage(page.tab, () => Number(document.getElementById('view-generate')?.dataset['looks'] ?? 0));
const lookedAfter = (/** @type {number} */ n) =>
  within(PATIENCE, page.tab, 'pictures', (/** @type {number} */ n) => Number(document.getElementById('view-generate')?.dataset['looks'] ?? 0) > n, n);
const stateIs = (/** @type {string} */ state) =>
  within(PATIENCE, page.tab, state, (/** @type {string} */ state) => document.getElementById('view-generate')?.dataset['state'] === state, state);
const pictures = () =>
  inPage(page.tab, () => [...document.querySelectorAll('#gan-samples canvas')].map((canvas) => /** @type {HTMLCanvasElement} */ (canvas).toDataURL()));

test('the view is loaded when it is first shown', async () => {
  const asked = () => page.server.requests.filter((name) => name.includes('generate'));
  assert.deepEqual(asked(), []);
  await page.tab.click('a[data-view="generate"]');
  await until(page.tab, 'the view', () => document.getElementById('view-generate')?.dataset['open'] === '');
  assert.ok(asked().length >= 2, String(asked()));
  assert.deepEqual(await violations(page.tab), []);
});

test('it learns while its pictures are shown and read', async () => {
  await page.tab.click('#gan-start');
  await stateIs('running');
  await lookedAfter(1);
  assert.equal((await pictures()).length, 40);
  const words = await inPage(page.tab, () => document.getElementById('gan-judge')?.textContent);
  assert.match(words, /of 40 are read as the digit asked for/);
  assert.match(await inPage(page.tab, () => document.getElementById('gan-diversity-words')?.textContent), /of real digits/);
});

test('it pauses, goes on and is stopped', async () => {
  const step = () => inPage(page.tab, () => Number(document.getElementById('gan-step')?.textContent?.replace(/\D/g, '')));
  await page.tab.click('#gan-pause');
  await stateIs('paused');
  await new Promise((resolve) => setTimeout(resolve, 300));
  const paused = await step();
  await page.tab.click('#gan-pause');
  await within(PATIENCE, page.tab, 'more steps', (/** @type {number} */ paused) =>
    Number(document.getElementById('gan-step')?.textContent?.replace(/\D/g, '')) > paused, paused);
  await page.tab.click('#gan-stop');
  await stateIs('idle');
  assert.deepEqual(await violations(page.tab), []);
});

test('one digit alone, and other noise, are other pictures', async () => {
  const all = await pictures();
  let n = await looks();
  await page.tab.click('#gan-classes button:nth-child(4)');
  await lookedAfter(n);
  const threes = await pictures();
  assert.notDeepEqual(threes, all);
  n = await looks();
  await page.tab.click('#gan-again');
  await lookedAfter(n);
  assert.notDeepEqual(await pictures(), threes);
});

test('a walk through the noise leads from these pictures to those of other noise', async () => {
  const walked = async (/** @type {string} */ to) => {
    const n = await looks();
    await page.set('gan-walk', to);
    await lookedAfter(n);
    return pictures();
  };
  const here = await pictures();
  const [between, next] = [await walked('10'), await walked('20')];
  assert.notDeepEqual(between, here);
  assert.notDeepEqual(between, next);
  assert.deepEqual(await walked('0'), here);
  const n = await looks();
  await page.tab.click('#gan-again');
  await lookedAfter(n);
  assert.deepEqual(await pictures(), next);
});

test('a saved generator, loaded again, makes the same pictures', async () => {
  const before = await pictures();
  await page.catchDownloads();
  await page.tab.click('#gan-save');
  const saved = await until(page.tab, 'the file', async () => {
    const blob = /** @type {any} */ (globalThis).savedFile;
    if (!blob) return null;
    let text = '';
    for (const byte of new Uint8Array(await blob.arrayBuffer())) text += String.fromCharCode(byte);
    return btoa(text);
  });
  const n = await looks();
  await page.tab.choose('#gan-file', [await page.file('generator.safetensors', Buffer.from(saved, 'base64'))]);
  await lookedAfter(n);
  const m = await looks();
  await page.tab.click('#gan-classes button:nth-child(4)');
  await lookedAfter(m);
  assert.deepEqual(await pictures(), before);
});

test('its pictures join the training data, are told as generated, only train, and are left out again', async () => {
  const data = () =>
    inPage(page.tab, () => ({
      name: document.getElementById('data-name')?.textContent,
      made: document.getElementById('data-made')?.hidden ? '' : document.getElementById('data-made-words')?.textContent,
      onlyTrain: /** @type {HTMLInputElement} */ (document.getElementById('training-only')).value,
    }));
  await page.set('gan-each', '3');
  await page.tab.click('#gan-use');
  await within(PATIENCE, page.tab, 'the added pictures', () => !document.getElementById('view-train')?.hidden && !document.getElementById('data-made')?.hidden);
  const added = await data();
  assert.match(added.name, /10,000 handwritten digits/);
  assert.match(added.made, /30 generated pictures, which only train/);
  assert.equal(added.onlyTrain, '30');
  assert.deepEqual(await violations(page.tab), []);
  // Another network's settings leave that to the data.
  await page.set('preset', 'tiny');
  assert.equal((await data()).onlyTrain, '30');
  await page.tab.click('#data-real');
  await within(PATIENCE, page.tab, 'the data without them', () => document.getElementById('data-made')?.hidden);
  assert.deepEqual({ ...(await data()), name: '' }, { name: '', made: '', onlyTrain: '0' });
});

test('nothing went wrong unseen', async () => {
  assert.deepEqual((await page.tab.problems()).filter((problem) => !problem.includes('404')), []);
});
