// A training outlives its page: reloaded in the middle, it goes on from what was kept, to the very same weights.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { violations } from './harness/accessibility.js';
import { ENGINE, inPage, until, within } from './harness/engines.js';
import { Page } from './harness/page.js';

const PATIENCE = 400;
/**
 * So many that a fast machine, with two workers where they are tried, still trains when it is reloaded the second time: a
 * run is kept every 4 s.
 */
const N_EPOCHS = ENGINE === 'chromium' ? 14 : 8;

/** @type {Page} */
let page;
before(async () => {
  page = await Page.open();
});
after(() => page?.close());

async function openTraining() {
  await page.show('train');
  await until(page.tab, 'the sample', () => /** @type {HTMLButtonElement} */ (document.getElementById('start')).disabled === false);
}

/** @param {number} workers */
async function start(workers) {
  await openTraining();
  await page.set('preset', 'keras-cnn');
  await page.set('epochs', String(N_EPOCHS));
  await page.set('seed', '5');
  await page.set('workers', String(workers));
  await inPage(page.tab, () => delete /** @type {HTMLElement} */ (document.getElementById('view-train')).dataset['kept']);
  await page.tab.click('#start');
}

/** The hash of the file that "Save" gives once the run is finished. @returns {Promise<string>} */
async function finalHash() {
  await within(PATIENCE, page.tab, 'the result', () => /^Finished after/.test(document.getElementById('run-state')?.textContent ?? ''));
  await page.catchDownloads();
  await page.tab.click('#save-network');
  return until(page.tab, 'the file', async () => {
    const blob = /** @type {any} */ (globalThis).savedFile;
    if (!blob) return null;
    const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()));
    return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  });
}

/** Reloads once at least one state is kept in this page. */
async function reloadInTheMiddle() {
  await within(PATIENCE, page.tab, 'a kept state', () => Number(document.getElementById('view-train')?.dataset['kept'] ?? 0) >= 1);
  assert.equal(await inPage(page.tab, () => document.getElementById('view-train')?.dataset['state']), 'running');
  await page.tab.open(`${page.server.url}?again`);
  await page.ready();
}

/** @type {string} */
let uninterrupted;

test('an uninterrupted run, on one worker', async () => {
  await start(1);
  uninterrupted = await finalHash();
});

for (const workers of ENGINE === 'chromium' ? [1, 2] : [1]) {
  test(`a run on ${workers} worker${workers > 1 ? 's' : ''}, reloaded twice, ends with the same weights`, async () => {
    await start(workers);
    for (let again = 0; again < 2; again += 1) {
      await reloadInTheMiddle();
      await openTraining();
      const offer = await until(page.tab, 'the offer', () => {
        const kept = document.getElementById('kept');
        return kept?.hidden === false && kept.textContent;
      });
      assert.match(offer, /Two convolutions/);
      if (again === 0) assert.deepEqual(await violations(page.tab), []);
      await page.tab.click('#kept-go-on');
    }
    assert.equal(await finalHash(), uninterrupted);
    const epochs = await inPage(page.tab, () => document.querySelectorAll('#epoch-rows tr').length);
    assert.equal(epochs, N_EPOCHS, 'the epochs before the reload are shown, too');
  });
}

test('a helper that dies in the middle is done without, to the same weights', async () => {
  await inPage(page.tab, () => {
    const memory = /** @type {any} */ (globalThis);
    memory.workers = [];
    memory.Worker = class extends Worker {
      constructor(/** @type {string | URL} */ url, /** @type {WorkerOptions} */ options) {
        super(url, options);
        if (/\/worker\.js$/.test(String(url))) memory.workers.push(this);
      }
    };
  });
  await start(2);
  await within(PATIENCE, page.tab, 'a kept state', () => Number(document.getElementById('view-train')?.dataset['kept'] ?? 0) >= 1);
  const nWorkers = await inPage(page.tab, () => {
    const { workers } = /** @type {any} */ (globalThis);
    workers.at(-1).terminate();
    return workers.length;
  });
  assert.ok(nWorkers >= 2, `${nWorkers} workers for training`);
  assert.equal(await finalHash(), uninterrupted);
});

test('a finished run is not offered again, nor one that is not wanted', async () => {
  await page.tab.open(`${page.server.url}?once-more`);
  await page.ready();
  await openTraining();
  assert.equal(await inPage(page.tab, () => document.getElementById('kept')?.hidden), true);
});
