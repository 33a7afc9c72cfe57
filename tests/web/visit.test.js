// A visit as a whole: what it loads, from where, how much, under which policy, and without the network.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ENGINE, inPage, until } from './harness/engines.js';
import { NO_DIGIT_NETWORK, Page } from './harness/page.js';
import { SITE } from './harness/server.js';

/** Gzipped bytes that a first visit, and the engine of it, may have. The same as in xtask/src/size.rs. */
const MOST = 400_000;
const MOST_OF_ENGINE = 100_000;

/** @type {Page} */
let page;
before(async () => {
  page = await Page.open();
});
after(() => page?.close());

/** The page has what it needs to live without the network. */
const kept = () =>
  until(page.tab, 'the service worker', async () => {
    const registration = await navigator.serviceWorker.ready;
    return registration.active?.state === 'activated' && navigator.serviceWorker.controller !== null;
  });

test('everything asked for is there, and a first visit stays under its ceiling', async (context) => {
  await kept();
  assert.deepEqual(page.server.missing.filter((path) => !NO_DIGIT_NETWORK || !path.includes('digits')), []);
  const names = [...new Set(page.server.requests)].filter((name) => !NO_DIGIT_NETWORK || !name.includes('digits'));
  const later = names.filter((name) => /^data\/|^vendor\/|decode_bg|pkg\/engine|lib\/training(?!-options)/.test(name));
  assert.deepEqual(later, [], 'what is needed later is loaded later');
  const sizes = await Promise.all(names.map(async (name) => gzipSync(await readFile(join(SITE, name)), { level: 9 }).length));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const engine = sizes[names.findIndex((name) => name.endsWith('inference_bg.wasm'))] ?? Infinity;
  const ready = await inPage(page.tab, () => Math.round(performance.getEntriesByName('ready')[0]?.startTime ?? Infinity));
  context.diagnostic(`first visit: ${names.length} files, ${total} bytes gzipped, ${engine} of them engine; ready after ${ready} ms`);
  assert.ok(Number.isFinite(ready), 'the page tells when it is ready');
  assert.ok(total <= MOST, `${total} bytes`);
  assert.ok(engine <= MOST_OF_ENGINE, `${engine} bytes of engine`);
});

test('the policy allows no inline and no evaluated script, and nothing violates it', async () => {
  const policy = await inPage(page.tab, () =>
    document.querySelector('meta[http-equiv="Content-Security-Policy"]')?.getAttribute('content'),
  );
  assert.match(policy, /default-src 'none'|default-src 'self'/);
  assert.doesNotMatch(policy, /'unsafe-inline'|'unsafe-eval'/);
  assert.deepEqual((await page.tab.problems()).filter((problem) => problem.includes('CSP') || problem.includes('Content Security')), []);
});

test('after loading, drawing asks for nothing, and nothing ever leaves the origin', { skip: NO_DIGIT_NETWORK }, async () => {
  await kept();
  const before = page.server.requests.length;
  for (const digit of [7, 0]) {
    await page.drawDigit(digit);
    assert.equal((await page.answer()).label, String(digit));
  }
  assert.deepEqual(page.server.requests.slice(before), []);
  const { origin } = new URL(page.server.url);
  const foreign = (await page.tab.urls()).filter((url) => !url.startsWith('blob:') && !url.startsWith('data:') && !url.startsWith(origin));
  assert.deepEqual(foreign, []);
});

/** Opens every view, and trains for a moment. */
async function useEverything() {
  for (const view of /** @type {const} */ (['photos', 'teach', 'inside', 'generate'])) {
    await page.show(view);
    await until(page.tab, view, (/** @type {string} */ id) => document.getElementById(id)?.dataset['open'] === '', `view-${view}`);
  }
  await page.show('train');
  await until(page.tab, 'the sample', () => /** @type {HTMLButtonElement} */ (document.getElementById('start')).disabled === false);
  await page.tab.click('#start');
  await until(page.tab, 'a batch', () => Number.parseFloat(document.getElementById('fig-loss')?.textContent ?? '') > 0);
  await page.tab.click('#stop');
  // The last that comes, once the run has ended.
  await until(page.tab, 'the mistakes', () => document.querySelectorAll('#trials li').length > 0);
}

/** What the counter at the foot of the page says. @returns {Promise<{ summary: string, addresses: string[] }>} */
const counted = () =>
  inPage(page.tab, () => ({
    summary: document.querySelector('#requests summary')?.textContent ?? '',
    addresses: [...document.querySelectorAll('#requests li')].map((item) => /** @type {HTMLElement} */ (item).dataset['address']),
  }));

/** Some of what WebKitGTK's workers import goes past the service worker; the page says "in most browsers". */
const seesWorkers = ENGINE !== 'webkit';
const ofWorkers = /^lib\/(?!index|generator|spawn)/;

/** Waits until the counter has told all that the server was asked for since then; the browser itself looks for a new `sw.js`. */
async function countedAll(/** @type {number} */ before) {
  const asked = () => page.server.requests.slice(before).filter((name) => name !== 'sw.js' && (seesWorkers || !ofWorkers.test(name)));
  const told = await until(
    page.tab,
    'the count',
    (/** @type {number} */ n) => document.querySelectorAll('#requests li').length >= n,
    asked().length,
  ).then(counted);
  const seen = told.addresses.filter((address) => seesWorkers || !ofWorkers.test(address));
  assert.deepEqual(seen.sort(), asked().sort());
  return told;
}

test('the counter tells each request of the page and its workers that the server saw, and no other', async (context) => {
  await kept();
  assert.match((await counted()).summary, /^0 requests since/);
  const before = page.server.requests.length;
  await useEverything();
  const { summary, addresses } = await countedAll(before);
  assert.equal(Number.parseInt(summary, 10), addresses.length);
  assert.ok(addresses.includes('lib/pkg/engine_bg.wasm') && addresses.includes('lib/worker-later.js'), String(addresses));
  assert.doesNotMatch(summary, /not for/);
  context.diagnostic(`all views and a training: ${summary}`);
});

test('what is not a part of the page is called so, once', async () => {
  const elsewhere = await inPage(page.tab, async () => {
    const { href } = new URL('../elsewhere', location.href);
    await fetch(href, { method: 'POST', body: 'x' });
    return href;
  });
  await until(page.tab, 'the other request', () => document.querySelector('#requests[data-other]') !== null);
  const told = await counted();
  assert.equal(told.addresses.filter((address) => address === elsewhere).length, 1);
  assert.match(told.summary, /1 not for a part/);
  page.server.missing = [];
});

test('on the next visit all of it asks for nothing, which the counter says', async () => {
  await page.tab.open(page.server.url);
  await page.ready();
  const before = page.server.requests.length;
  await useEverything();
  const { summary } = await countedAll(before);
  assert.match(summary, /^0 requests since/);
});

test('a page once loaded works without the network', { skip: NO_DIGIT_NETWORK }, async () => {
  await kept();
  await page.server.stop();
  try {
    await page.tab.open(page.server.url);
    await page.ready();
    await page.drawDigit(7);
    assert.equal((await page.answer()).label, '7');
  } finally {
    await page.server.start();
  }
});
