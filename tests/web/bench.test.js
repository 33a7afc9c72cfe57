// The benchmark page: measures in this browser, can be stopped, gives its result as text.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { violations } from './harness/accessibility.js';
import { inPage, openTab, until, within } from './harness/engines.js';
import { SiteServer } from './harness/server.js';

const server = new SiteServer();
/** @type {import('./harness/engines.js').Tab} */
let tab;
before(async () => {
  await server.start();
  tab = await openTab();
  await tab.open(`${server.url}bench/index.html`);
  await until(tab, 'the networks to choose', () => document.querySelectorAll('#jobs input').length === 4);
});
after(async () => {
  await tab?.close();
  await server.stop();
});

const idle = (/** @type {number} */ seconds) => within(seconds, tab, 'the end', () => document.documentElement.dataset.state === 'idle');

/** Leaves only the first network ticked. */
const onlyFirst = () =>
  inPage(tab, () =>
    document.querySelectorAll('#jobs input').forEach((box, index) => {
      /** @type {HTMLInputElement} */ (box).checked = index === 0;
    }),
  );

test('one network is measured, and the result can be taken along as text', async () => {
  await onlyFirst();
  await tab.click('#start');
  await idle(120);
  const { state, lines } = await inPage(tab, () => ({
    state: document.getElementById('state')?.textContent,
    lines: [...document.querySelectorAll('#rows tr')].map((row) => /** @type {HTMLElement} */ (row).innerText),
  }));
  assert.equal(state, 'Done.');
  assert.ok(lines.length >= 4, lines.join('\n'));
  for (const line of lines) assert.match(line, /\d ms/);

  // Wherever the clipboard is, the text is in the field too.
  await tab.click('#copy-json');
  const rows = JSON.parse(await inPage(tab, () => /** @type {HTMLTextAreaElement} */ (document.getElementById('text')).value));
  assert.equal(rows.length, lines.length);
  for (const { job, subject, unit, median, min, max, runs } of rows) {
    assert.deepEqual({ job, subject, unit, runs }, { job: 'M1', subject: 'ocelli', unit: 'ms', runs: 5 });
    assert.ok(0 < min && min <= median && median <= max, JSON.stringify({ min, median, max }));
  }
  await tab.click('#copy-markdown');
  const text = await inPage(tab, () => /** @type {HTMLTextAreaElement} */ (document.getElementById('text')).value);
  assert.match(text, /^Ocelli, build [0-9a-f-]+: /);
  assert.match(text, /\|---\|/);
  assert.deepEqual(await violations(tab), []);
});

test('a run can be stopped', async () => {
  await onlyFirst();
  await tab.click('#start');
  await until(tab, 'the run', () => /^1 of /.test(document.getElementById('state')?.textContent ?? ''));
  await tab.click('#stop');
  await idle(30);
  assert.equal(await inPage(tab, () => document.getElementById('state')?.textContent), 'Stopped.');
  assert.equal(await inPage(tab, () => document.getElementById('start')?.hidden), false);
});

test('nothing went wrong, and nothing left the origin', async () => {
  assert.deepEqual((await tab.problems()).filter((problem) => !/clipboard/i.test(problem)), []);
  const { origin } = new URL(server.url);
  assert.deepEqual((await tab.urls()).filter((url) => !url.startsWith(origin) && !/^(blob|data):/.test(url)), []);
});
