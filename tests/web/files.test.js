// Files from outside: right ones are read, wrong ones get a clear message, and the page goes on.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { strokesOf } from './harness/digits.js';
import { inPage, until } from './harness/engines.js';
import { NO_DIGIT_NETWORK, Page } from './harness/page.js';
import { grayPng, inkOnPaper } from './harness/pictures.js';
import { SITE } from './harness/server.js';

/** @type {Page} */
let page;
before(async () => {
  page = await Page.open();
});
beforeEach(() => page.dismissAll());
after(() => page?.close());

/** The page still reads what is drawn. */
async function goesOn() {
  await page.drawDigit(7);
  assert.equal((await page.answer()).label, '7');
}

test('the decoder is loaded with the first picture, not before', { skip: NO_DIGIT_NETWORK }, async () => {
  assert.ok(!page.server.requests.some((name) => name.includes('decode_bg')), String(page.server.requests));
  await page.tab.choose('#picture-file', [await page.file('seven.png', inkOnPaper(strokesOf(7), 200))]);
  assert.equal((await page.answer()).label, '7');
  assert.ok(page.server.requests.some((name) => name.includes('decode_bg')));
  assert.equal(await page.notices(), '');
});

test('a picture without ink says so', { skip: NO_DIGIT_NETWORK }, async () => {
  await page.clear();
  await page.tab.choose('#picture-file', [await page.file('blank.png', grayPng(60, 40, new Uint8Array(2400).fill(255)))]);
  await until(page.tab, 'the words', () => /no digit/i.test(document.getElementById('top-prediction')?.textContent ?? ''));
  assert.equal(await inPage(page.tab, () => document.getElementById('top-prediction')?.dataset['label'] ?? null), null);
  await inPage(page.tab, () => document.getElementById('clear')?.click());
});

/** @type {[string, string, Uint8Array | string][]} */
const WRONG_PICTURES = [
  ['a text file named .png', 'letter.png', 'Dear reader, this is no picture at all.'],
  ['a header of two gigapixels', 'giant.png', grayPng(46_341, 46_341, new Uint8Array(64))],
  ['a cut-off picture', 'half.png', inkOnPaper(strokesOf(3), 120).subarray(0, 90)],
  ['an empty file', 'empty.png', ''],
];
for (const [what, name, content] of WRONG_PICTURES) {
  test(`${what} gives a clear message and the page goes on`, { skip: NO_DIGIT_NETWORK }, async () => {
    await page.clear();
    await page.tab.choose('#picture-file', [await page.file(name, content)]);
    const message = await page.notice();
    assert.ok(message.includes(name), message);
    assert.ok(message.length > name.length + 15 && !/panicked|undefined|unreachable|RuntimeError/.test(message), message);
    await page.dismissAll();
    await goesOn();
  });
}

const name = () => inPage(page.tab, () => document.getElementById('network-name')?.textContent);

test('a broken model file gives a clear message and the network stays', { skip: NO_DIGIT_NETWORK }, async () => {
  const model = await readFile(join(SITE, 'models/digits.safetensors'));
  const before = await name();
  const absurd = Buffer.from(model);
  absurd.writeBigUInt64LE(2n ** 62n);
  const garbled = Buffer.from(model);
  garbled.fill(0x7a, 8, 200);
  for (const [file, content] of /** @type {[string, Uint8Array][]} */ ([
    ['cut-off.safetensors', model.subarray(0, model.length / 2)],
    ['absurd.safetensors', absurd],
    ['garbled.safetensors', garbled],
    ['text.safetensors', Buffer.from('no network at all, only a few words')],
    ['empty.safetensors', Buffer.alloc(0)],
  ])) {
    await page.tab.choose('#network-file', [await page.file(file, content)]);
    const message = await page.notice();
    assert.ok(message.includes(file), message);
    assert.ok(!/panicked|undefined|unreachable|RuntimeError/.test(message), message);
    await page.dismissAll();
    assert.equal(await name(), before);
  }
  await goesOn();
});

test('the network that ships loads from a file, too, and reads the same', { skip: NO_DIGIT_NETWORK }, async () => {
  await page.drawDigit(8);
  const before = await page.answer();
  await page.tab.choose('#network-file', [join(SITE, 'models/digits.safetensors')]);
  await until(page.tab, 'the new name', () => document.getElementById('network-name')?.textContent === 'digits.safetensors');
  assert.deepEqual(await page.answer(), before);
});

test('nothing went wrong unseen', async () => {
  // A missing model is said above; whatever else stands here is a fault.
  const problems = (await page.tab.problems()).filter((problem) => !NO_DIGIT_NETWORK || !problem.includes('404'));
  assert.deepEqual(problems, []);
});
