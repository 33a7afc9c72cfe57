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
