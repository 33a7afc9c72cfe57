// The visitor's own examples: an archive of pictures, a folder, a table; told, learned from, kept for a reload.

import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { ENGINE, inPage, until, within } from './harness/engines.js';
import { Page } from './harness/page.js';
import { grayPng } from './harness/pictures.js';
import { zip } from './harness/zip.js';

/** @type {Page} */
let page;
before(async () => {
  page = await Page.open();
});
beforeEach(() => page.dismissAll());
after(() => page?.close());

/** Pictures of a bar, upright or lying, at another place each. @param {'upright' | 'lying'} way @param {number} n */
function bar(way, n) {
  const side = 16;
  const pixels = new Uint8Array(side * side);
  const place = 2 + (n % 12);
  for (let along = 2; along < 14; along++) pixels[way === 'lying' ? place * side + along : along * side + place] = 200 + (n % 50);
  return grayPng(side, side, pixels);
}

const EACH = 60;
/** @returns {[string, Uint8Array][]} */
const bars = () =>
  /** @type {const} */ (['lying', 'upright']).flatMap((way) =>
    Array.from({ length: EACH }, (_, n) => /** @type {[string, Uint8Array]} */ ([`bars/${way}/${n}.png`, bar(way, n)])),
  );

const dataName = () => inPage(page.tab, () => document.getElementById('data-name')?.textContent ?? '');
/** @param {string} wanted */
const named = (wanted) =>
  within(60, page.tab, 'the data', (/** @type {string} */ wanted) => document.getElementById('data-name')?.textContent?.startsWith(wanted), wanted);
const ready = () =>
  until(page.tab, 'the start button', () => /** @type {HTMLButtonElement} */ (document.getElementById('start')).disabled === false);

test('an archive of pictures, dropped on any view, is told and learned from by its own classes', async () => {
  const bytes = zip([...bars(), ['bars/lying/broken.png', new TextEncoder().encode('no picture')]]);
  await inPage(
    page.tab,
    (/** @type {string} */ text) => {
      const file = new File([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))], 'bars.zip');
      const transfer = new DataTransfer();
      transfer.items.add(file);
      document.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
    },
    Buffer.from(bytes).toString('base64'),
  );
  await named('bars.zip: 120');
  assert.match(await page.notice(), /bars\/lying\/broken\.png/);
  const note = await inPage(page.tab, () => document.getElementById('data-note')?.textContent);
  assert.match(note, /16 × 16 pixels, 2 classes/);
  await ready();
  await page.set('preset', 'tiny');
  await page.set('epochs', '8');
  await page.tab.click('#start');
  await within(120, page.tab, 'the end', () => /^Finished after/.test(document.getElementById('run-state')?.textContent ?? ''));
  const told = await inPage(page.tab, () => document.getElementById('run-state')?.textContent);
  assert.ok(Number(/: ([\d.]+)%/.exec(told)?.[1]) > 90, told);
  const labels = await inPage(page.tab, () => document.getElementById('view-train')?.innerText ?? '');
  assert.ok(labels.includes('upright') && labels.includes('lying'));
});

test('a table of own digits takes the place of the data', async () => {
  const rows = Array.from({ length: 40 }, (_, i) => [i % 4, ...Array.from({ length: 64 }, (_, cell) => (cell % 4 === i % 4 ? 255 : 0))].join(','));
  await page.tab.choose('#data-files', [await page.file('stripes.csv', `${rows.join('\n')}\n`)]);
  await named('stripes.csv: 40');
  await ready();
});

test('what is no data set is refused by name, and the data of before stays', async () => {
  const before = await dataName();
  await page.tab.choose('#data-files', [await page.file('notes.csv', 'dear reader\n'), await page.file('more.txt', 'x'), await page.file('x.md', 'y')]);
  assert.match(await page.notice(), /CSV/);
  await named(before);
  await page.dismissAll();
  await page.tab.choose('#data-files', [await page.file('broken.zip', bars().length ? zip(bars()).subarray(0, 5000) : '')]);
  assert.match(await page.notice(), /archive is damaged/);
  await named(before);
});

test('a folder is read with its classes', { skip: ENGINE !== 'chromium' && 'only this engine is driven to choose a folder' }, async () => {
  for (const [path, bytes] of bars()) {
    const file = join(page.folder, path);
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, bytes);
  }
  await page.tab.choose('#data-folder', [join(page.folder, 'bars')]);
  await named('bars: 120');
  await ready();
});
