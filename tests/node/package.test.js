/** The package in Node itself, as `node.js` offers it: threads, files, and what ends by itself. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const built = await readFile(new URL('../../www/lib/pkg/build.js', import.meta.url)).catch(() => null);
const skip = !built && 'www/lib/pkg is not built';
const { Classifier, configure } = skip ? {} : await import('../../www/lib/node.js');
const MODEL = new URL('../../www/models/digits.safetensors', import.meta.url);
const ONE = { strokes: [[{ x: 0, y: 0 }, { x: 0, y: 40 }]] };

test('predictions come in order, and no more pictures are fetched than asked for ahead', { skip }, async () => {
  const classifier = await Classifier.load(MODEL);
  let fetched = 0;
  let left = false;
  const pictures = function* () {
    try {
      for (;;) {
        fetched += 1;
        yield fetched % 2 ? ONE : { strokes: [[{ x: 0, y: 0 }, { x: 40, y: 0 }, { x: 10, y: 60 }]] };
      }
    } finally {
      left = true;
    }
  };
  const labels = [];
  for await (const { classes } of classifier.predictMany(pictures(), { topK: 1, ahead: 3 })) {
    labels.push(classes[0].label);
    assert.ok(fetched <= labels.length + 3, `${fetched} fetched for ${labels.length} answers`);
    if (labels.length === 6) break;
  }
  assert.deepEqual(labels, ['1', '7', '1', '7', '1', '7']);
  assert.ok(left, 'the source is told that nobody goes on');
  await assert.rejects(classifier.predictMany([7]).next(), { code: 'image' });
  await assert.rejects(classifier.predictMany(5).next(), { code: 'config' });
  classifier.close();
});

test('examples given one by one are trained on, wrong ones are refused', { skip }, async () => {
  const classifier = await Classifier.load(MODEL);
  assert.equal(await classifier.addExample(ONE, '1'), 1);
  assert.equal(await classifier.addExample(new Float32Array(784).fill(0.5), 7), 2);
  await assert.rejects(classifier.addExample(ONE, 'one'), { code: 'label' });
  await assert.rejects(classifier.addExample({ strokes: [] }, '1'), { code: 'image' });
  await assert.rejects(classifier.addExample(new Float32Array(784).fill(2), '1'), { code: 'image' });
  assert.equal((await classifier.train({ epochs: 1, validationSplit: 0, workers: 1 })).nExamplesSeen, 2);
  assert.equal((await classifier.example(1)).classIndex, 7);
  classifier.close();
});

test('a classifier that nobody refers to ends its worker', { skip }, async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  const { platform } = await import('../../www/lib/platform.js');
  const { inference } = platform.workers;
  let ended = () => {};
  const end = new Promise((resolve) => (ended = resolve));
  platform.workers.inference = () => {
    const worker = inference();
    const terminate = worker.terminate.bind(worker);
    worker.terminate = () => {
      terminate();
      ended();
    };
    return worker;
  };
  await (async () => void (await (await Classifier.load(MODEL)).predict(ONE)))();
  platform.workers.inference = inference;
  const collecting = setInterval(collect, 10);
  await end.finally(() => clearInterval(collecting));
});

test('wasm of another build, or none at all, is refused before it runs', { skip }, async () => {
  const { platform } = await import('../../www/lib/platform.js');
  const bytes = new Uint8Array(await readFile(new URL('../../www/lib/pkg/inference_bg.wasm', import.meta.url)));
  const place = Buffer.from(bytes).lastIndexOf('ocelli.build') + 'ocelli.build'.length;
  bytes[place] = bytes[place] === 0x30 ? 0x31 : 0x30;
  configure({ wasm: { inference: bytes } });
  await assert.rejects(Classifier.load(MODEL), { code: 'build' });
  configure({ wasm: { inference: new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]) } });
  await assert.rejects(Classifier.load(MODEL), { code: 'build' });
  delete platform.wasm.inference;
  const classifier = await Classifier.load(MODEL);
  assert.equal((await classifier.predict(ONE, { topK: 1 })).classes[0].label, '1');
  classifier[Symbol.dispose]();
  await assert.rejects(classifier.predict(ONE), { code: 'closed' });
});

test('a script that leaves a classifier open ends by itself', { skip }, async () => {
  const script = `
    import { Classifier } from '${new URL('../../www/lib/node.js', import.meta.url).href}';
    console.log((await Classifier.create('tiny')).info.nParameters);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
  assert.equal(stdout, '6274\n');
});
