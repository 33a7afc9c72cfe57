/** The documentation in `dist/site/docs`: every link leads somewhere, every exported name is explained. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const SITE = fileURLToPath(new URL('../../dist/site', import.meta.url));
const DOCS = join(SITE, 'docs');
const skip = !existsSync(join(DOCS, 'api.html')) && 'dist/site/docs is not built';
const names = skip ? [] : (await readdir(DOCS)).filter((name) => name.endsWith('.html'));
const read = (path) => readFile(path, 'utf8');

test('every link of every page leads to a file of the site, and to a place in it', { skip }, async () => {
  let nLinks = 0;
  for (const name of names) {
    const html = await read(join(DOCS, name));
    const ids = [...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
    assert.equal(new Set(ids).size, ids.length, `${name} has two places of one name`);
    for (const [, href] of html.matchAll(/\s(?:href|src)="([^"]*)"/g)) {
      if (/^[a-z]+:/.test(href)) continue;
      assert.ok(!href.startsWith('/'), `${name} links to ${href}, which fails under a sub-path`);
      const [path, anchor] = href.split('#');
      const file = path ? join(DOCS, path) : join(DOCS, name);
      assert.ok(existsSync(file), `${name} links to ${href}`);
      if (anchor) assert.match(await read(file), new RegExp(`\\sid="${anchor}"`), `${name} links to ${href}`);
      nLinks += 1;
    }
  }
  assert.ok(names.length >= 12 && nLinks > 500, `${names.length} pages, ${nLinks} links`);
});

test('the page itself and its README lead to the documentation', { skip }, async () => {
  assert.match(await read(join(SITE, 'index.html')), /href="docs\/index\.html"/);
});

test('the reference explains every name that the package exports', { skip }, async () => {
  const html = await read(join(DOCS, 'api.html'));
  const exported = Object.keys(await import('../../www/lib/node.js'));
  for (const file of ['index.d.ts', 'presets.d.ts', 'generator.d.ts', 'element.d.ts']) {
    const types = await read(fileURLToPath(new URL(`../../www/lib/${file}`, import.meta.url)));
    exported.push(...[...types.matchAll(/^export (?:declare )?(?:class|function|interface|type|const) (\w+)/gm)].map(([, name]) => name));
  }
  assert.ok(exported.length > 90);
  assert.deepEqual(exported.filter((name) => !html.includes(`<h3 id="${name}">`)), []);
});

test('the reference explains every public call of a classifier', { skip }, async () => {
  const html = await read(join(DOCS, 'api.html'));
  const { Classifier } = await import('../../www/lib/node.js');
  const calls = [...Object.getOwnPropertyNames(Classifier), ...Object.getOwnPropertyNames(Classifier.prototype)];
  const missing = calls.filter((name) => typeof (Classifier[name] ?? Classifier.prototype[name]) === 'function' && name !== 'constructor');
  assert.ok(missing.length > 25);
  assert.deepEqual(missing.filter((name) => !html.includes(`<h4 id="Classifier.${name}">`)), []);
});
