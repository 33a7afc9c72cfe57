/** Data sets of files, by the real engine in Node. Needs www/lib/pkg to be built. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { deflateRawSync, gzipSync } from 'node:zlib';

import { filesOf } from '../../www/lib/archive.js';
import { dataHandlers } from '../../www/lib/data-handlers.js';
import { readFiles } from '../../www/lib/dataset-files.js';
import { ClassifierError } from '../../www/lib/errors.js';
import { unzipped } from '../../www/lib/unzip.js';
import { zip } from '../web/harness/zip.js';

const pkg = new URL('../../www/lib/pkg/', import.meta.url);
const engine = await import(new URL('engine.js', pkg)).catch(() => null);
const decoder = await import(new URL('decode.js', pkg)).catch(() => null);
const skip = (!engine || !decoder) && 'www/lib/pkg is not built';
if (engine && decoder) {
  await engine.default({ module_or_path: await readFile(new URL('engine-whole_bg.wasm', pkg)) });
  await decoder.default({ module_or_path: await readFile(new URL('decode_bg.wasm', pkg)) });
}

/** The workers' handlers, called at once. */
const hands = {
  async call(type, request) {
    try {
      const context = { signal: new AbortController().signal, progress: () => {} };
      return (await dataHandlers(engine.Engine)[type](request, context)).value;
    } catch (error) {
      throw new ClassifierError(error.code, error.message);
    }
  },
  async decode({ blob, packed }) {
    return decoder.decode(await unzipped(blob, 2 ** 20, packed));
  },
};
const read = (dataset, options) => readFiles(dataset, hands, options);
const text = (words) => new TextEncoder().encode(words);
const big = (number) => new Uint8Array([number >> 24, number >> 16, number >> 8, number]);
const joined = (...parts) => new Uint8Array(Buffer.concat(parts));

/** A bitmap of one color: the simplest file of a picture. */
function bitmap(width, height, [red, green, blue]) {
  const row = Math.ceil((3 * width) / 4) * 4;
  const bytes = new Uint8Array(54 + row * height);
  const head = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  for (const [place, value] of [[2, bytes.length], [10, 54], [14, 40], [18, width], [22, height], [34, row * height]]) {
    head.setUint32(place, value, true);
  }
  head.setUint16(26, 1, true);
  head.setUint16(28, 24, true);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) bytes.set([blue, green, red], 54 + y * row + 3 * x);
  }
  return bytes;
}

function array(descr, shape, data) {
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }\n`;
  return joined(new Uint8Array([0x93, ...text('NUMPY'), 1, 0, header.length, 0]), text(header), data);
}

const images = joined(new Uint8Array([0, 0, 8, 3]), big(2), big(1), big(2), new Uint8Array([1, 2, 3, 4]));
const labels = joined(new Uint8Array([0, 0, 8, 1]), big(2), new Uint8Array([1, 0]));

test('IDX, CIFAR, CSV and NumPy files give their examples', { skip }, async () => {
  const idx = await read({ files: [{ name: 'train-labels-idx1-ubyte.gz', bytes: gzipSync(labels) }, { name: 'train-images-idx3-ubyte', bytes: images }] });
  assert.deepEqual([[...idx.pixels], [...idx.labels], idx.shape], [[1, 2, 3, 4], [1, 0], [1, 2, 1]]);
  const cifar = await read({ files: [{ name: 'data_batch_1.bin', bytes: new Uint8Array(3073).fill(3) }, { name: 'test_batch.bin', bytes: new Uint8Array(3073) }] });
  assert.deepEqual([cifar.classNames[cifar.labels[0]], cifar.shape], ['cat', [32, 32, 3]]);
  const test = await read({ part: 'test', files: [{ name: 'data_batch_1.bin', bytes: new Uint8Array(3073).fill(3) }, { name: 'test_batch.bin', bytes: new Uint8Array(3073) }] });
  assert.equal(test.classNames[test.labels[0]], 'airplane');
  const table = await read({ files: [{ name: 'digits.csv', bytes: text('label,pixel0,pixel1,pixel2,pixel3\n2,1,2,3,4\n0,5,6,7,8\n') }] });
  assert.deepEqual([[...table.pixels], [...table.labels], table.shape], [[1, 2, 3, 4, 5, 6, 7, 8], [2, 0], [2, 2, 1]]);
  const arrays = zip([
    ['x_train.npy', array('|u1', '(2, 1, 1)', new Uint8Array([7, 8]))],
    ['y_train.npy', array('|u1', '(2,)', new Uint8Array([1, 0]))],
    ['x_test.npy', array('|u1', '(1, 1, 1)', new Uint8Array([9]))],
    ['y_test.npy', array('|u1', '(1,)', new Uint8Array([0]))],
  ]);
  const npz = await read({ files: [{ name: 'mnist.npz', bytes: arrays }] });
  assert.deepEqual([[...npz.pixels], [...npz.labels]], [[7, 8], [1, 0]]);
  assert.deepEqual([...(await read({ part: 'test', files: [{ name: 'mnist.npz', bytes: arrays }] })).pixels], [9]);
});

test('pictures in folders become examples of one shape, and a broken one is left out and told', { skip }, async () => {
  const red = bitmap(3, 2, [255, 0, 0]);
  const files = [
    { name: 'pets/cat/2.bmp', bytes: text('no picture') },
    { name: 'pets/cat/1.bmp', bytes: red },
    { name: 'pets/dog/1.bmp', bytes: bitmap(3, 2, [0, 0, 255]) },
    { name: 'pets/readme.txt', bytes: text('hello') },
  ];
  const shares = [];
  const data = await read({ files }, { onProgress: ({ share }) => shares.push(share) });
  assert.deepEqual([data.classNames, [...data.labels], data.shape], [['cat', 'dog'], [0, 1], [2, 3, 3]]);
  assert.deepEqual([...data.pixels.subarray(0, 3), ...data.pixels.subarray(18, 21)], [255, 0, 0, 0, 0, 255]);
  assert.equal(data.leftOut.count, 1);
  assert.match(data.leftOut.reasons[0], /^pets\/cat\/2\.bmp: /);
  assert.equal(shares.at(-1), 1);
  const archived = await read({ files: [{ name: 'pets.zip', bytes: zip(files.map(({ name, bytes }) => [name, bytes])) }] });
  assert.deepEqual(archived.pixels, data.pixels);
  const large = await read({ files: [{ name: 'a/1.bmp', bytes: bitmap(80, 70, [9, 9, 9]) }] });
  assert.deepEqual(large.shape, [32, 32, 3]);
  const form = { inputShape: [4, 4, 1], preprocessing: { preparation: 'resize', mean: [], standardDeviation: [] } };
  assert.deepEqual((await read({ files }, { form })).pixels.length, 2 * 16);
});

test('a sprite is cut into its rows', { skip }, async () => {
  // Rows of 4 cells: two pictures of 2 × 2; the reader tells pictures by their bytes, whatever they are called.
  const files = [{ name: 's/labels.bin', bytes: new Uint8Array([1, 0]) }, { name: 's/all.png', bytes: bitmap(4, 2, [5, 6, 7]) }];
  const data = await read({ files });
  assert.deepEqual([data.shape, [...data.labels], data.pixels.length], [[2, 2, 3], [1, 0], 24]);
  await assert.rejects(read({ part: 'test', files }), { code: 'data' });
});

test('what is no data set is refused in one sentence', { skip }, async () => {
  const cases = [
    [[], 'data', /nothing/],
    [[{ name: 'notes.md', bytes: text('hello') }], 'data', /notes\.md/],
    [[{ name: 'a/1.png', bytes: text('hello') }], 'data', /none among 1/],
    [[{ name: 'x.csv', bytes: text('a,b\nc,d\n') }], 'format', /CSV/],
    [[{ name: 'data_batch_1.bin', bytes: new Uint8Array(100) }], 'format', /CIFAR/],
    [[{ name: 'x.zip', bytes: text('PK but no archive') }], 'format', /damaged/],
  ];
  for (const [files, code, words] of cases) {
    await assert.rejects(read({ files }), (error) => error.code === code && words.test(error.message), JSON.stringify(files));
  }
  await assert.rejects(read({ part: 'test', files: [{ name: 'images-idx3-ubyte', bytes: images }, { name: 'labels-idx1-ubyte', bytes: labels }] }), { code: 'data' });
});

test('cancelling ends the reading of pictures', { skip }, async () => {
  const control = new AbortController();
  const files = Array.from({ length: 20 }, (_, i) => ({ name: `a/${i}.bmp`, bytes: bitmap(3, 2, [1, 2, 3]) }));
  let nDecoded = 0;
  const slow = { ...hands, decode: async (file) => (++nDecoded === 5 && control.abort(), hands.decode(file)) };
  await assert.rejects(readFiles({ files }, slow, { signal: control.signal }), { code: 'aborted' });
  assert.ok(nDecoded < 10, `${nDecoded}`);
});

test('an archive that is cut off, garbled, locked or a bomb is refused', async () => {
  const sound = zip([['a.bin', new Uint8Array(300).fill(7)], ['b/c.bin', text('hello')]]);
  assert.deepEqual((await filesOf(new Blob([sound]))).map(({ name }) => name), ['a.bin', 'b/c.bin']);
  const opened = async (bytes) => {
    for (const file of await filesOf(new Blob([bytes]))) {
      const { blob, packed } = await file.wire();
      await unzipped(blob, 1000, packed);
    }
  };
  await opened(sound);
  for (let end = 0; end < sound.length; end += 3) await assert.rejects(opened(sound.subarray(0, end)), { code: 'format' }, `${end}`);
  for (let place = 0; place < sound.length; place++) {
    const garbled = sound.slice();
    garbled[place] ^= 0x55;
    await opened(garbled).catch((error) => assert.ok(error instanceof ClassifierError, `${place}: ${error}`));
  }
  const locked = sound.slice();
  locked[sound.findLastIndex((_, i) => sound[i] === 1 && sound[i + 1] === 2 && sound[i - 1] === 0x4b) + 6] |= 1;
  await assert.rejects(opened(locked), { code: 'unsupported' });
  assert.ok(deflateRawSync(new Uint8Array(2 ** 20)).length < 2000);
  await assert.rejects(opened(zip([['bomb.bin', new Uint8Array(2 ** 20)]])), { code: 'limit' });
});

test('of pictures in arrays and in files the middle is cropped, and a crop that does not fit is refused', { skip }, async () => {
  const images = joined(new Uint8Array([0, 0, 8, 3]), big(2), big(4), big(5), Uint8Array.from({ length: 40 }, (_, i) => i));
  const files = [
    { name: 'train-images.idx', bytes: images },
    { name: 'train-labels.idx', bytes: joined(new Uint8Array([0, 0, 8, 1]), big(2), new Uint8Array([1, 0])) },
  ];
  const { pixels, shape, labels } = await read({ files, crop: 2 });
  assert.deepEqual([[...pixels], shape, [...labels]], [[6, 7, 11, 12, 26, 27, 31, 32], [2, 2, 1], [1, 0]]);
  for (const crop of [0, 5, 1.5, NaN, '2', null]) await assert.rejects(read({ files, crop }), { code: 'shape' });

  const pictures = [
    { name: 'a/1.bmp', bytes: bitmap(6, 6, [10, 20, 30]) },
    { name: 'b/1.bmp', bytes: bitmap(6, 6, [40, 50, 60]) },
  ];
  const form = { inputShape: [4, 4, 3] };
  const small = await read({ files: pictures, crop: 4 }, { form });
  assert.deepEqual([small.shape, [...small.pixels.slice(0, 3)], small.pixels.length], [[4, 4, 3], [10, 20, 30], 96]);
});
