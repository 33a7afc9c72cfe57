// The Train view's search for the best settings: a table that fills, sorts, is cancelled and gone on with.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { violations } from './harness/accessibility.js';
import { ENGINE, inPage, until, within } from './harness/engines.js';
import { Page } from './harness/page.js';

const skip = ENGINE === 'chromium' ? false : 'the search itself is tested in Node: the table in Chromium';

/** @type {Page} */
let page;
before(async () => {
  if (skip) return;
  page = await Page.open({ hash: '#train' });
  await until(page.tab, 'the sample', () => /** @type {HTMLButtonElement} */ (document.getElementById('start')).disabled === false);
});
after(() => page?.close());

/** @returns {Promise<{ cells: string[], isBest: boolean }[]>} */
const rows = () =>
  inPage(page.tab, () =>
    [...document.querySelectorAll('#search tbody tr')].map((row) => ({
      cells: [...row.children].map((cell) => cell.textContent ?? ''),
      isBest: /** @type {HTMLElement} */ (row).dataset['best'] !== undefined,
    })),
  );
const state = (/** @type {string} */ state) =>
  within(
    300,
    page.tab,
    `the search ${state}`,
    (/** @type {string} */ state) => document.getElementById('search-state')?.dataset['state'] === state,
    state,
  );
/** @param {{ cells: string[] }} row */
const accuracyOf = ({ cells }) => parseFloat(cells[3] ?? '');

test('every combination becomes a row; the best is marked, and trained on all examples', { skip }, async () => {
  await page.set('preset', 'logistic');
  await page.tab.click('#search summary');
  await until(page.tab, 'the part', () => document.getElementById('search-start') !== null);
  await page.set('search-rates', '0.0001 0.01');
  await page.set('search-batches', '32 128');
  await page.set('search-epochs', '1');
  await page.tab.click('#search-start');
  await state('done');
  const found = await rows();
  assert.equal(found.length, 4);
  assert.deepEqual(found.map(({ cells }) => cells[1]).sort(), [
    'Learning rate 0.0001, Batch size 128',
    'Learning rate 0.0001, Batch size 32',
    'Learning rate 0.01, Batch size 128',
    'Learning rate 0.01, Batch size 32',
  ]);
  const [best] = found.filter(({ isBest }) => isBest);
  assert.ok(best);
  assert.equal(accuracyOf(best), Math.max(...found.map(accuracyOf)));
  const told = await inPage(page.tab, () => document.getElementById('search-state')?.textContent);
  assert.ok(told.includes(best.cells[1]), told);
  assert.equal(await inPage(page.tab, () => document.getElementById('search-use')?.hidden), false);
  assert.deepEqual(await violations(page.tab), []);
});

test('the table is sorted by accuracy, and a row is put into the form', { skip }, async () => {
  await inPage(page.tab, () => /** @type {HTMLElement} */ (document.querySelectorAll('#search .sort')[2]).click());
  const sorted = (await rows()).map(accuracyOf);
  assert.deepEqual(sorted, [...sorted].sort((a, b) => b - a));
  const [first] = await rows();
  await page.tab.click('#search tbody tr button');
  const form = await inPage(page.tab, () => ['learning-rate', 'batch-size'].map((id) => /** @type {HTMLInputElement} */ (document.getElementById(id)).value));
  assert.equal(`Learning rate ${form[0]}, Batch size ${form[1]}`, first?.cells[1]);
});

test('a search is cancelled, keeps its rows, and goes on with them', { skip }, async () => {
  await page.set('search-rates', '0.001 0.002 0.004 0.008');
  await page.set('search-batches', '64');
  await page.set('search-epochs', '8');
  await page.tab.click('#search-start');
  await within(200, page.tab, 'a row', () => document.querySelectorAll('#search tbody tr').length > 0);
  await page.tab.click('#search-cancel');
  await state('cancelled');
  const before = (await rows()).map(({ cells }) => cells.join());
  assert.ok(before.length < 4, `${before.length} rows`);
  await page.tab.click('#search-go-on');
  await state('done');
  const after = (await rows()).map(({ cells }) => cells.join());
  assert.equal(after.length, 4);
  const unmarked = (/** @type {string} */ text) => text.replace(', the best', '');
  for (const row of before) assert.ok(after.map(unmarked).includes(unmarked(row)), `${row} is not made again`);
  assert.deepEqual(await page.tab.problems(), []);
});
