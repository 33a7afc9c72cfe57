// The page's modules that need no page: what a file is, what a curve shows, how numbers read.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { CurveSampler } from '../../www/ui/curve-sampler.js';
import { fileKind } from '../../www/ui/file-kind.js';
import { duration, loss, percent } from '../../www/ui/format.js';
import { idxHead, pictureShape } from '../../www/ui/idx-files.js';

const IMAGES = Uint8Array.from([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
const LABELS = Uint8Array.from([0, 0, 8, 1, 0, 0, 0, 2, 0, 1]);

test('a file is known by its name, else by its first bytes', async () => {
  const safetensors = Uint8Array.from([2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7d]);
  for (const [name, bytes, kind] of [
    ['net.safetensors', [1, 2, 3], 'network'],
    ['net', safetensors, 'network'],
    ['train-images-idx3-ubyte.gz', [1], 'data'],
    ['images', IMAGES, 'data'],
    ['images', gzipSync(IMAGES), 'data'],
    ['seven.png', [], 'picture'],
    ['text.txt', [104, 105], 'picture'],
  ]) {
    assert.equal(await fileKind(new File([Uint8Array.from(bytes)], name)), kind, name);
  }
});

test('IDX heads are read plain and packed', async () => {
  for (const pack of [(bytes) => bytes, gzipSync]) {
    assert.deepEqual(await idxHead(new Blob([pack(IMAGES)]), 'a'), { holds: 'images', shape: [2, 2, 3] });
    assert.deepEqual(await idxHead(new Blob([pack(LABELS)]), 'b'), { holds: 'labels', shape: [2] });
    assert.deepEqual(await pictureShape(new Blob([pack(IMAGES)])), [2, 3, 1]);
  }
});

test('what is no IDX file is told by its name', async () => {
  for (const bytes of [[], [1, 2, 3], [0, 0, 8, 3, 0], [0, 0, 13, 1, 0, 0, 0, 1], [0x1f, 0x8b, 8, 0, 1, 1]]) {
    await assert.rejects(idxHead(new Blob([Uint8Array.from(bytes)]), 'my file'), /^Error: my file /);
  }
});

test('a point of the training curve is the mean of its own batches', () => {
  const sampler = new CurveSampler();
  /** Batches of 3 unless said. */
  const report = (epoch, stepInEpoch, mean, nExamplesInEpoch = 3 * stepInEpoch) =>
    sampler.point({ epoch, stepInEpoch, nExamplesInEpoch, nExamplesPerEpoch: 30, nSteps: 20, loss: mean, accuracy: mean / 4 });
  assert.equal(report(1, 0, NaN), null);
  assert.deepEqual(report(1, 4, 2), { epoch: 0.2, loss: 2, accuracy: 0.5 });
  // 4 batches of 2 and 4 batches of 1 have the running mean 1.5.
  assert.deepEqual(report(1, 8, 1.5), { epoch: 0.6, loss: 1, accuracy: 0.25 });
  assert.equal(report(1, 8, 1.5), null);
  // A new epoch's running mean begins anew.
  assert.deepEqual(report(2, 2, 0.5), { epoch: 1.1, loss: 0.5, accuracy: 0.125 });
  // Then one of 18: with the 6 examples of 0.5 before they have the running mean 1.25.
  assert.deepEqual(report(2, 3, 1.25, 24), { epoch: 1.5, loss: 1.5, accuracy: 0.375 });
});

test('numbers read as people write them', () => {
  assert.deepEqual([0, 0.004, 0.5, 0.991, 0.9994, 0.9999, 1, NaN].map((share) => percent(share)), [
    '0%', '0%', '50%', '99.1%', '99.9%', '100%', '100%', '–',
  ]);
  assert.equal(percent(0.98321, 2), '98.32%');
  assert.deepEqual([2.30259, 0.05123, 12.34].map(loss), ['2.303', '0.0512', '12.3']);
  assert.deepEqual([0.4, 59.7, 125, 7300, NaN].map(duration), ['0 s', '1 min 00 s', '2 min 05 s', '2 h 01 min', '–']);
});
