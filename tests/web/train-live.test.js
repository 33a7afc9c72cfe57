// The Train view: a look inside the network while it learns.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { violations } from './harness/accessibility.js';
import { ENGINE, inPage, until, within } from './harness/engines.js';
import { Page } from './harness/page.js';

const skip = ENGINE === 'chromium' ? false : 'the figures are held in Node, the drawing is plain: held in Chromium';

/** @type {Page} */
let page;
before(async () => {
  if (skip) return;
  page = await Page.open({ hash: '#train' });
  await until(page.tab, 'the sample', () => /** @type {HTMLButtonElement} */ (document.getElementById('start')).disabled === false);
});
after(() => page?.close());

/** @returns {Promise<string[][]>} */
const rows = () =>
  inPage(page.tab, () => [...document.querySelectorAll('#live-rows tr')].map((row) => [...row.children].map(({ textContent }) => textContent)));
/** The pixels of the first tile of either kind. @param {'#live-filters-part' | '.live-example'} part @returns {Promise<string>} */
const pixels = (part) => inPage(page.tab, (/** @type {string} */ part) => /** @type {HTMLCanvasElement} */ (document.querySelector(`${part} canvas`)).toDataURL(), part);
const progress = () => inPage(page.tab, () => /** @type {HTMLProgressElement} */ (document.getElementById('run-progress')).value);
const looked = () => inPage(page.tab, () => document.getElementById('live-state')?.textContent);
const nextLook = (/** @type {string} */ before) => within(90, page.tab, 'the next look', (/** @type {string} */ before) => document.getElementById('live-state')?.textContent !== before, before);

test('before a training it says what to do', { skip }, async () => {
  await page.tab.click('#live summary');
  await until(page.tab, 'the part', () => /^Start a training/.test(document.getElementById('live-state')?.textContent ?? ''));
});

test('while it learns, layers, filters and outputs are shown and move; the page stays smooth', { skip }, async (context) => {
  await inPage(page.tab, () => {
    const memory = /** @type {any} */ (globalThis);
    memory.longTasks = [];
    new PerformanceObserver((list) => memory.longTasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' });
  });
  await page.set('preset', 'keras-cnn');
  await page.set('epochs', '100');
  await page.tab.click('#start');
  await within(90, page.tab, 'the layers', () => document.querySelectorAll('#live-rows tr').length > 3);
  await until(page.tab, 'the filters', () => document.querySelectorAll('#live-filters-part canvas').length === 24);
  await inPage(page.tab, () => /** @type {any} */ (globalThis).longTasks.splice(0));
  const [filter, first] = [await pixels('#live-filters-part'), await looked()];
  await nextLook(first);
  await nextLook(await looked());
  const table = await rows();
  assert.deepEqual(table.map(([name]) => name), ['conv2d_1', 'conv2d_2', 'dense_1', 'dense_2']);
  for (const [name, gradient, update] of table) {
    assert.ok(Number(gradient) > 0, `gradient of ${name}: ${gradient}`);
    assert.ok(Number(update) > 0 && Number(update) < 0.5, `step of ${name}: ${update}`);
  }
  assert.match(table[0]?.[3] ?? '', /^\d+ of 32 \(\d+%\)$/);
  assert.equal(table.at(-1)?.[3], '–', 'the last layer has no ReLU');
  assert.notEqual(await pixels('#live-filters-part'), filter, 'filters that learn are others');
  for (const id of ['live-forward', 'live-backward', 'live-speed', 'live-memory']) {
    const figure = await inPage(page.tab, (/** @type {string} */ id) => document.getElementById(id)?.textContent, id);
    assert.match(figure, /^[\d.,]+/, id);
  }
  // A long task is measured by the clock, so it may be another program's doing. What is ours comes at every look.
  let longTasks = await inPage(page.tab, () => /** @type {any} */ (globalThis).longTasks.splice(0));
  for (let again = 0; again < 6 && longTasks.length > 0; again += 1) {
    context.diagnostic(`tasks over 50 ms: ${JSON.stringify(longTasks)}; looking once more`);
    await nextLook(await looked());
    longTasks = await inPage(page.tab, () => /** @type {any} */ (globalThis).longTasks.splice(0));
  }
  if (longTasks.length === 0) return;
  // On a machine so busy that there are some without the part, too, nothing can be said of it; train.test.js holds those.
  await page.tab.click('#live summary');
  const from = await progress();
  await inPage(page.tab, () => /** @type {any} */ (globalThis).longTasks.splice(0));
  await within(120, page.tab, 'progress', (/** @type {number} */ from) => /** @type {HTMLProgressElement} */ (document.getElementById('run-progress')).value > from + 0.003, from);
  const without = await inPage(page.tab, () => /** @type {any} */ (globalThis).longTasks.splice(0));
  await page.tab.click('#live summary');
  context.diagnostic(`tasks over 50 ms without the part: ${JSON.stringify(without)}`);
  assert.ok(without.length > 0, `no task of the main thread over 50 ms: ${longTasks}`);
});

test('another layer and another example are shown when chosen', { skip }, async () => {
  await page.tab.click('#pause');
  await until(page.tab, 'the pause', () => /^Paused/.test(document.getElementById('run-state')?.textContent ?? ''));
  await page.set('live-layer', 'dense_1');
  await until(page.tab, 'the flat layer', () => document.querySelector('.live-tiles[data-flat] canvas') !== null);
  const before = await pixels('.live-example');
  await page.tab.click('#live-next');
  await until(page.tab, 'another', (/** @type {string} */ before) => /** @type {HTMLCanvasElement} */ (document.querySelector('.live-example canvas')).toDataURL() !== before, before);
  await page.set('live-filters', 'conv2d_2');
  await until(page.tab, 'the channels it reads', () => document.querySelectorAll('#live-plane option').length === 32);
  assert.deepEqual(await violations(page.tab), []);
});

test('closed, it asks nothing of the training', { skip }, async () => {
  await page.tab.click('#live summary');
  const before = await looked();
  await page.tab.click('#pause');
  const from = await progress();
  // Several times as long as two looks are apart.
  await within(120, page.tab, 'an epoch', (/** @type {number} */ from) => /** @type {HTMLProgressElement} */ (document.getElementById('run-progress')).value > from + 0.01, from);
  assert.equal(await looked(), before);
  await page.tab.click('#live summary');
  await nextLook(before);
  await page.tab.click('#stop');
  await within(60, page.tab, 'the end', () => /^The training has ended/.test(document.getElementById('live-state')?.textContent ?? ''));
});
