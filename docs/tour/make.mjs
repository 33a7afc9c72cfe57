// Makes the pictures of README's tour: `cargo xtask build`, then `CHROME=… node docs/tour/make.mjs`.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { strokesOf } from '../../tests/web/harness/digits.js';
import { draw, inPage, until, within } from '../../tests/web/harness/engines.js';
import { Page } from '../../tests/web/harness/page.js';
import { rgbPng } from '../../tests/web/harness/pictures.js';
import { zip } from '../../tests/web/harness/zip.js';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
/** Photos to show, or none: then plain ones are made. */
const photos = process.argv.slice(2);

const page = await Page.open();
const { tab } = page;
await tab.resize(1280, 800);
const keep = async (/** @type {string} */ name) => {
  await inPage(tab, () => new Promise((resolve) => setTimeout(resolve, 400)));
  await writeFile(join(FOLDER, `${name}.png`), await tab.screenshot());
};

// Draw: four digits at once.
for (const [place, digit] of [2, 0, 2, 6].entries()) {
  const strokes = strokesOf(digit).map((stroke) =>
    stroke.map(([x, y]) => /** @type {[number, number]} */ ([0.04 + 0.235 * place + 0.22 * x, 0.34 + 0.32 * y])),
  );
  await draw(tab, '#pad', strokes);
}
await until(tab, 'the answer', () => (document.getElementById('top-prediction')?.textContent ?? '').includes('2026'));
await inPage(tab, () => scrollTo(0, 0));
await keep('draw');

// Photos.
await page.show('photos');
await until(tab, 'the view', () => document.getElementById('view-photos')?.dataset['open'] === '');
const colors = [[40, 90, 200], [200, 120, 40], [60, 160, 70]];
const made = colors.map((color, n) => page.file(`made-${n}.png`, rgbPng(96, 64, (x, y) => (Math.hypot(x - 48, y - 36) < 22 ? color : [210 - y, 225 - y, 235]))));
await tab.choose('#photo-files', photos.length > 0 ? photos : await Promise.all(made));
await until(tab, 'the answers', () => document.getElementById('photo-cancel')?.hidden === true && document.getElementById('photo-one')?.hidden === false);
await keep('photos');

// Teach: three kinds of doodles.
/** Points of lines in a square of side 1. @type {Record<string, number[][][]>} */
const DOODLES = {
  house: [[[0.2, 0.5], [0.5, 0.2], [0.8, 0.5], [0.8, 0.85], [0.2, 0.85], [0.2, 0.5], [0.8, 0.5]], [[0.45, 0.85], [0.45, 0.65], [0.58, 0.65], [0.58, 0.85]]],
  fish: [[[0.15, 0.5], [0.3, 0.35], [0.5, 0.32], [0.68, 0.5], [0.85, 0.35], [0.85, 0.65], [0.68, 0.5], [0.5, 0.68], [0.3, 0.65], [0.15, 0.5]], [[0.3, 0.46], [0.32, 0.46]]],
  sun: [
    Array.from({ length: 17 }, (_, n) => [0.5 + 0.18 * Math.cos((n * Math.PI) / 8), 0.5 + 0.18 * Math.sin((n * Math.PI) / 8)]),
    ...Array.from({ length: 8 }, (_, n) => [0.27, 0.38].map((far) => [0.5 + far * Math.cos((n * Math.PI) / 4), 0.5 + far * Math.sin((n * Math.PI) / 4)])),
  ],
};
/** Drawn by a hand that is never twice the same. @param {string} kind @param {number} n */
function doodle(kind, n) {
  let state = n * 7919 + kind.length * 104729;
  const below = (/** @type {number} */ most) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32) * most;
  };
  const [side, size, turn] = [96, 0.75 + below(0.35), below(0.4) - 0.2];
  const [x0, y0] = [0.5 + below(0.1) - 0.05, 0.5 + below(0.1) - 0.05];
  const lines = (DOODLES[kind] ?? []).map((line) =>
    line.map(([x = 0, y = 0]) => {
      const [dx, dy] = [size * (x - 0.5 + below(0.05)), size * (y - 0.5 + below(0.05))];
      return [side * (x0 + dx * Math.cos(turn) - dy * Math.sin(turn)), side * (y0 + dx * Math.sin(turn) + dy * Math.cos(turn))];
    }),
  );
  const far = (/** @type {number} */ x, /** @type {number} */ y) =>
    Math.min(...lines.flatMap((line) => line.slice(1).map(([bx = 0, by = 0], place) => {
      const [ax = 0, ay = 0] = line[place] ?? [];
      const square = (bx - ax) ** 2 + (by - ay) ** 2;
      const share = Math.max(0, Math.min(1, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / (square || 1)));
      return Math.hypot(x - ax - share * (bx - ax), y - ay - share * (by - ay));
    })));
  return rgbPng(side, side, (x, y) => {
    const ink = Math.max(0, Math.min(1, 2.6 - far(x, y)));
    return [250 - ink * 220, 250 - ink * 215, 248 - ink * 190];
  });
}
await page.show('teach');
await until(tab, 'the view', () => document.getElementById('view-teach')?.dataset['open'] === '');
const doodles = Object.keys(DOODLES).flatMap((kind, index) =>
  Array.from({ length: [18, 14, 16][index] ?? 0 }, (_, n) => /** @type {[string, Uint8Array]} */ ([`doodles/${kind}/${n}.png`, doodle(kind, n)])),
);
await tab.choose('#teach-files', [await page.file('doodles.zip', zip(doodles))]);
await until(tab, 'the pictures', () => [...document.querySelectorAll('.class-count')].map((one) => Number.parseInt(one.textContent ?? '', 10)).join() === '14,18,16');
await tab.click('#teach-learn');
await within(120, tab, 'the lesson', () => document.getElementById('teach-progress')?.hidden === true && document.getElementById('teach-result')?.hidden === false);
await tab.choose('#teach-try-file', [await page.file('another.png', doodle('fish', 40))]);
await until(tab, 'an answer', () => document.getElementById('teach-answer')?.textContent?.startsWith('fish'));
await inPage(tab, () => scrollTo(0, 0));
await keep('teach');

// Train: one click, some epochs.
await page.show('train');
await until(tab, 'the sample', () => /** @type {HTMLButtonElement} */ (document.getElementById('start')).disabled === false);
await page.set('epochs', '4');
await tab.click('#start');
await within(300, tab, 'the result', () => /^Finished after/.test(document.getElementById('run-state')?.textContent ?? ''));
await inPage(tab, () => scrollTo(0, 0));
await keep('train');

// Inside.
await page.show('inside');
await until(tab, 'the view', () => document.getElementById('view-inside')?.dataset['open'] === '');
await draw(tab, '#inside-pad', strokesOf(3));
await inPage(tab, () => scrollTo(0, 0));
await within(60, tab, 'the numbers', () => (document.getElementById('inside-answer')?.textContent ?? '').startsWith('3'));
await keep('inside');
await page.close();
