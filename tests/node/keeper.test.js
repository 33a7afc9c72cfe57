import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ClassifierError } from '../../www/lib/errors.js';
import { Keeper } from '../../www/lib/keeper.js';
import { deferred, workersWith } from './pair.js';

const closed = new ClassifierError('closed', '');
const bytesOf = (...values) => new Uint8Array(values).buffer;

/** Workers that remember how they were filled. `fail` may make a call trap. */
function fillable(fail = () => false) {
  const filled = [];
  const trap = (what) => {
    if (fail(what, filled.length)) throw new WebAssembly.RuntimeError(`trap in ${what}`);
  };
  const pair = workersWith(() => {
    const log = [];
    filled.push(log);
    return {
      load({ bytes }) {
        trap('load');
        log.push(['load', ...new Uint8Array(bytes)]);
        return { value: { labels: [] } };
      },
      create({ spec, seed }) {
        trap('create');
        log.push(['create', spec, seed]);
        return { value: { labels: [] } };
      },
      async setDataset({ images }) {
        trap('setDataset');
        log.push(['setDataset', await images.text()]);
        return { value: null };
      },
      predict() {
        trap('predict');
        return { value: filled.length };
      },
    };
  });
  return { ...pair, filled };
}

/** Opens a keeper; `replaced` resolves with the next replacement's detail. */
function keeperOver(start, inference = start) {
  const keeper = new Keeper({ inference, training: start }, { build: 'b1', trains: inference === start });
  const replaced = deferred();
  const lost = deferred();
  keeper.onReplaced = replaced.resolve;
  keeper.onLost = lost.resolve;
  return { keeper, replaced: replaced.promise, lost: lost.promise };
}

test('a dead worker is replaced by one with the same model and data set', async () => {
  const { start, workers, filled } = fillable((what, n) => what === 'predict' && n === 1);
  const { keeper, replaced } = keeperOver(start);
  await keeper.open({ bytes: bytesOf(1, 2) });
  const files = { images: new Blob(['pictures']), labels: new Blob(['labels']) };
  await keeper.call('setDataset', files);
  keeper.keepDataset(files);
  await assert.rejects(keeper.call('predict', {}), { code: 'crashed' });
  assert.equal(await keeper.call('predict', {}), 2, 'waits for the fresh worker');
  assert.deepEqual(await replaced, { reason: 'trap in predict', restored: 'loaded', dataset: true });
  assert.deepEqual(filled[1], [['load', 1, 2], ['setDataset', 'pictures']]);
  assert.deepEqual(workers.map((worker) => worker.terminated), [true, false]);
  keeper.end(closed);
});

test('the newest checkpoint is what is restored', async () => {
  const { start, filled } = fillable((what, n) => what === 'predict' && n === 1);
  const { keeper, replaced } = keeperOver(start);
  await keeper.open({ spec: 'tiny', seed: 7 });
  keeper.keep(bytesOf(5));
  keeper.keep(bytesOf(6));
  keeper.keep(null);
  await assert.rejects(keeper.call('predict', {}), { code: 'crashed' });
  assert.equal((await replaced).restored, 'checkpoint');
  assert.deepEqual(filled, [[['create', 'tiny', 7]], [['load', 6]]]);
  keeper.end(closed);
});

test('a data set that kills the fresh worker too is left behind', async () => {
  const { start } = fillable((what, n) => (what === 'predict' && n === 1) || (what === 'setDataset' && n === 2));
  const { keeper, replaced } = keeperOver(start);
  await keeper.open({ spec: 'tiny', seed: 7 });
  keeper.keepDataset({ images: new Blob(['x']), labels: new Blob(['y']) });
  await assert.rejects(keeper.call('predict', {}), { code: 'crashed' });
  assert.deepEqual(await replaced, { reason: 'trap in predict', restored: 'created', dataset: false });
  assert.equal(await keeper.call('predict', {}), 3);
  keeper.end(closed);
});

test('without a worker that lives, the model is lost and every call says so', async () => {
  const { start, workers } = fillable((what, n) => what === 'predict' || n > 1);
  const { keeper, lost } = keeperOver(start);
  await keeper.open({ spec: 'tiny', seed: 7 });
  await assert.rejects(keeper.call('predict', {}), { code: 'crashed' });
  assert.match(await lost, /trap in create/);
  await assert.rejects(keeper.call('predict', {}), { code: 'crashed', message: /no other could take over/ });
  assert.equal(workers.length, 2, 'no endless row of workers');
});

test('a model that cannot be opened ends its worker', async () => {
  const { start, workers } = fillable((what) => what === 'load');
  const { keeper } = keeperOver(start);
  await assert.rejects(keeper.open({ bytes: bytesOf(1) }), { code: 'crashed' });
  assert.deepEqual(workers.map((worker) => worker.terminated), [true]);
});

test('an end rejects what is pending and what comes later', async () => {
  const { start, workers } = fillable();
  const { keeper } = keeperOver(start);
  await keeper.open({ spec: 'tiny', seed: 7 });
  const pending = keeper.call('predict', {});
  keeper.end(closed);
  await assert.rejects(pending, { code: 'closed' });
  await assert.rejects(keeper.call('predict', {}), { code: 'closed' });
  assert.ok(workers[0].terminated);
});

test('a model that only predicts moves to the whole engine when a call needs it, and stays there', async () => {
  const small = fillable();
  const whole = fillable();
  const { keeper } = keeperOver(whole.start, small.start);
  await keeper.open({ bytes: bytesOf(1, 2) });
  assert.equal(await keeper.call('predict', {}), 1);
  assert.equal(whole.workers.length, 0, 'nobody has asked for more yet');
  const files = { images: new Blob(['pictures']), labels: new Blob(['labels']) };
  // What is pending is answered, and what is asked meanwhile waits.
  const [before, , after] = await Promise.all([
    keeper.call('predict', {}),
    keeper.call('setDataset', files),
    keeper.call('predict', {}),
    keeper.call('setDataset', files),
  ]);
  assert.deepEqual([before, after], [1, 1]);
  assert.deepEqual(whole.filled, [[['load', 1, 2], ['setDataset', 'pictures'], ['setDataset', 'pictures']]]);
  assert.deepEqual(small.workers.map((worker) => worker.terminated), [true]);
  await keeper.call('predict', {});
  assert.equal(small.filled.length + whole.filled.length, 2, 'one worker of each kind');
  keeper.end(closed);
});

test('where the whole engine cannot be had, the model goes on predicting', async () => {
  const small = fillable();
  const whole = fillable((what) => what === 'load');
  const { keeper } = keeperOver(whole.start, small.start);
  await keeper.open({ bytes: bytesOf(3) });
  const files = { images: new Blob([]), labels: new Blob([]) };
  await assert.rejects(keeper.call('setDataset', files), { code: 'crashed' });
  assert.equal(await keeper.call('predict', {}), 1);
  assert.deepEqual(whole.workers.map((worker) => worker.terminated), [true]);
  keeper.end(closed);
});

test('a model closed while it moves leaves no worker behind', async () => {
  const small = fillable();
  const whole = fillable();
  const { keeper } = keeperOver(whole.start, small.start);
  await keeper.open({ bytes: bytesOf(3) });
  const call = keeper.call('setDataset', { images: new Blob([]), labels: new Blob([]) });
  keeper.end(closed);
  await assert.rejects(call, { code: 'closed' });
  assert.deepEqual([...small.workers, ...whole.workers].map((worker) => worker.terminated), [true, true]);
});

test('a model with a layer that the small engine leaves out is opened in the whole one', async () => {
  const small = workersWith(() => ({
    load() {
      throw new ClassifierError('unsupported', 'a rare layer');
    },
  }));
  const whole = fillable();
  const { keeper } = keeperOver(whole.start, small.start);
  assert.deepEqual(await keeper.open({ bytes: bytesOf(4) }), { labels: [] });
  assert.equal(await keeper.call('predict', {}), 1);
  assert.deepEqual(whole.filled, [[['load', 4]]]);
  assert.deepEqual([...small.workers, ...whole.workers].map((worker) => worker.terminated), [true, false]);
  keeper.end(closed);
});
