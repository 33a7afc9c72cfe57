// The documentation as a reader has it: no barriers, nothing too wide, in light and dark; and the page of the quick start works.

import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { violations } from './harness/accessibility.js';
import { strokesOf } from './harness/digits.js';
import { ENGINE, draw, inPage, openTab, until } from './harness/engines.js';
import { NO_DIGIT_NETWORK } from './harness/page.js';
import { SITE, SiteServer } from './harness/server.js';

const skip = ENGINE !== 'chromium' && 'the documentation is looked at in Chromium only';
const server = new SiteServer();
before(() => server.start());
after(() => server.stop());

for (const dark of [false, true]) {
  test(`every page is free of barriers in ${dark ? 'dark' : 'light'}, and as wide as its window`, { skip }, async () => {
    const tab = await openTab({ dark });
    try {
      const names = (await readdir(join(SITE, 'docs'))).filter((name) => name.endsWith('.html'));
      assert.ok(names.length >= 12);
      for (const name of names) {
        await tab.open(`${server.url}docs/${name}`);
        for (const [width, height] of /** @type {const} */ ([[360, 740], [1280, 900]])) {
          await tab.resize(width, height);
          const [wide, room] = await inPage(tab, () => [document.documentElement.scrollWidth, innerWidth]);
          assert.ok(wide <= room, `${name}: ${wide} pixels wide on ${room}`);
          const [brand, ways] = await inPage(tab, () => ['.brand', '.ways'].map((one) => document.querySelector(one)?.getBoundingClientRect().top ?? -1));
          assert.ok(Math.abs((brand ?? -1) - (ways ?? 99)) < 20, `${name}: the head is one line`);
        }
        assert.deepEqual(await violations(tab), [], name);
      }
      assert.deepEqual(await tab.problems(), []);
      assert.deepEqual(server.missing, []);
    } finally {
      await tab.close();
    }
  });
}

test('the page of the quick start reads a digit as it stands, with the package beside it', { skip: skip || NO_DIGIT_NETWORK }, async () => {
  const markdown = await readFile(new URL('../../docs/quick-start.md', import.meta.url), 'utf8');
  const [, html = ''] = /^```html\n(.*?)^```$/ms.exec(markdown) ?? [];
  const types = { js: 'text/javascript', wasm: 'application/wasm' };
  const beside = createServer(async (request, response) => {
    const name = (request.url ?? '').replace('/ocelli/models/', 'models/').replace('/ocelli/', 'lib/');
    if (name === '/') return response.writeHead(200, { 'Content-Type': 'text/html' }).end(html);
    const bytes = await readFile(join(SITE, name)).catch(() => null);
    const type = types[/** @type {'js' | 'wasm'} */ (name.split('.').at(-1))] ?? 'application/octet-stream';
    return response.writeHead(bytes ? 200 : 404, { 'Content-Type': type }).end(bytes);
  });
  await new Promise((resolve) => beside.listen(0, 'localhost', () => resolve(undefined)));
  const tab = await openTab();
  try {
    await tab.open(`http://localhost:${/** @type {import('node:net').AddressInfo} */ (beside.address()).port}/`);
    await until(tab, 'the element', () => customElements.whenDefined('digit-pad').then(() => true));
    await draw(tab, 'digit-pad', strokesOf(7));
    await until(tab, 'the digit', () => document.querySelector('output')?.textContent === '7');
    assert.deepEqual((await tab.problems()).filter((problem) => !problem.includes('favicon')), []);
  } finally {
    await tab.close();
    beside.close();
    beside.closeAllConnections();
  }
});
