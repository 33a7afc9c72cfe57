/** Own classes by the real engine in Node, on the network that ships. Needs www/lib/pkg to be built. */

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

const DIGITS = new URL('../../www/models/digits.safetensors', import.meta.url);
/** What the digit network never saw: a cross, a frame and two dots. */
const SHAPES = ['cross', 'frame', 'dots'];

/** @param {number} shape @param {number} size @param {number} x @param {number} y */
function picture(shape, size, x, y) {
  const pixels = new Uint8Array(784);
  const put = (/** @type {number} */ column, /** @type {number} */ row) => {
    pixels[(row + y) * 28 + column + x] = pixels[(row + y) * 28 + column + x + 1] = 255;
  };
  for (let i = 0; i <= size; i += 1) {
    if (shape === 0) [[i, size >> 1], [size >> 1, i]].forEach(([a, b]) => put(a, b));
    if (shape === 1) [[i, 0], [i, size], [0, i], [size, i]].forEach(([a, b]) => put(a, b));
    if (shape === 2 && i < 4) [[0, i], [1, i], [size, i], [size - 1, i]].forEach(([a, b]) => put(a, b));
  }
  return pixels;
}

/** @param {number} perClass @param {number} offset */
function shapes(perClass, offset) {
  const classes = Uint32Array.from({ length: 3 * perClass }, (_, i) => i % 3);
  const pictures = new Uint8Array(classes.length * 784);
  classes.forEach((shape, i) => pictures.set(picture(shape, 10 + ((i * 5 + offset) % 6), 4 + ((i * 7 + offset) % 5), 4 + ((i * 3 + offset) % 6)), i * 784));
  return { classes, pictures };
}

async function opened() {
  const { start } = workersWith(() => engineHandlers(engine.Engine), { panicText: engine.panicText });
  const connection = new Connection(start, { build: 'b1' });
  const file = await readFile(DIGITS);
  await connection.call('load', { bytes: new Uint8Array(file).buffer });
  return { connection, end: () => connection.end(new ClassifierError('closed', '')) };
}

/** @param {Connection} connection @param {object} how */
async function taught(connection, { head, detail, views }) {
  const { classes, pictures } = shapes(6, 0);
  const numbers = Uint32Array.from(classes, (_, i) => i);
  const told = [];
  const { features } = await connection.call('features', { pictures: pictures.buffer, numbers, firstView: 0, views, detail, seed: 3 }, {
    onProgress: ({ share }) => told.push(share),
  });
  const options = { head, views, seed: 3 };
  return { classes, told, ...(await connection.call('teach', { features, numbers: new Uint32Array(), classes, labels: SHAPES, detail, options })) };
}

for (const head of /** @type {const} */ (['mean', 'trained', 'discriminant'])) {
  for (const detail of /** @type {const} */ (['whole', 'parts'])) {
    test(`a network learns other classes from six pictures of each, by the ${head} head on ${detail}`, { skip }, async () => {
      const { connection, end } = await opened();
      const { model, heldOut, classes } = await taught(connection, { head, detail, views: 4 });
      assert.ok([...heldOut].filter((answer, i) => answer === classes[i]).length >= 16, String(heldOut));
      // Any engine opens the file, and knows pictures that were not learnt from.
      const info = await connection.call('load', { bytes: model });
      assert.deepEqual(info.labels, SHAPES);
      const others = shapes(5, 2);
      const { probabilities } = await connection.call('predictBatch', { pictures: others.pictures.buffer });
      const answers = [...others.classes].map((_, i) => {
        const row = [...probabilities.subarray(i * 3, i * 3 + 3)];
        return row.indexOf(Math.max(...row));
      });
      assert.ok(answers.filter((answer, i) => answer === others.classes[i]).length >= 13, String(answers));
      end();
    });
  }
}

test('the same pictures and seed give the same file', { skip }, async () => {
  const { connection, end } = await opened();
  const how = { head: 'trained', detail: 'parts', views: 3 };
  const [first, second] = [await taught(connection, how), await taught(connection, how)];
  assert.deepEqual(new Uint8Array(first.model), new Uint8Array(second.model));
  end();
});

test('features that are kept, some views now and some later, teach the same', { skip }, async () => {
  const { connection, end } = await opened();
  const how = { head: 'trained', detail: 'parts', views: 3 };
  const { model } = await taught(connection, how);
  const { classes, pictures } = shapes(6, 0);
  const numbers = Uint32Array.from(classes, (_, i) => i);
  for (const [firstView, views] of [[0, 1], [1, 2]]) {
    const { features } = await connection.call('features', { pictures: pictures.slice().buffer, numbers, firstView, views, detail: 'parts', seed: 3 });
    await connection.call('keepFeatures', { numbers, features, detail: 'parts' }, { transfer: [features.buffer] });
  }
  const lesson = { numbers, classes, labels: SHAPES, detail: 'parts', options: { head: 'trained', views: 3, seed: 3 } };
  assert.deepEqual(new Uint8Array((await connection.call('teach', lesson)).model), new Uint8Array(model));
  await connection.call('forgetFeatures', { numbers: Uint32Array.of(4) });
  await assert.rejects(connection.call('teach', lesson), { code: 'state' });
  end();
});

test('a picture is shown as the lesson varies it, itself first', { skip }, async () => {
  const { connection, end } = await opened();
  const drawn = picture(0, 12, 6, 6);
  const views = await connection.call('viewsOf', { picture: drawn.slice().buffer, number: 5, views: 3, seed: 3 });
  assert.equal(views.length, 3 * 784);
  assert.deepEqual(views.slice(0, 784), drawn);
  assert.notDeepEqual(views.slice(784, 1568), views.slice(1568));
  const source = { kind: 'prepared', data: drawn.slice().buffer };
  assert.deepEqual(await connection.call('prepare', { source }), drawn);
  end();
});

test('a lesson that cannot be is refused in words', { skip }, async () => {
  const { connection, end } = await opened();
  const lesson = { features: new Float32Array(128), numbers: new Uint32Array(), labels: ['a', 'b'], detail: 'whole', options: {} };
  const call = (/** @type {object} */ other) => connection.call('teach', { ...lesson, classes: Uint32Array.of(0, 1), ...other });
  await assert.rejects(call({ classes: Uint32Array.of(0, 0) }), { code: 'data' });
  await assert.rejects(call({ detail: 'half' }), { code: 'config' });
  await assert.rejects(call({ options: { head: 'round' } }), { code: 'config' });
  await assert.rejects(call({ features: new Float32Array(100) }), { code: 'shape' });
  end();
});
