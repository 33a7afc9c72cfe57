/**
 * Load, predict, train a step, save, close, over and over: nothing is left behind. A few hundred cycles here;
 * `OCELLI_CYCLES=10000` makes as many as are wanted.
 */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const built = await readFile(new URL('../../www/lib/pkg/build.js', import.meta.url)).catch(() => null);
const skip = !built && 'www/lib/pkg is not built';
const { Classifier } = skip ? {} : await import('../../www/lib/node-direct.js');
const N_CYCLES = Number(process.env.OCELLI_CYCLES ?? 300);
/** Before the memory is looked at first: compiled code, caches and tables have grown by then. */
const N_WARM = 150;
const PAGE = 65_536;

test('a life from load to close leaves no memory behind', { skip }, async (t) => {
  const { default: engine } = await import('../../www/lib/pkg/engine.js');
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  const first = await Classifier.create('tiny');
  const model = new Uint8Array(await (await first.save()).arrayBuffer());
  const [height, width, channels] = first.info.inputShape;
  first.close();
  const shape = /** @type {[number, number, number]} */ ([height, width, channels]);
  const data = { pixels: new Uint8Array(4 * height * width).map((_, i) => i % 251), labels: [0, 1, 2, 3], shape };
  const picture = { strokes: [[{ x: 0, y: 0 }, { x: 0, y: 40 }]] };

  const cycle = async () => {
    const classifier = await Classifier.load(model);
    const { classes } = await classifier.predict(picture);
    await classifier.setDataset(data);
    const { step } = await classifier.train({ epochs: 1, batchSize: 4, validationSplit: 0 });
    const saved = await classifier.save();
    classifier.close();
    assert.equal(step, 1);
    assert.ok((classes[0]?.confidence ?? 0) > 0 && saved.size > 1000);
  };
  const memory = async () => {
    for (let i = 0; i < 4; i += 1) {
      await new Promise((resolve) => setImmediate(resolve)); // what waits to be freed gets its turn
      collect();
    }
    return { wasm: (await engine()).memory.buffer.byteLength, heap: process.memoryUsage().heapUsed };
  };

  for (let i = 0; i < N_WARM; i += 1) await cycle();
  const before = await memory();
  for (let i = 0; i < N_CYCLES; i += 1) await cycle();
  const after = await memory();
  const growth = after.heap / before.heap - 1;
  t.diagnostic(`${N_CYCLES} cycles: wasm ${before.wasm / PAGE} to ${after.wasm / PAGE} pages, heap ${before.heap} to ${after.heap} bytes (${(100 * growth).toFixed(2)} %)`);
  assert.ok(after.wasm - before.wasm <= PAGE, `wasm memory grew by ${(after.wasm - before.wasm) / PAGE} pages`);
  assert.ok(growth <= 0.02, `the heap grew by ${(100 * growth).toFixed(1)} %`);
});
