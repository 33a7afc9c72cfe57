import assert from 'node:assert/strict';
import { test } from 'node:test';

import { deferred, workersWith } from './pair.js';

const build = await import('../../www/lib/pkg/build.js').then((module) => module.BUILD, () => null);
const skip = build === null && 'www/lib/pkg is not built';
const { Classifier } = skip ? {} : await import('../../www/lib/index.js');
const { presets } = skip ? {} : await import('../../www/lib/presets.js');

const strokes = [[{ x: 0, y: 1 }, { x: 2, y: 3 }], [{ x: 4, y: 5 }]];

/** A classifier over these handlers, besides those that make the model. */
async function classifierOver(handlers) {
  const { start, workers } = workersWith(() => ({ create: () => ({ value: { labels: ['a'] } }), ...handlers }), { build });
  globalThis.Worker = function FakeWorkerStarter() {
    return start();
  };
  return { classifier: await Classifier.create('tiny'), workers };
}

test('strokes arrive as one row of points and the length of each stroke', { skip }, async () => {
  let seen;
  const { classifier } = await classifierOver({
    predict({ source, topK }) {
      seen = { points: [...source.points], lengths: [...source.lengths], topK };
      return { value: 'answer' };
    },
  });
  assert.equal(await classifier.predict({ strokes }, { topK: 3 }), 'answer');
  assert.deepEqual(seen, { points: [0, 1, 2, 3, 4, 5], lengths: [2, 1], topK: 3 });
  classifier.close();
});

test("a picture in memory is captured at the call, and stays the caller's", { skip }, async () => {
  const { classifier } = await classifierOver({ predict: ({ source }) => ({ value: [...new Uint8Array(source.data)] }) });
  const whole = new Uint8Array([1, 2, 3, 4]);
  for (const [data, expected] of [[whole, [1, 2, 3, 4]], [whole.subarray(1), [2, 3, 4]]]) {
    const prediction = classifier.predict({ data, width: data.length, height: 1, channels: 1 });
    const [first] = data;
    data[0] = 9;
    assert.deepEqual(await prediction, expected);
    assert.equal(data.length, expected.length);
    data[0] = first;
  }
  classifier.close();
});

test('while drawing, the newest picture takes the place of those waiting', { skip }, async () => {
  const first = deferred();
  let n = 0;
  const { classifier } = await classifierOver({ predict: () => (n++ === 0 ? first.promise : { value: n }) });
  const draw = () => classifier.predict({ strokes }, { latest: true });
  const [one, two, three] = [draw(), draw(), draw()];
  await assert.rejects(two, { code: 'superseded' });
  first.resolve({ value: 1 });
  assert.deepEqual([await one, await three], [1, 2]);
  classifier.close();
});

test('wrong options are refused before anything is sent', { skip }, async () => {
  const { classifier, workers } = await classifierOver({});
  const sent = workers[0].received.length;
  await assert.rejects(classifier.predict({ strokes }, { topK: 0 }), { code: 'config' });
  await assert.rejects(classifier.predict(7), { code: 'image' });
  await assert.rejects(classifier.predict({ strokes: [[{ x: NaN, y: 0 }]] }), { code: 'image' });
  await assert.rejects(classifier.predict({ strokes: [null] }), { code: 'image' });
  await assert.rejects(Classifier.create('tiny', { seed: 1.5 }), { code: 'config' });
  await assert.rejects(Classifier.load(7), { code: 'config' });
  assert.throws(() => new Classifier(), { code: 'config' });
  assert.equal(workers[0].received.length, sent);
  classifier.close();
});

test('a replaced worker is told as an event, with the last weights seen in training', { skip }, async () => {
  const { classifier, workers } = await classifierOver({
    load: ({ bytes }) => ({ value: { labels: [...new Uint8Array(bytes)] } }),
    train(_, { progress }) {
      progress({ progress: { epoch: 1 }, checkpoint: new Uint8Array([5]).buffer });
      throw new WebAssembly.RuntimeError('unreachable');
    },
  });
  const { promise, resolve } = deferred();
  classifier.addEventListener('replaced', (event) => resolve(event.detail));
  const told = [];
  await assert.rejects(classifier.train({ onProgress: ({ epoch }) => told.push(epoch) }), { code: 'crashed' });
  assert.deepEqual(await promise, { reason: 'unreachable', restored: 'checkpoint', dataset: false });
  assert.deepEqual(told, [1]);
  assert.deepEqual([...new Uint8Array(workers[1].received[0].bytes)], [5]);
  classifier.close();
});

test('the presets are told as copies', { skip }, () => {
  presets()[0].title = 'changed';
  assert.notEqual(presets()[0].title, 'changed');
});
