// The Teach view: the network itself learns on after its last layer, as far as pictures held out are answered better for it.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { violations } from './harness/accessibility.js';
import { ENGINE, inPage, until, within } from './harness/engines.js';
import { Page } from './harness/page.js';
import { rgbPng } from './harness/pictures.js';
import { zip } from './harness/zip.js';

const KINDS = ['disc', 'cross'];
const TUNED = /The network itself learnt on: \d+ of 4 pictures held out are right|Learning on did not help/;

/** @type {Page} */
let page;
before(async () => {
  page = await Page.open();
  await page.showTeach();
});
after(() => page?.close());

/** A disc or a cross, hard to tell from its ground. @param {number} kind @param {number} n */
function photo(kind, n) {
  const [x0, y0] = [20 + ((n * 7) % 24), 20 + ((n * 11) % 24)];
  return rgbPng(64, 64, (x, y) => {
    const [dx, dy] = [x - x0, y - y0];
    const inside = kind === 0 ? dx * dx + dy * dy < 90 : (Math.abs(dx) < 3 || Math.abs(dy) < 3) && Math.abs(dx) + Math.abs(dy) < 16;
    const ground = [60 + ((x * 5 + n * 31) % 90), 90 + ((y * 7 + n * 17) % 80), 70 + (((x + y) * 3) % 60)];
    return inside ? ground.map((value) => value + 50 + (n % 3) * 20) : ground;
  });
}

const textOf = (/** @type {string} */ id) => inPage(page.tab, (/** @type {string} */ id) => document.getElementById(id)?.textContent ?? '', id);
const ended = () => within(300, page.tab, 'the end of the lesson', () => document.getElementById('teach-progress')?.hidden === true);
const counted = (/** @type {number[]} */ wanted) =>
  within(60, page.tab, 'the pictures', (/** @type {string} */ wanted) => {
    return JSON.stringify([...document.querySelectorAll('.class-count')].map((one) => Number.parseInt(one.textContent ?? '', 10))) === wanted;
  }, JSON.stringify(wanted));
async function answers() {
  await inPage(page.tab, () => {
    /** @type {HTMLElement} */ (document.getElementById('teach-answer')).textContent = '';
  });
  await page.tab.choose('#teach-try-file', [await page.file('other.png', photo(1, 23))]);
  await until(page.tab, 'an answer', () => /^(disc|cross)/.test(document.getElementById('teach-answer')?.textContent ?? ''));
}

test('canceled while the network learns on, what was learnt before stays', async () => {
  /** @type {[string, Uint8Array][]} */
  const files = [];
  for (let n = 0; n < 8; n += 1) KINDS.forEach((kind, index) => files.push([`shapes/${kind}/${n}.png`, photo(index, n)]));
  const archive = join(page.folder, 'shapes.zip');
  await writeFile(archive, zip(files));
  await page.tab.choose('#teach-files', [archive]);
  await counted([8, 8]);
  assert.equal(await inPage(page.tab, () => document.getElementById('teach-unfreeze-about')?.hidden), true);
  await page.set('teach-unfreeze', 'lastBlock');
  assert.equal(await inPage(page.tab, () => document.getElementById('teach-unfreeze-about')?.hidden), false);
  await page.tab.click('#teach-learn');
  await within(120, page.tab, 'the network to learn on', () => /learns on/.test(document.getElementById('teach-state')?.textContent ?? ''));
  await page.tab.click('#teach-cancel');
  await ended();
  assert.match(await textOf('teach-state'), /did not learn on/);
  assert.match(await textOf('teach-accuracy-about'), /of 16 pictures held out/);
  assert.equal(await inPage(page.tab, () => document.getElementById('teach-tuned')?.hidden), true);
  await answers();
});

test('the network learns on, pictures held out say whether that helped, and the view says so', async (context) => {
  const start = performance.now();
  await page.tab.click('#teach-learn');
  await ended();
  const told = await textOf('teach-tuned');
  context.diagnostic(`${((performance.now() - start) / 1000).toFixed(1)} s: ${told}`);
  assert.match(told, TUNED);
  assert.match(await textOf('teach-state'), /Learnt from all pictures/);
  assert.deepEqual(await violations(page.tab), []);
  await answers();
});

test('a reload and a project file keep that the network learnt on', async () => {
  await page.dismissAll();
  const told = [await textOf('teach-tuned'), await textOf('teach-accuracy-about')];
  await page.tab.open(page.server.url);
  await page.ready();
  await page.showTeach();
  await counted([8, 8]);
  const state = async () => [await textOf('teach-tuned'), await textOf('teach-accuracy-about')];
  await until(page.tab, 'what was learnt', () => document.getElementById('teach-try')?.hidden === false);
  assert.deepEqual(await state(), told);
  assert.equal(await inPage(page.tab, () => /** @type {HTMLSelectElement} */ (document.getElementById('teach-unfreeze')).value), 'lastBlock');
  await page.catchDownloads();
  await page.tab.click('#teach-save-project');
  const file = await until(page.tab, 'the project', async () => {
    const bytes = await /** @type {any} */ (globalThis).savedFile?.arrayBuffer();
    return bytes && Array.from(new Uint8Array(bytes));
  });
  await page.tab.click('#teach-new-project');
  await counted([0, 0]);
  await page.tab.choose('#teach-open-project', [await page.file('own.zip', Uint8Array.from(file))]);
  await counted([8, 8]);
  await until(page.tab, 'what was learnt', () => document.getElementById('teach-try')?.hidden === false);
  assert.deepEqual(await state(), told);
  await answers();
});

test('a class too small to be judged is said so, and the last layer is learnt all the same', { skip: ENGINE !== 'chromium' && 'one engine is enough' }, async () => {
  await page.tab.click('#teach-new-project');
  await counted([0, 0]);
  await page.dismissAll();
  /** @type {[string, Uint8Array][]} */
  const files = KINDS.flatMap((kind, index) => [0, 1].map((n) => /** @type {[string, Uint8Array]} */ ([`few/${kind}/${n}.png`, photo(index, n)])));
  await page.tab.choose('#teach-files', [await page.file('few.zip', zip(files))]);
  await counted([2, 2]);
  await page.set('teach-unfreeze', 'all');
  await page.tab.click('#teach-learn');
  await ended();
  assert.match(await page.notice(), /needs 3 pictures or more/);
  await answers();
});
