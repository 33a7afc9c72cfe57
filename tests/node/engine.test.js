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
if (engine) await engine.default({ module_or_path: await readFile(new URL('engine-whole_bg.wasm', pkg)) });

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

const SPACE = { space: { learningRate: [0.0001, 0.1, 100], batchSize: [16] }, base: { epochs: 2, optimizer: { type: 'momentum' } } };

test('a search tells each trial, trains the best on all examples, and goes on from its rows', { skip }, async () => {
  const { connection, end } = await created('tiny');
  await assert.rejects(connection.call('search', { options: SPACE, rows: [] }), { code: 'state' });
  await connection.call('setDataset', bars(200));
  const rows = [];
  const isBest = new Set();
  const { search, checkpoint } = await connection.call('search', { options: SPACE, rows: [] }, {
    onProgress: ({ trial, progress }) => {
      if (trial) rows.push(trial);
      else isBest.add(progress.isBest);
    },
  });
  assert.deepEqual(rows.map(({ trial, epochs, choice }) => [trial, epochs, choice.learningRate]), [[0, 2, 0.0001], [1, 2, 0.1], [2, 2, 100]]);
  assert.deepEqual(search.trials, rows);
  assert.equal(rows[2].accuracy, null, 'it diverged');
  assert.equal(search.best.trial, 1);
  assert.equal(search.result.history.length, 2);
  assert.equal(search.result.history[0].validationAccuracy, undefined, 'nothing is held out');
  assert.deepEqual([...isBest], [false, true]);
  assert.ok(checkpoint.byteLength > 1000);
  const { bytes } = await connection.call('save', { storage: 'f32' });

  const again = [];
  const second = await connection.call('search', { options: SPACE, rows: rows.slice(0, 2) }, {
    onProgress: ({ trial }) => trial && again.push(trial.trial),
  });
  assert.deepEqual(again, [2], 'only what was missing');
  assert.deepEqual(second.search.trials.map(({ accuracy }) => accuracy), rows.map(({ accuracy }) => accuracy));
  assert.deepEqual((await connection.call('save', { storage: 'f32' })).bytes, bytes, 'the same bits');
  await assert.rejects(connection.call('search', { options: SPACE, rows: rows.slice(1) }), { code: 'config' });
  end();
});

test('a search stops when told to, and when cancelled, and the next one works', { skip }, async () => {
  const { connection, end } = await created('tiny');
  await connection.call('setDataset', bars(400));
  const long = { space: { learningRate: [0.001, 0.002, 0.003] }, base: { epochs: 1000 } };
  let told = false;
  const { search } = await connection.call('search', { options: long, rows: [] }, {
    onProgress: () => {
      if (!told) connection.call('stop', {});
      told = true;
    },
  });
  assert.deepEqual(search, { trials: [], best: null, result: null });
  const control = new AbortController();
  const cancelled = connection.call('search', { options: long, rows: [] }, { signal: control.signal, onProgress: () => control.abort() });
  await assert.rejects(cancelled, { code: 'aborted' });
  const quick = { space: { seed: [1] }, base: { epochs: 1 } };
  assert.equal((await connection.call('search', { options: quick, rows: [] })).search.best.trial, 0);
  end();
});

test('examples in memory are learned from, and classes take the places the model has for their names', { skip }, async () => {
  const { connection, info, end } = await created({ preset: 'tiny', inputShape: [8, 8, 1], labels: ['dog', 'cat', 'cow'] });
  assert.deepEqual([info.labels, info.inputShape], [['dog', 'cat', 'cow'], [8, 8, 1]]);
  const pixels = new Blob([new Uint8Array(2 * 64).fill(9, 64)]);
  const dataset = { pixels, labels: new Blob([new Uint32Array([0, 1])]), shape: [8, 8, 1], classNames: ['cat', 'dog'] };
  assert.deepEqual((await connection.call('setDataset', dataset)).classCounts, [1, 1, 0]);
  const { data, classIndex } = await connection.call('example', { index: 1 });
  assert.deepEqual([data[0], info.labels[classIndex]], [9, 'dog']);
  await assert.rejects(connection.call('setDataset', { ...dataset, shape: [8, 4, 1] }), { code: 'shape' });
  await assert.rejects(connection.call('setDataset', { ...dataset, classNames: ['cat'] }), { code: 'label' });
  end();
});

test('an evaluation by several views is of the same examples, and strange views are refused', { skip }, async () => {
  const { connection, end } = await created('tiny');
  await connection.call('setDataset', bars(60));
  const plain = await connection.call('evaluate', {});
  const seen = await connection.call('evaluate', { views: { mirror: true, shift: 1 } });
  assert.equal(seen.nExamples, plain.nExamples);
  assert.notEqual(seen.loss, plain.loss);
  assert.equal((await connection.call('evaluate', { views: {} })).loss, plain.loss);
  for (const views of [{ shift: 9 }, { turn: true }, 3]) await assert.rejects(connection.call('evaluate', { views }), { code: 'config' });
  end();
});

test('a learning rate is found that trains, and the network stays as it was to the bit', { skip }, async () => {
  const { connection, end } = await created('mobilenet');
  const request = { options: { optimizer: { type: 'sgd' }, batchSize: 8 }, climb: { low: 1e-4, high: 100, steps: 40 } };
  await assert.rejects(connection.call('findLearningRate', request), { code: 'state' });
  const pixels = new Uint8Array(16 * 3072).map((_, i) => (Math.floor(i / 3072) % 2 ? i * 7 : 40));
  const labels = new Uint32Array(16).map((_, i) => i % 2);
  const names = [...'0123456789'];
  await connection.call('setDataset', { pixels: new Blob([pixels]), labels: new Blob([labels]), shape: [32, 32, 3], classNames: names });
  const { bytes } = await connection.call('save', { storage: 'f32' });
  const shares = [];
  const range = await connection.call('findLearningRate', request, { onProgress: ({ share }) => shares.push(share) });
  const rates = range.rows.map(({ learningRate }) => learningRate);
  assert.ok(rates.length >= 10 && rates.length <= 40);
  assert.ok(rates.every((rate, i) => i === 0 || rate > rates[i - 1]));
  assert.ok(range.rows.every(({ loss }) => Number.isFinite(loss)));
  const lowest = range.rows.reduce((best, row) => (row.loss < best.loss ? row : best));
  assert.ok(Math.abs(range.suggestion / lowest.learningRate - 0.1) < 1e-6);
  assert.ok(shares.every((share) => share > 0 && share < 1));
  assert.deepEqual((await connection.call('save', { storage: 'f32' })).bytes, bytes);

  const control = new AbortController();
  const long = { ...request, climb: { low: 1e-9, high: 1e-8, steps: 10_000 } };
  const cancelled = connection.call('findLearningRate', long, { signal: control.signal, onProgress: () => control.abort() });
  await assert.rejects(cancelled, { code: 'aborted' });
  assert.deepEqual(await connection.call('findLearningRate', request), range, 'the same again');
  for (const climb of [{ low: 0 }, { low: 1, high: 0.1 }, { steps: 9 }, { pace: 1 }]) {
    await assert.rejects(connection.call('findLearningRate', { ...request, climb }), { code: 'config' });
  }
  end();
});

test('a prediction by several views is the mean over them', { skip }, async () => {
  const { connection, end } = await created('tiny');
  const source = upright;
  const plain = await connection.call('predict', { source, topK: 10 });
  const data = plain.input.data;
  const mirrored = Uint8Array.from(data, (_, i) => data[i - (i % 28) + 27 - (i % 28)]);
  const { probabilities } = await connection.call('predictBatch', { pictures: Uint8Array.from([...data, ...mirrored]).buffer });
  const seen = await connection.call('predictViews', { source, topK: 10, views: { mirror: true } });
  for (const { index, confidence } of seen.classes) {
    assert.ok(Math.abs(confidence - (probabilities[index] + probabilities[10 + index]) / 2) < 1e-6);
  }
  assert.ok(seen.classes.every(({ confidence }, i) => i === 0 || confidence <= seen.classes[i - 1].confidence));
  assert.deepEqual(seen.input.data, data);
  assert.deepEqual((await connection.call('predictViews', { source, topK: 3, views: {} })).classes, plain.classes.slice(0, 3));
  const nothing = { kind: 'strokes', points: new Float32Array(), lengths: new Uint32Array() };
  assert.equal((await connection.call('predictViews', { source: nothing, topK: 3, views: { shift: 1 } })).blank, true);
  for (const views of [{ shift: 9 }, { turn: true }, 3]) {
    await assert.rejects(connection.call('predictViews', { source, topK: 3, views }), { code: 'config' });
  }
  end();
});
