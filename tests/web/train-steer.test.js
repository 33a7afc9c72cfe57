// The Train view: batch size and momentum are changed while a network learns, and a run that is gone on with knows of it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { violations } from './harness/accessibility.js';
import { ENGINE, inPage, until, within } from './harness/engines.js';
import { Page } from './harness/page.js';

const PATIENCE = 400;
const BETA1 = 'optimizer-adam.beta1';

/** @type {Page} */
let page;
before(async () => {
  page = await Page.open({ hash: '#train' });
  await ready();
});
after(() => page?.close());

const ready = () => until(page.tab, 'the sample', () => /** @type {HTMLButtonElement} */ (document.getElementById('start')).disabled === false);
const paused = () => until(page.tab, 'the pause', () => /^Paused/.test(document.getElementById('run-state')?.textContent ?? ''));
/** @param {string} id @returns {Promise<string>} */
const value = (id) => inPage(page.tab, (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (document.getElementById(id)).value, id);
const share = () => inPage(page.tab, () => /** @type {HTMLProgressElement} */ (document.getElementById('run-progress')).value);

/** @param {string} preset @param {string} epochs */
async function start(preset, epochs) {
  await page.set('preset', preset);
  await page.set('optimizer', 'adam');
  await page.set('batch-size', '64');
  await page.set('epochs', epochs);
  await page.set('workers', '1');
  await page.tab.click('#start');
  await within(PATIENCE, page.tab, 'progress', () => /** @type {HTMLProgressElement} */ (document.getElementById('run-progress')).value > 0);
}

/** @param {string} id @param {string} text @param {RegExp} told */
async function change(id, text, told) {
  await page.set(id, text);
  await until(page.tab, 'the words on it', (/** @type {string} */ told) => new RegExp(told).test(document.getElementById('run-state')?.textContent ?? ''), told.source);
}

test('while it learns, what may be changed is open and said; the rest is locked', async () => {
  await start('tiny', '200');
  const open = await inPage(page.tab, () =>
    [...document.querySelectorAll('#settings input:not(:disabled)')].map(({ id }) => id).filter(Boolean).sort(),
  );
  assert.deepEqual(open, ['batch-size', 'learning-rate', BETA1]);
  const hint = await inPage(page.tab, () => document.getElementById('live-hint')?.hidden === false && document.getElementById('live-hint')?.textContent);
  assert.match(hint, /batch size/);
  assert.match(hint, /Beta 1/);
  if (ENGINE === 'chromium') assert.deepEqual(await violations(page.tab), []);
});

test('batch size, momentum and rate are changed, and the run goes on from where it is', async () => {
  await page.tab.click('#pause');
  await paused();
  const before = await share();
  await change('batch-size', '500', /^Batches have 500/);
  await change(BETA1, '0.5', /^Beta 1 is 0.5/);
  await change('learning-rate', '0.003', /^Learning rate is 0.003/);
  await page.tab.click('#step');
  await until(page.tab, 'a batch', () => /^Paused after batch/.test(document.getElementById('run-state')?.textContent ?? ''));
  const after = await until(
    page.tab,
    'the progress',
    (/** @type {number} */ before) => {
      const { value } = /** @type {HTMLProgressElement} */ (document.getElementById('run-progress'));
      return value > before && value;
    },
    before,
  );
  assert.ok(after < before + 0.01, `${before}, then ${after}: other batches, the same share of the way`);
  await page.set('batch-size', '0');
  await until(page.tab, 'the complaint', () => (document.getElementById('batch-size-error')?.textContent ?? '').length > 10);
  await page.tab.click('#stop');
  await within(60, page.tab, 'the end', () => /^Stopped after/.test(document.getElementById('run-state')?.textContent ?? ''));
});

test('an optimizer without momentum says nothing of it', async () => {
  await page.set('batch-size', '64');
  await page.set('optimizer', 'sgd');
  await page.tab.click('#start');
  await until(page.tab, 'the start', () => document.getElementById('view-train')?.dataset['state'] === 'running');
  const hint = await inPage(page.tab, () => document.getElementById('live-hint')?.textContent);
  assert.match(hint, /^Learning rate and batch size/);
  await page.tab.click('#stop');
  await within(60, page.tab, 'the end', () => /^Stopped after/.test(document.getElementById('run-state')?.textContent ?? ''));
});

const skip = ENGINE === 'chromium' ? false : 'runs that outlive a page are held in kept-run.test.js for every engine';

test('a run that was changed and is gone on with after a reload shows what is in force', { skip }, async () => {
  await start('keras-cnn', '30');
  await change('batch-size', '96', /^Batches have 96/);
  await change(BETA1, '0.8', /^Beta 1 is 0.8/);
  await inPage(page.tab, () => delete /** @type {HTMLElement} */ (document.getElementById('view-train')).dataset['kept']);
  await within(PATIENCE, page.tab, 'a kept state', () => Number(document.getElementById('view-train')?.dataset['kept'] ?? 0) >= 1);
  await page.tab.open(`${page.server.url}?again#train`);
  await page.ready();
  await ready();
  await until(page.tab, 'the offer', () => document.getElementById('kept')?.hidden === false);
  await page.tab.click('#kept-go-on');
  await within(PATIENCE, page.tab, 'the run', () => document.getElementById('view-train')?.dataset['state'] === 'running');
  await within(60, page.tab, 'the size in force', () => /** @type {HTMLInputElement} */ (document.getElementById('batch-size')).value === '96');
  assert.equal(await value(BETA1), '0.8');
  await page.tab.click('#stop');
  await within(60, page.tab, 'the end', () => /^Stopped after/.test(document.getElementById('run-state')?.textContent ?? ''));
});
