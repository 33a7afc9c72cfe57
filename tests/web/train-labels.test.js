// The result's doubtful labels: wrong labels that were put in are found again.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { violations } from './harness/accessibility.js';
import { ENGINE, inPage, until, within } from './harness/engines.js';
import { Page } from './harness/page.js';
import { SITE } from './harness/server.js';

const skip = ENGINE === 'chromium' ? false : 'the readings are the same in every browser: held in Chromium';
/** Bytes before the labels in an IDX file. */
const HEAD = 8;
/** Every so many labels one is made wrong. */
const EVERY = 40;

/** @type {Page} */
let page;
before(async () => {
  if (skip) return;
  page = await Page.open({ hash: '#train' });
  await until(page.tab, 'the sample', () => /** @type {HTMLButtonElement} */ (document.getElementById('start')).disabled === false);
});
after(() => page?.close());

test('labels that were made wrong are found among the doubtful ones', { skip }, async (context) => {
  const images = await readFile(join(SITE, 'data/mnist-10k-images.idx3-ubyte.gz'));
  const labels = gunzipSync(await readFile(join(SITE, 'data/mnist-10k-labels.idx1-ubyte.gz')));
  for (let index = 0; HEAD + index < labels.length; index += EVERY) labels[HEAD + index] = ((labels[HEAD + index] ?? 0) + 1 + ((index / EVERY) % 9)) % 10;
  await page.tab.choose('#data-files', [await page.file('images.gz', images), await page.file('labels', labels)]);
  await until(page.tab, 'the data', () => document.getElementById('data-name')?.textContent?.startsWith('images.gz'));
  await page.set('preset', 'tiny');
  await page.set('epochs', '4');
  await page.tab.click('#start');
  await within(400, page.tab, 'the result', () => document.querySelectorAll('#trials li').length > 0);
  await page.tab.click('#show-doubtful');
  await until(page.tab, 'the doubtful', () => document.getElementById('trials-title')?.textContent?.startsWith('Perhaps labeled wrongly'));
  const found = await inPage(page.tab, () => [...document.querySelectorAll('#trials li')].map((item) => Number(/** @type {HTMLElement} */ (item).dataset['example'])));
  const wrong = found.filter((/** @type {number} */ index) => index % EVERY === 0).length;
  context.diagnostic(`${wrong} of the first ${found.length} were made wrong`);
  assert.ok(found.length >= 10, `${found.length} doubtful`);
  // By chance it would be one in forty.
  assert.ok(wrong >= found.length * 0.4, `${wrong} of ${found.length}`);
  assert.deepEqual(await violations(page.tab), []);
  await page.tab.click('#show-mistakes');
  await until(page.tab, 'the mistakes', () => document.getElementById('trials-title')?.textContent?.startsWith('Mistakes'));
  assert.deepEqual(await page.tab.problems(), []);
});
