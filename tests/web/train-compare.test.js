// The Train view's charts and runs: a whole epoch at once, the tools at the charts, runs compared.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { violations } from './harness/accessibility.js';
import { ENGINE, draw, inPage, until, within } from './harness/engines.js';
import { Page } from './harness/page.js';

const skip = ENGINE === 'webkit' ? 'held in Chromium and Firefox' : false;

/** @type {Page} */
let page;
before(async () => {
  if (skip) return;
  page = await Page.open({ hash: '#train' });
  await until(page.tab, 'the sample', () => /** @type {HTMLButtonElement} */ (document.getElementById('start')).disabled === false);
});
after(() => page?.close());

const said = (/** @type {RegExp} */ pattern) =>
  within(
    200,
    page.tab,
    String(pattern),
    (/** @type {string} */ source) => new RegExp(source).test(document.getElementById('run-state')?.textContent ?? ''),
    pattern.source,
  );
const chart = (/** @type {string} */ id = 'chart-loss') =>
  inPage(
    page.tab,
    (/** @type {string} */ id) => {
      const { isLog, isZoomed, shown, others, points } = /** @type {any} */ (document.getElementById(id));
      return { isLog, isZoomed, shown, others: others.map((/** @type {any} */ other) => other.label), nPoints: points.length };
    },
    id,
  );
const tool = (/** @type {string} */ name) => page.tab.click(`#chart-loss [data-tool="${name}"]`);
const rows = () =>
  inPage(page.tab, () =>
    [...document.querySelectorAll('#runs-card tbody tr')].map((row) => [...row.children].map((cell) => cell.textContent ?? '')),
  );

test('one epoch is taken while paused, and it pauses at its end', { skip }, async () => {
  await page.set('preset', 'tiny');
  await page.set('epochs', '9');
  await page.tab.click('#start');
  await within(100, page.tab, 'progress', () => /** @type {HTMLProgressElement} */ (document.getElementById('run-progress')).value > 0);
  await page.tab.click('#pause');
  await said(/^Paused\. /);
  const epochs = () => inPage(page.tab, () => document.querySelectorAll('#epoch-rows tr').length);
  const before = await epochs();
  await page.tab.click('#step-epoch');
  await said(/^Paused at the end of epoch/);
  assert.equal(await epochs(), before + 1);
  const words = await inPage(page.tab, () => document.getElementById('run-state')?.textContent);
  assert.match(words, new RegExp(`epoch ${before + 1}\\.`));
  // Figures are painted with the next frame.
  await until(page.tab, 'the bar at the end of the epoch', (/** @type {number} */ share) =>
    Math.abs(/** @type {HTMLProgressElement} */ (document.getElementById('run-progress')).value - share) < 1e-6, (before + 1) / 9);
});

test('the loss has a logarithmic scale, a part of it is shown, and its numbers and its picture are saved', { skip }, async () => {
  await until(page.tab, 'the tools', () => document.querySelector('#chart-loss [data-tool="log"]') !== null);
  await until(page.tab, 'the plot', () => document.querySelector('#chart-loss canvas') !== null);
  await tool('log');
  assert.equal((await chart()).isLog, true);
  await until(page.tab, 'the plot drawn anew', () => document.querySelector('#chart-loss canvas') !== null);
  await tool('closer');
  const { shown, isZoomed } = await chart();
  assert.ok(isZoomed);
  assert.deepEqual(shown, [4.5, 9]);
  await tool('whole');
  assert.deepEqual((await chart()).shown, [0, 9]);
  await page.catchDownloads();
  await tool('csv');
  const csv = await inPage(page.tab, () => /** @type {any} */ (globalThis).savedFile.text());
  const [head, ...lines] = csv.trim().split('\r\n');
  assert.equal(head, 'run,epoch,training,validation');
  assert.ok(lines.length > 2 && lines.every((/** @type {string} */ line) => /^,[\d.]+,[\d.e-]*,[\d.e-]*$/.test(line)), csv.slice(0, 200));
  await inPage(page.tab, () => (/** @type {any} */ (globalThis).savedFile = null));
  await tool('png');
  const size = await until(page.tab, 'the picture', async () => {
    const file = /** @type {any} */ (globalThis).savedFile;
    if (!file) return null;
    const { width, height } = await createImageBitmap(file);
    return [width, height];
  });
  assert.ok(size[0] > 300 && size[1] > 200, String(size));
  await tool('log');
});

test('a part of the chart is shown by dragging over it', { skip }, async () => {
  await until(page.tab, 'the plot', () => document.querySelector('#chart-loss .u-over') !== null);
  await draw(page.tab, '#chart-loss .u-over', [[[0.1, 0.5], [0.2, 0.5], [0.3, 0.5], [0.5, 0.5]]]);
  await until(page.tab, 'the part', () => /** @type {any} */ (document.getElementById('chart-loss')).isZoomed);
  const { shown } = await chart();
  assert.ok(Math.abs(shown[0] - 0.9) < 0.2 && Math.abs(shown[1] - 4.5) < 0.2, String(shown));
  await tool('whole');
});

test('runs before stay as thin curves, with what differs and the best marked; each is hidden and removed', { skip }, async () => {
  await page.tab.click('#stop');
  await said(/^Stopped after/);
  await page.set('epochs', '1');
  await page.set('learning-rate', '0.02');
  await page.tab.click('#start');
  await said(/^Finished after/);
  await until(page.tab, 'two runs', () => document.querySelectorAll('#runs-card tbody tr').length === 2);
  const [first = [], second = []] = await rows();
  assert.match(first[1], /^#1 Tiny/);
  assert.match(second[1], /Learning rate 0\.02/);
  assert.match(second[1], /Epochs 1\b/);
  assert.match(first[1], /Epochs 9/);
  assert.equal([first[2], second[2]].filter((text) => text.includes('the best')).length, 1);
  assert.deepEqual((await chart()).others, ['#1']);
  assert.deepEqual((await chart('chart-accuracy')).others, ['#1']);
  assert.deepEqual(await violations(page.tab), []);

  await page.tab.click('#runs-card tr[data-run="1"] input');
  assert.deepEqual((await chart()).others, []);
  await page.tab.click('#runs-card tr[data-run="1"] input');
  assert.deepEqual((await chart()).others, ['#1']);
  await page.tab.click('#runs-card tr[data-run="1"] button');
  assert.deepEqual((await chart()).others, []);
  assert.deepEqual(await page.tab.problems(), []);
});
