// The Train view: a network learns in the tab, is steered while it does, and is used, saved and loaded.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { violations } from './harness/accessibility.js';
import { ENGINE, inPage, until, within } from './harness/engines.js';
import { longTasksSince, watchLongTasks } from './harness/long-tasks.js';
import { Page } from './harness/page.js';

/** Seconds that three epochs may take where the tests of others run beside. */
const TRAINING_PATIENCE = 400;

/** @type {Page} */
let page;
before(async () => {
  page = await Page.open();
  await page.show('train');
  await until(page.tab, 'the sample', () => /** @type {HTMLButtonElement} */ (document.getElementById('start')).disabled === false);
});
after(() => page?.close());

const state = () => inPage(page.tab, () => document.getElementById('view-train')?.dataset['state']);
const words = () => inPage(page.tab, () => document.getElementById('run-state')?.textContent);
const share = () => inPage(page.tab, () => /** @type {HTMLProgressElement} */ (document.getElementById('run-progress')).value);
const steps = () =>
  inPage(page.tab, () => Number(/batch ([\d\s,.]+)/.exec(document.getElementById('run-state')?.textContent ?? '')?.[1]?.replace(/\D/g, '')));
const learning = (/** @type {number} */ from) =>
  within(
    TRAINING_PATIENCE,
    page.tab,
    'progress',
    (/** @type {number} */ from) => /** @type {HTMLProgressElement} */ (document.getElementById('run-progress')).value > from,
    from,
  );

test('the sample is 10,000 digits of ten classes', async () => {
  const { name, note } = await inPage(page.tab, () => ({
    name: document.getElementById('data-name')?.textContent,
    note: document.getElementById('data-note')?.textContent,
  }));
  assert.match(name, /10.000/);
  assert.match(note, /28 × 28/);
  assert.match(note, /10 classes/);
});

test('a wrong learning rate is said at its field and nothing starts', async () => {
  const usual = await inPage(page.tab, () => /** @type {HTMLInputElement} */ (document.getElementById('learning-rate')).value);
  await page.set('learning-rate', 'fast');
  await page.tab.click('#start');
  const error = await until(page.tab, 'the error', () => document.getElementById('learning-rate-error')?.textContent);
  assert.ok(error.length > 10, error);
  assert.notEqual(await state(), 'running');
  await page.set('learning-rate', usual);
});

test('training starts, pauses, takes one batch, goes on and is stopped', async () => {
  await page.set('preset', 'tiny');
  await page.set('epochs', '200');
  await page.tab.click('#start');
  await learning(0);
  assert.equal(await state(), 'running');

  await page.tab.click('#pause');
  await until(page.tab, 'the pause', () => /^Paused\. /.test(document.getElementById('run-state')?.textContent ?? ''));
  await page.tab.click('#step');
  await until(page.tab, 'one batch', () => /^Paused after batch/.test(document.getElementById('run-state')?.textContent ?? ''));
  const first = await steps();
  const before = await words();
  await page.tab.click('#step');
  await until(
    page.tab,
    'the next batch',
    (/** @type {string} */ before) => document.getElementById('run-state')?.textContent !== before,
    before,
  );
  assert.equal(await steps(), first + 1, 'a pause lets nothing else run');

  const paused = await share();
  await page.tab.click('#pause');
  await learning(paused);
  assert.equal(await state(), 'running');
  await page.tab.click('#stop');
  await within(60, page.tab, 'the end', () => /^Stopped after/.test(document.getElementById('run-state')?.textContent ?? ''));
  assert.equal(await state(), 'idle');
});

test('the Keras network reaches 98 % on its validation split within three epochs; the page stays smooth', async (context) => {
  await page.set('preset', 'keras-cnn');
  await page.set('epochs', '3');
  await page.set('batch-size', '32');
  await watchLongTasks(page.tab);
  // One seed's accuracy on 1,000 digits says little: the middle of three. Engines agree to the bit, so one tries all.
  const best = [];
  for (const seed of ENGINE === 'chromium' ? ['1', '2', '3'] : ['2']) {
    await page.set('seed', seed);
    await page.tab.click('#start');
    await until(page.tab, 'the start', () => document.getElementById('view-train')?.dataset['state'] === 'running');
    await within(TRAINING_PATIENCE, page.tab, 'the result', () => /^Finished after/.test(document.getElementById('run-state')?.textContent ?? ''));
    context.diagnostic(await words());
    const accuracies = await inPage(page.tab, () =>
      [...document.querySelectorAll('#epoch-rows tr')].map((row) => parseFloat(row.lastElementChild?.textContent ?? '')),
    );
    context.diagnostic(`seed ${seed}, validation accuracy, %: ${accuracies.join(', ')}`);
    assert.equal(accuracies.length, 3);
    best.push(Math.max(...accuracies));
  }
  const middle = best.sort((a, b) => a - b)[best.length >> 1] ?? 0;
  assert.ok(middle >= 98, String(best));
  const cells = await inPage(page.tab, () => document.querySelectorAll('#confusion td').length);
  assert.ok(cells >= 100, `${cells} cells in the confusion matrix`);
  if (ENGINE !== 'chromium') return;
  // A long task is measured by the clock, so it may be another program's doing. What is ours comes again.
  let longTasks = await longTasksSince(page.tab);
  for (let again = 0; again < 2 && longTasks.length > 0; again += 1) {
    context.diagnostic(`tasks over 50 ms: ${JSON.stringify(longTasks)}; training once more`);
    await page.set('epochs', '1');
    await page.tab.click('#start');
    await until(page.tab, 'the start', () => document.getElementById('view-train')?.dataset['state'] === 'running');
    await within(TRAINING_PATIENCE, page.tab, 'the result', () => /^Finished after/.test(document.getElementById('run-state')?.textContent ?? ''));
    longTasks = await longTasksSince(page.tab);
  }
  assert.deepEqual(longTasks, [], 'no task of the main thread over 50 ms');
});

test('mistakes are shown, and those of a cell when it is chosen', async () => {
  await until(page.tab, 'the mistakes', () => document.querySelectorAll('#trials li').length > 0);
  const mistakes = await inPage(page.tab, () => document.querySelectorAll('#trials [data-right="false"]').length);
  assert.ok(mistakes > 0, 'no network is perfect after three epochs');
  const [right, shown] = await inPage(page.tab, () => {
    const cell = /** @type {HTMLElement} */ (document.querySelector('#confusion td.wrong button'));
    cell.click();
    return [Number(cell.textContent), cell.getAttribute('aria-label')];
  });
  const [, actual, predicted] = /^(\d) read as (\d)/.exec(shown) ?? [];
  await until(page.tab, 'the cell', (/** @type {string} */ words) => document.getElementById('trials-title')?.textContent?.startsWith(words), `${actual} read as ${predicted}`);
  assert.equal(await inPage(page.tab, () => document.querySelectorAll('#trials li').length), Math.min(24, right));
  assert.equal(await inPage(page.tab, () => document.querySelectorAll('#class-rows tr').length), 10);
});

test('the result is accessible', async () => {
  assert.deepEqual(await violations(page.tab), []);
});

test('the trained network is used on the pad, saved, loaded again, and predicts the same', async () => {
  await page.catchDownloads();
  await page.tab.click('#save-network');
  const saved = await until(page.tab, 'the file', async () => {
    const blob = /** @type {any} */ (globalThis).savedFile;
    if (!blob) return null;
    const bytes = new Uint8Array(await blob.arrayBuffer());
    let text = '';
    for (const byte of bytes) text += String.fromCharCode(byte);
    return btoa(text);
  });
  await page.tab.click('#use-network');
  await until(page.tab, 'the Draw view', () => document.getElementById('view-draw')?.hidden === false);
  const used = await inPage(page.tab, () => document.getElementById('network-name')?.textContent);
  assert.match(used, /keras-cnn/);

  const answers = [];
  for (const digit of [0, 2, 3, 7]) {
    await page.drawDigit(digit);
    answers.push(await page.answer());
  }
  const right = answers.filter(({ label }, index) => label === ['0', '2', '3', '7'][index]).length;
  assert.ok(right >= 3, JSON.stringify(answers));

  await page.tab.choose('#network-file', [await page.file('mine.safetensors', Buffer.from(saved, 'base64'))]);
  await until(page.tab, 'the loaded network', () => document.getElementById('network-name')?.textContent === 'mine.safetensors');
  for (const [index, digit] of [0, 2, 3, 7].entries()) {
    await page.drawDigit(digit);
    assert.deepEqual(await page.answer(), answers[index]);
  }
});

test('nothing went wrong unseen', async () => {
  const problems = (await page.tab.problems()).filter((problem) => !problem.includes('404'));
  assert.deepEqual(problems, []);
});
