/** Every block of JavaScript in the documentation and in the package's README runs as it stands. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFile, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

const built = await readFile(new URL('../../www/lib/pkg/build.js', import.meta.url)).catch(() => null);
const skip = !built && 'www/lib/pkg is not built';
const PACKAGE = new URL('../../www/lib/node.js', import.meta.url).href;
const PRESETS = new URL('../../www/lib/presets.js', import.meta.url).href;

/** A PNG of one gray pixel. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** What the blocks take as given: a page's address, and pictures. */
const GIVEN = `
globalThis.location = { href: 'http://localhost/' };
const upright = { strokes: [[{ x: 0, y: 0 }, { x: 2, y: 40 }]] };
const level = { strokes: [[{ x: 0, y: 0 }, { x: 40, y: 2 }]] };
globalThis.image = globalThis.canvas = upright;
globalThis.files = [upright, level];
globalThis.pictures = Array.from({ length: 12 }, (_, i) => ({ picture: i % 2 ? level : upright }));
`;

const folder = await mkdtemp(join(tmpdir(), 'ocelli-docs-'));
after(() => rm(folder, { recursive: true }));
await copyFile(new URL('../../www/models/digits.safetensors', import.meta.url), join(folder, 'model.safetensors'));
await writeFile(join(folder, 'picture.png'), Buffer.from(PNG, 'base64'));
await writeFile(join(folder, 'given.mjs'), GIVEN);

/**
 * A text's sections with code.
 * @param {string} markdown
 */
function sections(markdown) {
  return markdown.split(/^## /m).flatMap((section) => {
    const code = [...section.matchAll(/^```js\n(.*?)^```$/gms)].map(([, block]) => block).join('');
    return code ? [{ title: section.split('\n', 1)[0] ?? '', code }] : [];
  });
}

/**
 * @param {string} file
 * @returns {Promise<{ code: number | null, output: string }>}
 */
function run(file) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--import', './given.mjs', file], { cwd: folder, env: { ...process.env, NODE_OPTIONS: '' } });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
    child.on('close', (code) => resolve({ code, output }));
  });
}

const folderOf = new URL('../../docs/', import.meta.url);
const texts = ['www/npm.md', ...(await readdir(folderOf)).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)];

let nBlocks = 0;
for (const name of texts) {
  const markdown = await readFile(new URL(`../../${name}`, import.meta.url), 'utf8');
  for (const { title, code } of sections(markdown)) {
    test(`${name}, ${title}`, { skip }, async () => {
      nBlocks += 1;
      const file = join(folder, `${nBlocks}.mjs`);
      await writeFile(file, code.replaceAll("from 'ocelli/presets'", `from '${PRESETS}'`).replaceAll(/from 'ocelli(\/\w+)?'/g, `from '${PACKAGE}'`));
      const { code: status, output } = await run(file);
      assert.equal(status, 0, output);
    });
  }
}

test('the links of the guide lead to its sections', async () => {
  for (const name of ['docs/guide.md', 'www/npm.md']) {
    const markdown = await readFile(new URL(`../../${name}`, import.meta.url), 'utf8');
    const anchors = [...markdown.matchAll(/^## (.*)$/gm)].map(([, title]) => (title ?? '').toLowerCase().replaceAll(' ', '-'));
    const links = [...markdown.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);
    assert.deepEqual(links, anchors.filter((anchor) => links.includes(anchor)), name);
    assert.ok(links.length >= 7);
  }
});
