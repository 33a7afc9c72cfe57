// A visit as a whole: what it loads, from where, how much, under which policy, and without the network.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { inPage, until } from './harness/engines.js';
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
  context.diagnostic(`first visit: ${names.length} files, ${total} bytes gzipped, ${engine} of them engine`);
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
