// The Train view's editor of layers: what a network comes to as it is typed, errors at their line, and training it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { violations } from './harness/accessibility.js';
import { ENGINE, inPage, until, within } from './harness/engines.js';
import { Page } from './harness/page.js';

const skip = ENGINE === 'chromium' ? false : 'networks of own layers are tested in Node: the editor in Chromium';

/** @type {Page} */
let page;
before(async () => {
  if (skip) return;
  page = await Page.open({ hash: '#train' });
  await until(page.tab, 'the sample', () => /** @type {HTMLButtonElement} */ (document.getElementById('start')).disabled === false);
  await page.set('preset', 'logistic');
  await page.tab.click('#editor summary');
  await until(page.tab, 'the network', () => document.querySelectorAll('#editor tbody tr').length > 0);
});
after(() => page?.close());

const text = () => inPage(page.tab, () => /** @type {HTMLTextAreaElement} */ (document.getElementById('editor-text')).value);
const total = () => inPage(page.tab, () => document.getElementById('editor-total')?.textContent ?? '');

test('it begins with the chosen network, layer by layer', { skip }, async () => {
  assert.deepEqual((await text()).split('\n').map((/** @type {string} */ line) => JSON.parse(line).type), ['flatten', 'dense']);
  assert.match(await total(), /^7,850 parameters, 7,840 multiply-adds/);
});

test('another layer is seen as it is typed, and its work is counted', { skip }, async () => {
  await page.set('editor-text', '{"type":"flatten"}\n{"type":"dense","units":16}\n{"type":"relu"}\n{"type":"dense","units":10}');
  await until(page.tab, 'the total', () => document.getElementById('editor-total')?.textContent?.startsWith('12,730 '));
  const rows = await inPage(page.tab, () => [...document.querySelectorAll('#editor tbody tr')].map((row) => [...row.children].map((cell) => cell.textContent)));
  assert.deepEqual(rows[2], ['dense_1', '16', '12,560', '12,544', '1 kB']);
  assert.deepEqual(await violations(page.tab), []);
});

for (const [what, line, lines] of /** @type {[string, number, string][]} */ ([
  ['what is no JSON', 2, '{"type":"flatten"}\n{"type":"dense" "units":10}'],
  ['an unknown option', 3, '{"type":"flatten"}\n\n{"type":"dense","unit":16}\n{"type":"dense","units":10}'],
  ['a layer that does not fit', 3, '{"type":"relu"}\n{"type":"relu"}\n{"type":"conv2d","filters":4,"kernelSize":99}\n{"type":"flatten"}\n{"type":"dense","units":10}'],
])) {
  test(`${what} is said at its line, and cannot be trained`, { skip }, async () => {
    await page.set('editor-text', lines);
    const told = await until(
      page.tab,
      'the line',
      (/** @type {string} */ start) => {
        const told = document.getElementById('editor-error')?.textContent ?? '';
        return told.startsWith(start) && told;
      },
      `Line ${line}:`,
    );
    assert.ok(told.length > 20, told);
    assert.equal(await inPage(page.tab, () => /** @type {HTMLButtonElement} */ (document.getElementById('editor-use')).disabled), true);
  });
}

test('the network of own layers is trained as others are', { skip }, async () => {
  await page.set('editor-text', '{"type":"flatten"}\n{"type":"dense","units":16}\n{"type":"relu"}\n{"type":"dense","units":10}');
  await until(page.tab, 'the network', () => !(/** @type {HTMLButtonElement} */ (document.getElementById('editor-use')).disabled));
  await page.tab.click('#editor-use');
  assert.equal(await inPage(page.tab, () => /** @type {HTMLSelectElement} */ (document.getElementById('preset')).value), 'own-layers');
  await page.set('epochs', '1');
  await page.tab.click('#start');
  await within(200, page.tab, 'the result', () => document.querySelectorAll('#trials li').length > 0);
  const accuracy = await inPage(page.tab, () => parseFloat(document.getElementById('fig-validation')?.textContent ?? ''));
  assert.ok(accuracy > 50, `${accuracy} %`);
  await page.catchDownloads();
  await page.tab.click('#save-network');
  const size = await until(page.tab, 'the file', () => /** @type {any} */ (globalThis).savedFile?.size);
  assert.ok(size > 4 * 12_730, `${size} bytes hold 12,730 parameters`);
  assert.deepEqual(await page.tab.problems(), []);
});
