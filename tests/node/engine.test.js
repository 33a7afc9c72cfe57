/** The real engine behind the real wire, in Node. Needs www/lib/pkg to be built. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { Connection } from '../../www/lib/connection.js';
import { ClassifierError } from '../../www/lib/errors.js';
import { engineHandlers } from '../../www/lib/training-handlers.js';
import { workersWith } from './pair.js';

const pkg = new URL('../../www/lib/pkg/', import.meta.url);
const engine = await import(new URL('engine.js', pkg)).catch(() => null);
const skip = !engine && 'www/lib/pkg is not built';
if (engine) await engine.default({ module_or_path: await readFile(new URL('engine_bg.wasm', pkg)) });

/** 28×28 pictures of bars, upright (0) and lying (1), each at another place, as two IDX files. */
function bars(nExamples) {
  const images = new Uint8Array(16 + nExamples * 784);
  const labels = new Uint8Array(8 + nExamples);
  new DataView(images.buffer).setUint32(0, 0x803);
  new DataView(images.buffer).setUint32(4, nExamples);
  new DataView(images.buffer).setUint32(8, 28);
  new DataView(images.buffer).setUint32(12, 28);
  new DataView(labels.buffer).setUint32(0, 0x801);
  new DataView(labels.buffer).setUint32(4, nExamples);
  for (let i = 0; i < nExamples; i++) {
    const lying = i % 2;
    labels[8 + i] = lying;
    const place = 4 + ((i * 7) % 20);
    for (let along = 4; along < 24; along++) {
      images[16 + i * 784 + (lying ? place * 28 + along : along * 28 + place)] = 255;
    }
  }
  return { images: new Blob([images]), labels: new Blob([labels]) };
}

const upright = { kind: 'strokes', points: new Float32Array([5, 0, 5, 40]), lengths: new Uint32Array([2]) };

async function created(spec) {
  const { start } = workersWith(() => engineHandlers(engine.Engine), { panicText: engine.panicText });
  const connection = new Connection(start, { build: 'b1' });
  const info = await connection.call('create', { spec, seed: 1 });
  return { connection, info, end: () => connection.end(new ClassifierError('closed', '')) };
}

test('a network learns, is saved, and predicts the same when loaded again', { skip }, async () => {
  const { connection, info, end } = await created('tiny');
  assert.deepEqual(info.inputShape, [28, 28, 1]);
  assert.deepEqual(info.labels, [...'0123456789']);
  assert.equal((await connection.call('setDataset', bars(200))).nExamples, 200);
  const told = [];
  const options = { epochs: 3, batchSize: 16, learningRate: 0.01 };
  const { result, checkpoint } = await connection.call('train', { options }, {
    onProgress: ({ progress }) => told.push(...progress.history.map(({ epoch }) => epoch)),
  });
  assert.deepEqual(told, [1, 2, 3]);
  assert.equal(result.state, 'finished');
  assert.equal(result.history.at(-1).validationAccuracy, 1);
  assert.equal((await connection.call('evaluate', {})).accuracy, 1);
  const prediction = await connection.call('predict', { source: upright, topK: 2 });
  assert.equal(prediction.classes.length, 2);
  assert.equal(prediction.classes[0].label, '0');
  assert.equal(prediction.input.data.length, 784);
  await connection.call('load', { bytes: checkpoint });
  const again = await connection.call('predict', { source: upright, topK: 2 });
  assert.deepEqual(again.classes, prediction.classes);
  end();
});

test('a batch of prepared pictures gets the probabilities that each gets alone', { skip }, async () => {
  const { connection, end } = await created('tiny');
  const { images } = bars(70);
  const pictures = (await images.arrayBuffer()).slice(16);
  const first = { kind: 'pixels', data: pictures.slice(0, 784), width: 28, height: 28, channels: 1 };
  const { input } = await connection.call('predict', { source: first, topK: 1 });
  const { probabilities } = await connection.call('predictBatch', { pictures: input.data.slice().buffer });
  const { classes } = await connection.call('predict', { source: first, topK: 10 });
  for (const { index, confidence } of classes) assert.ok(Math.abs(probabilities[index] - confidence) < 1e-5);
  assert.equal((await connection.call('predictBatch', { pictures })).probabilities.length, 700);
  await assert.rejects(connection.call('predictBatch', { pictures: new ArrayBuffer(785) }), { code: 'shape' });
  end();
});

test('what the engine refuses has the code of the core', { skip }, async () => {
  const { connection, end } = await created('tiny');
  const bytes = new Uint8Array(100).fill(255).buffer;
  const refusals = [
    ['create', { spec: 'no-such-preset', seed: 1 }, 'config'],
    ['load', { bytes }, 'format'],
    ['train', { options: {} }, 'state'],
    ['setDataset', { images: new Blob(['x']), labels: new Blob(['y']) }, 'format'],
    ['save', { storage: 'f64' }, 'config'],
    ['stop', {}, 'state'],
  ];
  for (const [type, request, code] of refusals) {
    await assert.rejects(connection.call(type, request), { code }, type);
  }
  await connection.call('setDataset', bars(20));
  await assert.rejects(connection.call('train', { options: { epochz: 3 } }), { code: 'config', message: /epochz/ });
  end();
});

test('nothing drawn is blank, not a guess', { skip }, async () => {
  const { connection, end } = await created('tiny');
  const nothing = { kind: 'strokes', points: new Float32Array(), lengths: new Uint32Array() };
  const { classes, blank, input } = await connection.call('predict', { source: nothing, topK: 3 });
  assert.deepEqual({ classes, blank, input }, { classes: [], blank: true, input: null });
  const data = new Uint8Array(4 * 50 * 50).fill(255).buffer;
  const paper = { kind: 'pixels', data, width: 50, height: 50, channels: 4 };
  assert.equal((await connection.call('predict', { source: paper, topK: 3 })).blank, true);
  end();
});
