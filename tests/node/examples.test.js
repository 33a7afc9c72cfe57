/** The scripts in `examples/node`, run beside an installed package. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { access, cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { rgbPng } from '../web/harness/pictures.js';

const PACKAGE = fileURLToPath(new URL('../../dist/npm', import.meta.url));
const skip = (await access(join(PACKAGE, 'package.json')).catch(() => true)) && 'dist/npm is not built';

const folder = await mkdtemp(join(tmpdir(), 'ocelli-examples-'));
after(() => rm(folder, { recursive: true }));
await cp(new URL('../../examples/node', import.meta.url), folder, { recursive: true });
await mkdir(join(folder, 'node_modules'));
await symlink(PACKAGE, join(folder, 'node_modules/ocelli'), 'junction');

/** What a script prints. */
async function run(...args) {
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder, env: { ...process.env, NODE_OPTIONS: '' } });
  return stdout;
}

test('train.mjs makes a model of folders of pictures, and classify.mjs tells with it what new ones show', { skip }, async () => {
  const striped = (upright, n) => rgbPng(24, 24, (x, y) => (((upright ? x : y) + n) % 8 < 4 ? [0, 9 * n, 40] : [250, 240, 255 - 9 * n]));
  for (const [name, upright] of [['upright', true], ['level', false]]) {
    await mkdir(join(folder, 'pictures', name), { recursive: true });
    for (let n = 0; n < 20; n += 1) await writeFile(join(folder, 'pictures', name, `${n}.png`), striped(upright, n % 8));
    await writeFile(join(folder, `${name}.png`), striped(upright, 3));
  }
  const output = await run('train.mjs', 'pictures', 'stripes.safetensors');
  assert.match(output, /^40 pictures of level, upright\n/);
  assert.match(output, /epoch 10, .*% of the pictures that were held out/s);
  const answers = await run('classify.mjs', 'stripes.safetensors', 'upright.png', 'level.png');
  assert.match(answers, /^upright\.png: upright .*\nlevel\.png: level .*\n$/);
});
