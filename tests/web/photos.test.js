// The Photos view: files, folders, drops, the clipboard and the camera; a table of answers; a square on one photo.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { violations } from './harness/accessibility.js';
import { ENGINE, inPage, until, within } from './harness/engines.js';
import { longTasksSince, watchLongTasks } from './harness/long-tasks.js';
import { Page } from './harness/page.js';
import { rgbPng } from './harness/pictures.js';

/** Photos of the test that must not hold up the page. */
const MANY = ENGINE === 'chromium' ? 500 : 40;
const EXIF = process.env.OCELLI_DATA ? join(process.env.OCELLI_DATA, 'images-exif-orientation') : '';

/** @type {Page} */
let page;
before(async () => {
  page = await Page.open();
  await page.show('photos');
  await until(page.tab, 'the view', () => document.getElementById('view-photos')?.dataset['open'] === '');
});
after(() => page?.close());

/** Two halves of different colors, so that moving the square shows something else. @param {number} n */
const photo = (n) =>
  rgbPng(96, 64, (x, y) => (x < 48 ? [(n * 37) % 256, (n * 91) % 256, y * 3] : [255 - y * 2, 40, (n * 53) % 256]));

/** @returns {Promise<string[][]>} */
const rows = () =>
  inPage(page.tab, () =>
    [...document.querySelectorAll('#photo-rows tr')].map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent ?? '')),
  );
const settled = (/** @type {number} */ n) =>
  within(
    120,
    page.tab,
    `${n} answers`,
    (/** @type {number} */ n) =>
      document.getElementById('photo-cancel')?.hidden === true &&
      document.querySelectorAll('#photo-rows tr').length === n &&
      ![...document.querySelectorAll('#photo-rows td')].some((cell) => cell.textContent === '…'),
    n,
  );
const clear = () => inPage(page.tab, () => document.getElementById('photo-clear')?.click());

test('photos are answered in a table; a broken or foreign file is a row with its reason', async () => {
  const files = await Promise.all([
    page.file('first.png', photo(1)),
    page.file('second.png', photo(2)),
    page.file('letter.png', 'Dear reader, this is no picture at all.'),
    page.file('phone.heic', '\0\0\0\x18ftypheic\0\0\0\0mif1heic'),
    page.file('drawing.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>'),
  ]);
  await page.tab.choose('#photo-files', files);
  await settled(5);
  const [first, second, letter, phone, drawing] = await rows();
  for (const row of [first, second]) {
    assert.match(row?.[1] ?? '', /^[a-z]+$/);
    assert.match(row?.[2] ?? '', /^\d+(\.\d)?%$/);
  }
  assert.ok((letter?.[1] ?? '').length > 20, letter?.[1] ?? 'no reason');
  assert.match(phone?.[1] ?? '', /HEIC/);
  assert.match(drawing?.[1] ?? '', /SVG/);
  assert.deepEqual(await violations(page.tab), []);
});

test('the square moves by pointer and keys, and the answer follows', async () => {
  await until(page.tab, 'the photo', () => document.getElementById('photo-one')?.hidden === false);
  const seen = () =>
    until(page.tab, 'the square read', () => {
      const canvas = document.querySelector('#photo-seen canvas');
      if (!(canvas instanceof HTMLCanvasElement) || canvas.width < 8) return null;
      const answer = document.getElementById('photo-answer')?.textContent;
      return answer && [...(canvas.getContext('2d')?.getImageData(0, 0, canvas.width, 1).data ?? [])].join();
    });
  const changedFrom = (/** @type {string} */ before) =>
    until(
      page.tab,
      'another part',
      (/** @type {string} */ before) => {
        const canvas = /** @type {HTMLCanvasElement} */ (document.querySelector('#photo-seen canvas'));
        const now = [...(canvas.getContext('2d')?.getImageData(0, 0, canvas.width, 1).data ?? [])].join();
        return now !== before && now;
      },
      before,
    );
  const middle = await seen();
  await inPage(page.tab, () => document.getElementById('photo-crop')?.focus());
  await page.tab.press('ArrowRight');
  const byKey = await changedFrom(middle);
  const box = await inPage(page.tab, () => {
    const element = document.getElementById('photo-crop');
    element?.scrollIntoView({ block: 'center', behavior: 'instant' });
    const { x, y, width, height } = /** @type {Element} */ (element).getBoundingClientRect();
    return { x, y, width, height };
  });
  const at = (/** @type {number} */ x) => ({ type: /** @type {const} */ ('move'), x: Math.round(box.x + x * box.width), y: Math.round(box.y + box.height / 2) });
  await page.tab.pointer([at(0.5), { type: 'down' }, at(0.4), at(0.2), { type: 'up' }]);
  await changedFrom(byKey);
  await page.tab.click('#crop-whole');
  await until(page.tab, 'the middle again', (/** @type {string} */ middle) => {
    const canvas = /** @type {HTMLCanvasElement} */ (document.querySelector('#photo-seen canvas'));
    return [...(canvas.getContext('2d')?.getImageData(0, 0, canvas.width, 1).data ?? [])].join() === middle;
  }, middle);
});

test('what speaks for a class is laid over the square, by every method', async () => {
  await inPage(page.tab, () => /** @type {HTMLDetailsElement} */ (document.getElementById('photo-why')).setAttribute('open', ''));
  const heat = (/** @type {string} */ method, label = '') =>
    within(60, page.tab, `the heat of ${label || 'the answer'} by ${method}`, (/** @type {string} */ method, /** @type {string} */ label) => {
      const canvas = /** @type {HTMLCanvasElement | null} */ (document.querySelector('#photo-crop .crop-frame canvas'));
      if (canvas?.dataset['method'] !== method || (label && canvas.dataset['label'] !== label)) return null;
      return [...(canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [])].filter((_, at) => at % 4 === 3).join();
    }, method, label);
  const answer = await heat('gradCam');
  assert.ok(new Set(answer.split(',')).size > 3, 'some places are hotter than others');
  await page.set('why-method', 'occlusion');
  await page.set('why-class', '3');
  const other = await heat('occlusion', 'cat');
  assert.notEqual(other, answer);
  await inPage(page.tab, () => /** @type {HTMLDetailsElement} */ (document.getElementById('photo-why')).removeAttribute('open'));
  await until(page.tab, 'the photo alone', () => document.querySelector('#photo-crop .crop-frame canvas') === null);
});

test('on a phone a chosen photo comes into sight, and the way back leads to its row', async () => {
  await page.tab.resize(390, 844);
  await inPage(page.tab, () => scrollTo(0, 0));
  await page.tab.click('#photo-rows button[title="first.png"]');
  await until(page.tab, 'the photo in sight', () => {
    const { top = -1 } = document.getElementById('photo-one')?.getBoundingClientRect() ?? {};
    return top > -1 && top < innerHeight / 2;
  });
  await page.tab.click('#photo-back');
  await until(page.tab, 'the row in sight', () => {
    const row = document.activeElement;
    const { top = -1 } = row?.getBoundingClientRect() ?? {};
    return row?.getAttribute('aria-current') === 'true' && top >= 0 && top < innerHeight;
  });
  await page.tab.resize(1280, 900);
  assert.equal(await inPage(page.tab, () => document.getElementById('photo-back')?.checkVisibility()), false);
});

test('the table sorts, filters and is saved', async () => {
  await page.tab.click('[data-sort="confidence"]');
  const confidences = (await rows()).map((row) => parseFloat(row[2] ?? '-1'));
  assert.deepEqual(confidences, [...confidences].sort((a, b) => (Number.isNaN(b) ? -1 : b) - (Number.isNaN(a) ? -1 : a)));
  await page.set('photo-label', '!');
  assert.equal((await rows()).length, 3);
  await page.set('photo-label', '*');
  await page.catchDownloads();
  await page.tab.click('#photo-csv');
  const csv = await until(page.tab, 'the table', async () => /** @type {any} */ (globalThis).savedFile?.text());
  const lines = csv.trim().split('\r\n');
  assert.equal(lines[0], 'file,label,confidence,problem');
  assert.equal(lines.length, 6);
  assert.match(lines[1], /^first\.png,[a-z]+,0\.\d{4},$/);
});

test('files dropped or pasted on the view are classified', async () => {
  await clear();
  const bytes = [...photo(7)];
  await inPage(page.tab, (/** @type {number[]} */ bytes) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array(bytes)], 'dropped.png', { type: 'image/png' }));
    document.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
  }, bytes);
  await settled(1);
  assert.match((await rows())[0]?.[0] ?? '', /dropped\.png/);
  assert.equal(await inPage(page.tab, () => location.hash), '#photos', 'the view keeps what is dropped on it');
});

test('hundreds of photos hold nothing up and can be canceled', async (context) => {
  await clear();
  await watchLongTasks(page.tab);
  const files = await Promise.all(Array.from({ length: MANY }, (_, n) => page.file(`many-${n}.png`, photo(n))));
  await page.tab.choose('#photo-files', files);
  await within(240, page.tab, 'all answers', (/** @type {number} */ n) => {
    return document.getElementById('photo-cancel')?.hidden === true && document.getElementById('photo-state')?.textContent?.startsWith(String(n));
  }, MANY);
  const longTasks = await longTasksSince(page.tab);
  context.diagnostic(`${MANY} photos; tasks over 50 ms: ${JSON.stringify(longTasks)}`);
  // One by the clock may be another program's doing; what is ours comes again with the photos.
  assert.ok(longTasks.length <= 2, JSON.stringify(longTasks));
  const shown = (await rows()).length;
  assert.equal(shown, Math.min(100, MANY));

  await page.tab.choose('#photo-files', files);
  await until(page.tab, 'the cancel button', () => document.getElementById('photo-cancel')?.hidden === false);
  await page.tab.click('#photo-cancel');
  await until(page.tab, 'the end', () => document.getElementById('photo-cancel')?.hidden === true);
  await page.set('photo-label', '!');
  assert.ok((await rows()).length > 0, 'those that were not read say so');
  await page.set('photo-label', '*');
});

test('a camera takes photos', { skip: ENGINE !== 'chromium' && 'only Chromium has a made-up camera' }, async () => {
  await clear();
  await page.tab.click('#photo-camera');
  await until(page.tab, 'the picture', () => /** @type {HTMLVideoElement} */ (document.getElementById('camera-picture')).videoWidth > 0);
  await page.tab.click('#camera-take');
  await settled(1);
  assert.match((await rows())[0]?.[0] ?? '', /camera-1/);
  await page.show('draw');
  await until(page.tab, 'the camera to be let go', () => /** @type {HTMLVideoElement} */ (document.getElementById('camera-picture')).srcObject === null);
  await page.show('photos');
});

test('photos are upright whatever their EXIF says', { skip: (!EXIF || !existsSync(EXIF)) && 'OCELLI_DATA has no EXIF cases' }, async () => {
  await clear();
  const names = Array.from({ length: 8 }, (_, n) => join(EXIF, `Landscape_${n + 1}.jpg`)).filter(existsSync);
  assert.ok(names.length >= 8, 'the eight orientations');
  await page.tab.choose('#photo-files', names);
  await settled(names.length);
  /** How far each small picture is from the first one, a value. @type {number[]} */
  const far = await inPage(page.tab, () => {
    const pictures = [...document.querySelectorAll('#photo-rows canvas')].map(
      (canvas) => [...(/** @type {HTMLCanvasElement} */ (canvas).getContext('2d')?.getImageData(0, 0, 96, 96).data ?? [])],
    );
    return pictures.map((data) => data.reduce((sum, value, at) => sum + Math.abs(value - (pictures[0]?.[at] ?? 0)), 0) / data.length);
  });
  assert.equal(far.length, names.length);
  assert.ok(far.every((value) => value < 20), far.join());
});

test('in Chinese the ten classes and what went wrong are told in Chinese; the saved table keeps the network’s names', async () => {
  await inPage(page.tab, () => localStorage.setItem('ocelli-language', 'zh'));
  await page.tab.open(`${page.server.url}?zh#photos`);
  await page.ready();
  await until(page.tab, 'the view', () => document.getElementById('view-photos')?.dataset['open'] === '');
  const broken = photo(1).slice(0, 60);
  await page.tab.choose('#photo-files', [await page.file('first.png', photo(1)), await page.file('broken.png', broken)]);
  await settled(2);
  const [first, second] = await rows();
  assert.match(first?.[1] ?? '', /^\p{Script=Han}+$/u);
  assert.match(second?.[1] ?? '', /^无法读取图片：应为完整的 PNG 文件，实际是过早结束的文件。$/);
  const shown = await inPage(page.tab, () => [...document.querySelectorAll('#photo-label option, #why-class option')].map((option) => option.textContent));
  assert.deepEqual(['飞机', '汽车', '鸟', '猫', '鹿', '狗', '青蛙', '马', '船', '卡车'].filter((name) => !shown.includes(name)), []);
  await page.catchDownloads();
  await page.tab.click('#photo-csv');
  const csv = await until(page.tab, 'the table', () => /** @type {any} */ (globalThis).savedFile?.text());
  assert.match(csv, /^file,label,confidence,problem\r\nfirst\.png,[a-z]+,/);
  await inPage(page.tab, () => localStorage.removeItem('ocelli-language'));
});

test('nothing went wrong unseen', async () => {
  assert.deepEqual((await page.tab.problems()).filter((problem) => !problem.includes('404')), []);
});
