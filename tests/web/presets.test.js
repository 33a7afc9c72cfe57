// Every network starts with one click on data that is there, is stopped, saved and used.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { inPage, until, within } from './harness/engines.js';
import { Page } from './harness/page.js';

/** Seconds that one batch of the slowest network may take where other tests run beside. */
const PATIENCE = 120;

/** @type {Page} */
let page;
before(async () => {
  page = await Page.open();
  await page.show('train');
  await until(page.tab, 'the sample', () => /** @type {HTMLButtonElement} */ (document.getElementById('start')).disabled === false);
  await page.catchDownloads();
  await inPage(page.tab, () => {
    for (const details of document.querySelectorAll('#view-train details')) /** @type {HTMLDetailsElement} */ (details).open = true;
  });
});
after(() => page?.close());

const ended = () => within(PATIENCE, page.tab, 'the end', () => /^(Stopped|Finished) after/.test(document.getElementById('run-state')?.textContent ?? ''));

for (const preset of [
  'tiny', 'compact', 'sprint', 'keras-cnn', 'keras-cnn-dropout', 'one-conv', 'mlp', 'logistic', 'linear', 'three-channel',
  'rnn-rows', 'rnn-strokes', 'rnn-clips', 'resnet8', 'resnet20', 'mobilenet', 'photos', 'fashion', 'digits',
]) {
  test(`${preset} starts by one click, is stopped, saved and used`, async () => {
    await page.show('train');
    await inPage(page.tab, (/** @type {string} */ name) => {
      // The run before this one has left its progress.
      /** @type {HTMLProgressElement} */ (document.getElementById('run-progress')).value = 0;
      document.querySelector(`[data-preset="${name}"]`)?.scrollIntoView({ block: 'center', behavior: 'instant' });
    }, preset);
    await page.tab.click(`[data-preset="${preset}"]`);
    // The smallest ones may be done before anybody can stop them.
    await within(PATIENCE, page.tab, 'a few batches', () => {
      const { value } = /** @type {HTMLProgressElement} */ (document.getElementById('run-progress'));
      if (value === 0 || document.getElementById('view-train')?.dataset['state'] === 'starting') return false;
      document.getElementById('stop')?.click();
      return true;
    });
    await ended();

    await page.tab.click('#save-network');
    const size = await until(page.tab, 'the file', () => {
      const blob = /** @type {any} */ (globalThis).savedFile;
      /** @type {any} */ (globalThis).savedFile = null;
      return blob?.size;
    });
    assert.ok(size > 1000, `${size} bytes`);

    // Mistakes alone are shown, which may be few.
    await until(page.tab, 'examples read', () => document.querySelectorAll('#trials li').length >= 1);
    if (preset === 'rnn-clips') {
      assert.equal(await inPage(page.tab, () => document.getElementById('use-network')?.hidden), true, 'no pad draws clips');
      return;
    }
    await page.tab.click('#use-network');
    await until(page.tab, 'the Draw view', () => document.getElementById('view-draw')?.hidden === false);
    await page.drawDigit(3);
    const { label } = await page.answer();
    assert.match(label, /^\d$/);
  });
}

test('digits written with a pen are read by a network that learned from pen strokes', async (context) => {
  await page.show('train');
  await page.set('preset', 'rnn-strokes');
  await until(page.tab, 'the strokes', () => /pen strokes/.test(document.getElementById('data-name')?.textContent ?? ''));
  await page.set('epochs', '8');
  await page.tab.click('#start');
  await within(400, page.tab, 'the result', () => /^Finished after/.test(document.getElementById('run-state')?.textContent ?? ''));
  context.diagnostic(await inPage(page.tab, () => document.getElementById('run-state')?.textContent));
  await page.tab.click('#use-network');
  await until(page.tab, 'the Draw view', () => document.getElementById('view-draw')?.hidden === false);
  const read = [];
  for (let digit = 0; digit < 10; digit += 1) {
    await page.drawDigit(digit);
    read.push((await page.answer()).label);
  }
  context.diagnostic(`0 to 9 read as ${read.join(' ')}`);
  assert.ok(read.filter((label, digit) => label === String(digit)).length >= 7, read.join(' '));
});

test('nothing went wrong unseen', async () => {
  assert.deepEqual((await page.tab.problems()).filter((problem) => !problem.includes('404')), []);
});
