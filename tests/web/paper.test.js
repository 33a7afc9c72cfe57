// The Photos view on a photo of handwriting: every digit found, boxed, read, and looked at; an empty page says so.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { violations } from './harness/accessibility.js';
import { strokesOf } from './harness/digits.js';
import { ENGINE, inPage, until, within } from './harness/engines.js';
import { NO_DIGIT_NETWORK, Page } from './harness/page.js';
import { paperPng } from './harness/pictures.js';

const skip = NO_DIGIT_NETWORK;
/** As a phone takes them, twelve megapixels; fewer where drawing the test's photo would take longest. */
const [WIDTH, HEIGHT] = ENGINE === 'chromium' ? [4000, 3000] : [1600, 1200];
/** Rows of numbers. */
const ROWS = [[[2, 0, 2, 6], [4, 1, 7]], [[8, 3, 5, 9]]];
/** Of a digit, as a share of the photo's height. */
const SIZE = 0.2;

/** The middle of each digit of the rows, in pixels. */
const places = ROWS.flatMap((numbers, row) =>
  numbers.flatMap((digits, number) =>
    digits.map((digit, place) => ({
      digit,
      x: WIDTH * (0.1 + 0.09 * place + 0.44 * number),
      y: HEIGHT * (0.3 + 0.3 * row),
    })),
  ),
);
const strokes = places.flatMap(({ digit, x, y }) =>
  strokesOf(digit, { x: 0, y: 0, size: 1 }).map((stroke) => stroke.map(([u, v]) => /** @type {[number, number]} */ ([x + SIZE * HEIGHT * u, y + SIZE * HEIGHT * v]))),
);

/** @type {Page} */
let page;
before(async () => {
  page = await Page.open();
  await page.show('photos');
  await until(page.tab, 'the view', () => document.getElementById('view-photos')?.dataset['open'] === '');
  await page.set('photo-network', 'paper');
});
after(() => page?.close());

test('each digit on squared paper is boxed where it is and read, in rows and numbers', { skip }, async (context) => {
  const file = await page.file('paper.png', paperPng(WIDTH, HEIGHT, strokes));
  await inPage(page.tab, () => {
    const memory = /** @type {any} */ (globalThis);
    memory.longTasks = [];
    memory.chosenAt = 0;
    document.getElementById('photo-files')?.addEventListener('change', () => (memory.chosenAt = performance.now()), { capture: true });
    new MutationObserver(() => (memory.boxedAt ??= document.querySelector('.paper-box') ? performance.now() : undefined)).observe(
      /** @type {Element} */ (document.getElementById('paper-picture')),
      { childList: true },
    );
    if (!PerformanceObserver.supportedEntryTypes.includes('longtask')) return;
    new PerformanceObserver((list) => memory.longTasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' });
  });
  await page.tab.choose('#photo-files', [file]);
  const text = await within(60, page.tab, 'the text', () => document.getElementById('paper-text')?.textContent);
  const { longTasks, milliseconds } = await inPage(page.tab, () => {
    const { longTasks, boxedAt, chosenAt } = /** @type {any} */ (globalThis);
    return { longTasks, milliseconds: boxedAt - chosenAt };
  });
  context.diagnostic(`${(WIDTH * HEIGHT) / 1e6} megapixels: boxed after ${Math.round(milliseconds)} ms; tasks over 50 ms: ${JSON.stringify(longTasks)}`);
  assert.equal(text, '2026 417\n8359');
  const boxes = await inPage(page.tab, () => {
    const canvas = /** @type {HTMLCanvasElement} */ (document.querySelector('#paper-picture canvas'));
    const picture = canvas.getBoundingClientRect();
    return [...document.querySelectorAll('.paper-box')].map((box) => {
      const { left, top, width, height } = box.getBoundingClientRect();
      return { x: (left + width / 2 - picture.left) / picture.width, y: (top + height / 2 - picture.top) / picture.height };
    });
  });
  assert.equal(boxes.length, places.length);
  // The picture shows a part of the photo, whose scale two digits tell.
  const [first, last] = [0, 6].map((at) => ({ box: boxes[at], place: places[at] }));
  const scale = ((last?.place?.x ?? 0) - (first?.place?.x ?? 0)) / ((last?.box?.x ?? 0) - (first?.box?.x ?? 0));
  for (const [at, { x, digit }] of places.entries()) {
    const off = ((boxes[at]?.x ?? 0) - (first?.box?.x ?? 0)) * scale + (first?.place?.x ?? 0) - x;
    assert.ok(Math.abs(off) < 0.035 * WIDTH, `the ${digit} at ${x} is boxed ${off} away`);
  }
});

test('a box that is chosen shows the digit as the network sees it, and how sure it is', { skip }, async () => {
  await page.tab.click('.paper-box:nth-of-type(4)');
  const shown = await inPage(page.tab, () => ({
    answer: document.getElementById('photo-answer')?.textContent,
    top: document.querySelector('#photo-bars li[data-top] .bar-label')?.textContent,
    side: /** @type {HTMLCanvasElement | null} */ (document.querySelector('#photo-seen canvas'))?.width,
    pressed: document.querySelectorAll('.paper-box[aria-pressed="true"]').length,
  }));
  assert.match(shown.answer ?? '', /^6, \d/);
  assert.deepEqual({ top: shown.top, side: shown.side, pressed: shown.pressed }, { top: '6', side: 28, pressed: 1 });
  await until(page.tab, 'the text in the table', () => document.querySelector('#photo-rows td:nth-child(2)')?.textContent === '2026 417 / 8359');
  assert.deepEqual(await violations(page.tab), []);
});

test('a page without digits says so, and a color network gets its square back', { skip }, async () => {
  await inPage(page.tab, () => document.getElementById('photo-clear')?.click());
  await page.tab.choose('#photo-files', [await page.file('empty.png', paperPng(2400, 1800, []))]);
  await within(60, page.tab, 'the words', () => document.getElementById('paper-none')?.checkVisibility());
  assert.equal(await inPage(page.tab, () => document.querySelectorAll('.paper-box').length), 0);
  assert.deepEqual(await violations(page.tab), []);
  await page.set('photo-network', 'color');
  await within(60, page.tab, 'the square', () => document.getElementById('photo-crop')?.checkVisibility() && document.getElementById('photo-answer')?.textContent);
});

test('nothing went wrong unseen', async () => {
  assert.deepEqual(await page.tab.problems(), []);
});
