// The Train and the Generate view in another language: no English is left in them.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ENGINE, inPage, until, within } from './harness/engines.js';
import { Page } from './harness/page.js';

/** Names that are the same in every language. */
const PROPER =
  /MNIST|Fashion|IDX|CIFAR|CSV|NumPy|ZIP|Ocelli|Adam\w?|Nadam|RMSprop|AdaGrad|AdaDelta|Nesterov|Momentum|SGD|Mixup|CutMix|dropout|Epsilon|Beta|Rho|\bmin\b|\bMB\b|\bkB\b|JSON|PNG/gi;

const skip = ENGINE === 'chromium' ? false : 'the words are the same in every browser: held in Chromium';

/** @type {Page} */
let page;
before(async () => {
  if (skip) return;
  page = await Page.open();
  await inPage(page.tab, () => localStorage.setItem('ocelli-language', 'zh'));
  await page.tab.open(`${page.server.url}?zh#train`);
  await page.ready();
  await until(page.tab, 'the sample', () => /** @type {HTMLButtonElement} */ (document.getElementById('start')).disabled === false);
});
after(() => page?.close());

/** Latin words of a view, in its text and its names for screen readers. @param {string} view */
async function latinWords(view) {
  const texts = await inPage(page.tab, (/** @type {string} */ id) => {
    const found = [];
    const section = document.getElementById(id) ?? document.body;
    const walker = document.createTreeWalker(section, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) found.push(walker.currentNode.textContent ?? '');
    for (const element of section.querySelectorAll('[aria-label], [title], [placeholder], [aria-valuetext]')) {
      for (const name of ['aria-label', 'title', 'placeholder', 'aria-valuetext']) found.push(element.getAttribute(name) ?? '');
    }
    return found;
  }, view);
  return texts.map((/** @type {string} */ text) => text.replace(PROPER, '').trim()).filter((/** @type {string} */ text) => /[a-z]{3,}/i.test(text));
}

test('the Train view is all Chinese before a run, and after one', { skip }, async () => {
  assert.deepEqual(await latinWords('view-train'), []);
  await page.set('preset', 'logistic');
  await page.set('epochs', '1');
  await page.tab.click('#start');
  await within(200, page.tab, 'the result', () => document.querySelectorAll('#trials li').length > 0);
  for (const part of ['editor', 'search', 'race']) {
    await page.tab.click(`#${part} summary`);
    await until(page.tab, part, (/** @type {string} */ id) => document.getElementById(id) !== null, part === 'editor' ? 'editor-use' : `${part}-start`);
  }
  assert.deepEqual(await latinWords('view-train'), []);
});

test('the Generate view is all Chinese', { skip }, async () => {
  await page.show('generate');
  await until(page.tab, 'the view', () => document.getElementById('gan-start') !== null);
  assert.deepEqual(await latinWords('view-generate'), []);
});
