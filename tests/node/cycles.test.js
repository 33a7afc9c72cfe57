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
const N_CYCLES = Number(process.env.OCELLI_CYCLES ?? 400);
/** Before the memory is looked at first: compiled code, caches and tables have grown by then. */
const N_WARM = 300;
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

  /** @param {number} n */
  const after = async (n) => {
    for (let i = 0; i < n; i += 1) await cycle();
    return memory();
  };
  const [before, middle, end] = [await after(N_WARM), await after(N_CYCLES / 2), await after(N_CYCLES / 2)];
  // What leaks grows in both halves; the engine's own tables and compiled code grow now and then.
  const growths = [middle.heap / before.heap - 1, end.heap / middle.heap - 1];
  const percent = (/** @type {number} */ share) => `${(100 * share).toFixed(2)} %`;
  t.diagnostic(`${N_CYCLES} cycles: wasm ${before.wasm / PAGE} to ${end.wasm / PAGE} pages, heap ${percent(end.heap / before.heap - 1)}, its halves ${growths.map(percent)}`);
  assert.ok(end.wasm - before.wasm <= PAGE, `wasm memory grew by ${(end.wasm - before.wasm) / PAGE} pages`);
  assert.ok(Math.min(...growths) <= 0.02, `the heap grew by ${growths.map(percent)}`);
});
