// Explanations through the worker's handlers: heat maps, layers' outputs, disturbed pictures, curves.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { Connection } from '../../www/lib/connection.js';
import { ClassifierError } from '../../www/lib/errors.js';
import { engineHandlers } from '../../www/lib/training-handlers.js';
import { workersWith } from './pair.js';

const pkg = new URL('../../www/lib/pkg/', import.meta.url);
const engine = await import(new URL('engine.js', pkg)).catch(() => null);
const skip = !engine && 'www/lib/pkg is not built';
if (engine) await engine.default({ module_or_path: await readFile(new URL('engine-whole_bg.wasm', pkg)) });

const picture = () => ({ kind: 'prepared', data: Uint8Array.from({ length: 784 }, (_, i) => (i * 37) % 256).buffer });
let connection;
let info;
before(async () => {
  if (!engine) return;
  const { start } = workersWith(() => engineHandlers(engine.Engine), { panicText: engine.panicText });
  connection = new Connection(start, { build: 'b1' });
  info = await connection.call('create', { spec: 'tiny', seed: 1 });
  await connection.call('setDataset', { generated: 'handwriting', count: 60, seed: 1 });
});
after(() => connection?.end(new ClassifierError('closed', '')));

test('every method gives a heat for each pixel, for any class', { skip }, async () => {
  for (const method of ['gradCam', 'saliency', 'smoothGrad', 'gradientTimesInput', 'occlusion']) {
    const maps = [];
    for (const classIndex of [2, 7]) {
      const map = await connection.call('explain', { source: picture(), asked: { method, classIndex } });
      assert.deepEqual([map.width, map.height, map.data.length, map.classIndex], [28, 28, 784, classIndex]);
      assert.ok(map.data.every(Number.isFinite) && map.data.some((heat) => heat !== map.data[0]), method);
      assert.equal(map.layer === null, method !== 'gradCam');
      maps.push(map.data);
    }
    assert.notDeepEqual(maps[0], maps[1]);
  }
  await assert.rejects(connection.call('explain', { source: picture(), asked: { method: 'gradCam', classIndex: 10 } }), { code: 'config' });
  await assert.rejects(connection.call('explain', { source: picture(), asked: { method: 'gradCam', layer: 'no' } }), /one of input/);
  const blank = { kind: 'strokes', points: new Float32Array(), lengths: new Uint32Array() };
  assert.equal(await connection.call('explain', { source: blank, asked: { method: 'saliency' } }), null);
});

test('a convolution of the input as told is the sum of its patch, filter by filter', { skip }, async () => {
  const layer = info.layers.findLast(({ type }) => type === 'conv2d');
  const [weights, bias] = await connection.call('parameters', { layer: layer.name });
  const [kernel, , inputs, filters] = weights.shape;
  const before = await connection.call('activations', { source: picture(), layer: info.layers[layer.inputs[0]].name });
  const after = await connection.call('activations', { source: picture(), layer: layer.name });
  assert.deepEqual(after.shape, layer.outputShape);
  const pad = (layer.outputShape[0] - before.shape[0] + kernel - 1) / 2;
  const [y, x, filter] = [3, 4, filters - 1];
  let sum = bias?.data[filter] ?? 0;
  for (let u = 0; u < kernel; u++) {
    for (let v = 0; v < kernel; v++) {
      for (let c = 0; c < inputs; c++) {
        const value = before.data[((y + u - pad) * before.shape[1] + x + v - pad) * inputs + c];
        sum += value * weights.data[((u * kernel + v) * inputs + c) * filters + filter];
      }
    }
  }
  const told = after.data[(y * after.shape[1] + x) * filters + filter];
  assert.ok(Math.abs(told - sum) < 1e-4, `${told} beside ${sum}`);
});

test('an attack stays within its epsilon, and a curve has a point for each strength', { skip }, async () => {
  const original = new Uint8Array(picture().data);
  const changed = await connection.call('disturb', { source: picture(), kind: 'pgd', strength: 0.1, seed: 1, toward: false });
  const most = Math.max(...changed.map((byte, i) => Math.abs(byte - original[i])));
  assert.ok(most > 15 && most <= 25, String(most));
  const plain = await connection.call('robustness', { options: { kind: 'noise', strengths: [0, 0.9], nExamples: 40 } });
  const fgsm = await connection.call('robustness', { options: { kind: 'fgsm', strengths: [0, 0.3], nExamples: 40 } });
  assert.deepEqual(plain.map(({ strength }) => Math.round(strength * 10)), [0, 9]);
  assert.equal(plain[0].accuracy, fgsm[0].accuracy);
  assert.ok(fgsm[1].accuracy <= fgsm[0].accuracy);
  await assert.rejects(connection.call('robustness', { options: { kind: 'fgsm', strengths: [2] } }), { code: 'config' });
});
