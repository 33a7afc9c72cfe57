// Makes the four pictures of README's tour: `cargo xtask build`, then `CHROME=… node docs/tour/make.mjs`.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { strokesOf } from '../../tests/web/harness/digits.js';
import { draw, inPage, until, within } from '../../tests/web/harness/engines.js';
import { Page } from '../../tests/web/harness/page.js';
import { rgbPng } from '../../tests/web/harness/pictures.js';

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
