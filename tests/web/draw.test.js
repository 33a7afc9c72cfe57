// The Draw view: what a hand draws is read while it draws.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { strokesOf } from './harness/digits.js';
import { draw, ENGINE, inPage, until } from './harness/engines.js';
import { longTasksSince, watchLongTasks } from './harness/long-tasks.js';
import { NO_DIGIT_NETWORK, Page } from './harness/page.js';

/** @type {Page} */
let page;
before(async () => {
  page = await Page.open();
});
after(() => page?.close());

for (let digit = 0; digit < 10; digit += 1) {
  test(`a drawn ${digit} is read right`, { skip: NO_DIGIT_NETWORK }, async () => {
    await page.drawDigit(digit);
    assert.equal((await page.answer()).label, String(digit));
  });
}

for (const [what, digit, place] of /** @type {const} */ ([
  ['a tiny 7 in the corner', 7, { x: 0.15, y: 0.15, size: 0.25 }],
  ['a tiny 2 at the bottom', 2, { x: 0.6, y: 0.88, size: 0.2 }],
  ['a huge 3', 3, { size: 1.45 }],
])) {
  test(`${what} is read as well as a neat one`, { skip: NO_DIGIT_NETWORK }, async () => {
    await page.drawDigit(digit, place);
    assert.equal((await page.answer()).label, String(digit));
  });
}

test('the answer comes while the pen is still down', { skip: NO_DIGIT_NETWORK }, async () => {
  await page.clear();
  const box = await inPage(page.tab, () => {
    const { x, y, width, height } = /** @type {Element} */ (document.getElementById('pad')).getBoundingClientRect();
    return { x, y, width, height };
  });
  const at = (/** @type {[number, number]} */ [u, v]) =>
    /** @type {const} */ ({ type: 'move', x: Math.round(box.x + u * box.width), y: Math.round(box.y + v * box.height) });
  const [first = [], second] = strokesOf(1);
  assert.equal(second, undefined);
  const [start = [0, 0], ...rest] = first;
  await page.tab.pointer([at(start), { type: 'down' }, ...rest.map(at)]);
  const { confidence } = await page.answer();
  assert.ok(confidence > 0 && confidence <= 1);
  await page.tab.pointer([{ type: 'up' }]);
});

test('the page shows ten confidences that make one, and the picture the network sees', { skip: NO_DIGIT_NETWORK }, async () => {
  await page.drawDigit(5);
  await page.answer();
  const seen = await inPage(page.tab, () => document.getElementById('seen')?.getAttribute('aria-label'));
  assert.match(seen, /28 by 28/);
  const words = await inPage(page.tab, () => document.getElementById('bars')?.innerText ?? '');
  const labels = words.match(/^\d$/gm) ?? words.match(/\b\d\b/g) ?? [];
  assert.equal(new Set(labels).size, 10, words);
});

test('undo takes back one stroke, clear all of them, and a blank pad has no answer', { skip: NO_DIGIT_NETWORK }, async () => {
  const strokes = () => inPage(page.tab, () => /** @type {any} */ (document.getElementById('pad')).strokes.length);
  await page.drawDigit(4);
  assert.equal((await page.answer()).label, '4');
  assert.equal(await strokes(), 2);
  await page.tab.click('#undo');
  assert.equal(await strokes(), 1);
  await page.answer();
  await page.tab.click('#clear');
  await page.clear();
  assert.equal(await strokes(), 0);
});

test('a 1 can be drawn with the keyboard alone', { skip: NO_DIGIT_NETWORK }, async () => {
  await page.clear();
  await inPage(page.tab, () => document.getElementById('pad')?.focus());
  for (let row = 0; row < 8; row += 1) await page.tab.press('ArrowUp');
  await page.tab.press(' ');
  for (let row = 0; row < 16; row += 1) await page.tab.press('ArrowDown');
  await page.tab.press(' ');
  assert.equal((await page.answer()).label, '1');
  await page.tab.press('Escape');
  await until(page.tab, 'the blank pad', () => document.getElementById('pad')?.hasAttribute('blank'));
});

test('strokes arrive as the pen made them', async () => {
  await inPage(page.tab, () => document.getElementById('clear')?.click());
  await draw(page.tab, '#pad', [
    [[0.25, 0.25], [0.5, 0.25], [0.75, 0.75]],
    [[0.1, 0.9], [0.2, 0.8]],
  ]);
  const strokes = await inPage(page.tab, () => /** @type {any} */ (document.getElementById('pad')).strokes);
  assert.deepEqual(strokes.map((/** @type {any[]} */ stroke) => stroke.length), [3, 2]);
  const [first] = strokes[0];
  // The pad's own units: 280 a side; a pixel of the screen is less than one.
  assert.ok(Math.abs(first.x - 70) < 1 && Math.abs(first.y - 70) < 1, JSON.stringify(first));
});

// WebKitGTK's driver knows no touch.
test('no task of the page is long while digits are drawn and read', { skip: NO_DIGIT_NETWORK || (ENGINE !== 'chromium' && 'only Chromium tells of long tasks') }, async (context) => {
  await watchLongTasks(page.tab);
  // Measured by the clock, so one may be another program's doing. What is ours comes again.
  for (let again = 0; again < 3; again += 1) {
    await longTasksSince(page.tab);
    for (const digit of [8, 3, 5]) {
      await page.drawDigit(digit);
      await page.answer();
    }
    const longTasks = await longTasksSince(page.tab);
    context.diagnostic(`tasks over 50 ms: ${JSON.stringify(longTasks)}`);
    if (longTasks.length === 0) return;
  }
  assert.fail('each time a task of the main thread took more than 50 ms');
});

test('a finger draws, and the page does not scroll under it', { skip: ENGINE === 'webkit' }, async () => {
  await page.tab.resize(390, 500);
  await inPage(page.tab, () => document.getElementById('clear')?.click());
  await draw(page.tab, '#pad', [], 'touch');
  const before = await inPage(page.tab, () => [scrollY, document.documentElement.scrollHeight - innerHeight]);
  assert.ok(before[1] > 0, 'there is something to scroll');
  await draw(page.tab, '#pad', [[[0.5, 0.8], [0.5, 0.6], [0.5, 0.4], [0.5, 0.2]]], 'touch');
  const after = await inPage(page.tab, () => [
    scrollY,
    /** @type {any} */ (document.getElementById('pad')).strokes.map((/** @type {any[]} */ stroke) => stroke.length),
  ]);
  assert.equal(after[0], before[0]);
  assert.equal(after[1].length, 1);
  assert.ok(after[1][0] >= 3, JSON.stringify(after));
  await page.tab.resize(1280, 900);
});
