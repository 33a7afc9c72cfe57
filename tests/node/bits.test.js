/** The run of tests/bits through the engine's door: the same bits as natively. Needs www/lib/pkg to be built. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { hashOfTensors } from '../bits/hash.js';

const pkg = new URL('../../www/lib/pkg/', import.meta.url);
const engine = await import(new URL('engine.js', pkg)).catch(() => null);
const skip = !engine && 'www/lib/pkg is not built';
if (engine) await engine.default({ module_or_path: await readFile(new URL('engine-whole_bg.wasm', pkg)) });

const read = (name) => readFile(new URL(`../bits/${name}`, import.meta.url));

test('100 steps have the committed bits', { skip }, async () => {
  const { spec, seed, options, hash } = JSON.parse(await read('run.json'));
  const network = engine.Engine.create(spec, seed);
  network.setDataset(await read('images.idx3-ubyte'), await read('labels.idx1-ubyte'));
  let progress = network.startTraining(options);
  // Slices of no time: one step each.
  while (progress.state !== 'finished') progress = network.trainSlice(0);
  assert.equal(progress.step, 100);
  assert.equal(hashOfTensors(network.save('f32')), hash);
  network.free();
});
