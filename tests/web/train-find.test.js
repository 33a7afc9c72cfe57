// The Train view: a learning rate is found by a short run whose rate climbs, and offered.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { violations } from './harness/accessibility.js';
import { ENGINE, inPage, until, within } from './harness/engines.js';
import { Page } from './harness/page.js';

const skip = ENGINE === 'chromium' ? false : 'the search itself is held in Node, its drawing is plain: held in Chromium';

/** @type {Page} */
let page;
before(async () => {
  if (skip) return;
  page = await Page.open({ hash: '#train' });
  await until(page.tab, 'the sample', () => /** @type {HTMLButtonElement} */ (document.getElementById('start')).disabled === false);
});
after(() => page?.close());

const rate = () => inPage(page.tab, () => Number(/** @type {HTMLInputElement} */ (document.getElementById('learning-rate')).value));
const state = () => inPage(page.tab, () => document.getElementById('find-box')?.dataset['state']);
const found = () => within(120, page.tab, 'the curve', () => document.querySelector('#find-curve svg') !== null);

test('Find draws the loss over the rate and offers the rate it speaks for', { skip }, async () => {
  await page.set('preset', 'tiny');
  await page.tab.click('#find-rate');
  await found();
  const { points, label, offer } = await inPage(page.tab, () => ({
    points: document.querySelector('#find-curve polyline')?.getAttribute('points')?.split(' ').length,
    label: document.querySelector('#find-curve svg')?.getAttribute('aria-label'),
    offer: document.getElementById('find-use')?.textContent,
  }));
  assert.ok(points > 50, `${points} points`);
  const suggested = Number(/[\d.e-]+$/.exec(offer)?.[0]);
  assert.ok(suggested > 1e-4 && suggested < 1, offer);
  assert.ok(label.includes(String(suggested)), label);
  assert.deepEqual(await violations(page.tab), []);
  await page.tab.click('#find-use');
  assert.equal(await rate(), suggested);
  assert.equal(await inPage(page.tab, () => document.getElementById('find-box')?.hidden), true);
});

test('the rate that was taken stays when another optimizer is chosen', { skip }, async () => {
  const before = await rate();
  await page.set('optimizer', 'momentum');
  assert.equal(await rate(), before);
});

test('a search is cancelled, and the next one works', { skip }, async () => {
  await page.set('preset', 'keras-cnn');
  const before = await rate();
  await page.tab.click('#find-rate');
  await until(page.tab, 'the search', () => /^Trying rates/.test(document.getElementById('find-state')?.textContent ?? ''));
  await page.tab.click('#find-end');
  await until(page.tab, 'the end', () => document.getElementById('find-box')?.hidden === true);
  await until(page.tab, 'rest', () => document.getElementById('find-box')?.dataset['state'] === 'idle');
  assert.equal(await rate(), before);
  await page.set('preset', 'logistic');
  await page.tab.click('#find-rate');
  await found();
  assert.equal(await state(), 'idle');
  await page.tab.click('#find-end');
  assert.equal(await inPage(page.tab, () => document.getElementById('find-box')?.hidden), true);
});
