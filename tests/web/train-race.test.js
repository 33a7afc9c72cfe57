// The Train view's race of optimizers: copies of one network, their curves side by side.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { violations } from './harness/accessibility.js';
import { ENGINE, inPage, until, within } from './harness/engines.js';
import { Page } from './harness/page.js';

const skip = ENGINE === 'chromium' ? false : 'each racer is a training as others are: held in Chromium';

/** @type {Page} */
let page;
before(async () => {
  if (skip) return;
  page = await Page.open({ hash: '#train' });
  await until(page.tab, 'the sample', () => /** @type {HTMLButtonElement} */ (document.getElementById('start')).disabled === false);
  await page.set('preset', 'logistic');
  await page.tab.click('#race summary');
  await until(page.tab, 'the part', () => document.getElementById('race-start') !== null);
});
after(() => page?.close());

/** @param {string[]} names */
async function choose(names) {
  await inPage(
    page.tab,
    (/** @type {string[]} */ names) => {
      for (const box of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll('#race .ticks input'))) {
        if (box.checked !== names.includes(box.value)) box.click();
      }
    },
    names,
  );
}
const ended = () => within(300, page.tab, 'the end', () => document.getElementById('race-state')?.dataset['state'] === 'idle');
/** @returns {Promise<{ name: string, losses: number[], accuracies: number[] }[]>} */
const curves = () =>
  inPage(page.tab, () => {
    const [loss, accuracy] = ['race-loss', 'race-accuracy'].map((id) => /** @type {any} */ (document.getElementById(id)).others);
    const values = (/** @type {any} */ curve) => curve.points.map((/** @type {any} */ point) => point.value);
    return loss.map((/** @type {any} */ curve, /** @type {number} */ index) => ({ name: curve.label, losses: values(curve), accuracies: values(accuracy[index]) }));
  });
/** @type {Awaited<ReturnType<typeof curves>>} */
let inTurn = [];

test('racers have a curve and a row each, and the first is named', { skip }, async () => {
  await choose(['adam', 'sgd']);
  await page.set('race-epochs', '2');
  await inPage(page.tab, () => {
    const box = /** @type {HTMLInputElement} */ (document.getElementById('race-parallel'));
    if (box.checked) box.click();
  });
  await page.tab.click('#race-start');
  await ended();
  inTurn = await curves();
  assert.deepEqual(inTurn.map(({ name }) => name), ['Adam', 'SGD']);
  for (const { losses, accuracies } of inTurn) {
    assert.ok(losses.length > 0, `${losses.length} points`);
    assert.equal(accuracies.length, 2);
  }
  assert.notDeepEqual(inTurn[0]?.losses, inTurn[1]?.losses);
  const [best] = [...inTurn].sort((a, b) => Math.max(...b.accuracies) - Math.max(...a.accuracies));
  const told = await inPage(page.tab, () => document.getElementById('race-state')?.textContent);
  assert.ok(told.startsWith(`${best?.name} is first`), told);
  assert.equal(await inPage(page.tab, () => document.querySelectorAll('#race tbody tr[data-best]').length), 1);
  assert.deepEqual(await violations(page.tab), []);
});

test('at the same time comes the same as in turn', { skip }, async () => {
  await page.tab.click('#race-parallel');
  await page.tab.click('#race-start');
  await ended();
  const now = await curves();
  assert.deepEqual(now.map(({ accuracies }) => accuracies), inTurn.map(({ accuracies }) => accuracies));
});

test('no more than six race, and a race is stopped', { skip }, async () => {
  await choose(['adam', 'adamW', 'nadam', 'rmsProp', 'momentum', 'sgd']);
  const free = await inPage(page.tab, () => document.querySelectorAll('#race .ticks input:not(:disabled)').length);
  assert.equal(free, 6);
  await page.set('race-epochs', '50');
  await page.tab.click('#race-start');
  await within(200, page.tab, 'a curve', () => /** @type {any} */ (document.getElementById('race-loss')).others.some((/** @type {any} */ curve) => curve.points.length > 0));
  await page.tab.click('#race-stop');
  await ended();
  assert.match(await inPage(page.tab, () => document.getElementById('race-state')?.textContent), /^Stopped/);
  assert.deepEqual(await page.tab.problems(), []);
});
