// Everybody can use the page: axe finds nothing, in light and dark, on a phone and on a desk, and nothing overflows.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { violations } from './harness/accessibility.js';
import { ENGINE, inPage, until } from './harness/engines.js';
import { Page } from './harness/page.js';

const SIZES = /** @type {const} */ ([
  ['a desk', 1280, 900],
  ['a small phone', 360, 740],
  ['a phone', 390, 844],
]);

/** In the page: what cannot be pressed since something else lies over it, wherever it is scrolled to. */
function covered() {
  const all = /** @type {HTMLElement[]} */ ([...document.querySelectorAll('button, a[href], select, summary, input, textarea')]);
  const scrolled = scrollY;
  const found = all.filter((one) => {
    if (one.matches(':disabled') || !one.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return false;
    one.scrollIntoView({ block: 'center', behavior: 'instant' });
    const { left, top, width, height } = one.getBoundingClientRect();
    const [x, y] = [left + width / 2, top + height / 2];
    // What only readers of the screen meet is a pixel large, or outside.
    if (width < 2 || height < 2 || x < 0 || y < 0 || x >= innerWidth || y >= innerHeight) return false;
    const hit = document.elementFromPoint(x, y);
    return hit !== null && !one.contains(hit) && !hit.contains(one) && hit.closest('label')?.control !== one;
  });
  scrollTo(0, scrolled);
  return found.map((one) => one.id || one.outerHTML.slice(0, 80));
}

// Only these two can be told which colors their user likes.
for (const dark of ENGINE === 'webkit' ? [false] : [false, true]) {
  test(`no barriers in ${dark ? 'dark' : 'light'}`, async (context) => {
    const page = await Page.open({ dark });
    try {
      const wants = await inPage(page.tab, () => matchMedia('(prefers-color-scheme: dark)').matches);
      assert.equal(wants, dark);
      for (const [name, width, height] of SIZES) {
        await page.tab.resize(width, height);
        for (const view of /** @type {const} */ (['draw', 'photos', 'teach', 'train', 'inside', 'generate'])) {
          await context.test(`${view} on ${name}`, async () => {
            await page.show(view);
            if (view === 'train') {
              await until(page.tab, 'the sample', () => /** @type {HTMLButtonElement} */ (document.getElementById('start')).disabled === false);
            }
            // Views that are loaded when they are first shown.
            if (view !== 'draw' && view !== 'train') {
              await until(page.tab, 'the view', (/** @type {string} */ id) => document.getElementById(id)?.dataset['open'] === '', `view-${view}`);
            }
            assert.deepEqual(await violations(page.tab), []);
            assert.deepEqual(await inPage(page.tab, covered), [], 'under something else');
            const [wide, room] = await inPage(page.tab, () => [document.documentElement.scrollWidth, innerWidth]);
            assert.ok(wide <= room, `${wide} pixels wide on ${room}`);
          });
        }
      }
      await context.test('draw with a drawing', async () => {
        await page.show('draw');
        await page.drawDigit(7);
        assert.deepEqual(await violations(page.tab), []);
      });
    } finally {
      await page.close();
    }
  });
}
