import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

import { Connection } from '../../www/lib/connection.js';
import { ClassifierError } from '../../www/lib/errors.js';
import { FakeWorker, deferred, workersWith } from './pair.js';

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('calls made before the worker is ready arrive in order', async () => {
  const seen = [];
  const { start } = workersWith(() => ({ note: ({ n }) => ({ value: seen.push(n) }) }));
  const connection = new Connection(start, { build: 'b1' });
  const replies = await Promise.all([1, 2, 3].map((n) => connection.call('note', { n })));
  assert.deepEqual(seen, [1, 2, 3]);
  assert.deepEqual(replies, [1, 2, 3]);
  connection.end(new ClassifierError('closed', ''));
});

test('a coded error is an answer and the worker lives on', async () => {
  const { start, workers } = workersWith(() => ({
    refuse() {
      throw Object.assign(new Error('No such thing.'), { code: 'config' });
    },
    answer: () => ({ value: 42 }),
  }));
  const connection = new Connection(start, { build: 'b1' });
  await assert.rejects(connection.call('refuse', {}), { code: 'config', message: 'No such thing.' });
  assert.equal(await connection.call('answer', {}), 42);
  assert.equal(workers.length, 1);
  connection.end(new ClassifierError('closed', ''));
});

test('an error without a code poisons the instance, and the first panic is what is told', async () => {
  let death;
  const never = deferred();
  const { start, workers } = workersWith(
    () => ({
      trap() {
        throw new WebAssembly.RuntimeError('unreachable');
      },
      wait: () => never.promise,
    }),
    { panicText: () => 'panicked at src/plan.rs: index out of bounds' },
  );
  const connection = new Connection(start, { build: 'b1', onDeath: (error) => (death = error) });
  const waiting = connection.call('wait', {});
  const trapped = connection.call('trap', {});
  await assert.rejects(waiting, { code: 'crashed' });
  await assert.rejects(trapped, { code: 'crashed', message: /index out of bounds/ });
  assert.equal(death.code, 'crashed');
  assert.ok(workers[0].terminated);
  await assert.rejects(connection.call('wait', {}), { code: 'crashed' });
});

test('an aborted call ends with AbortError once its handler gave up, and the worker lives on', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  const { start, workers } = workersWith(() => ({
    wait: (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new ClassifierError('aborted', 'stopped')));
      }),
  }));
  const connection = new Connection(start, { build: 'b1' });
  await connection.ready;
  const controller = new AbortController();
  const call = connection.call('wait', {}, { signal: controller.signal });
  controller.abort('no longer wanted');
  await assert.rejects(call, { code: 'aborted', name: 'AbortError', cause: 'no longer wanted' });
  mock.timers.tick(10_000);
  mock.timers.reset();
  assert.equal(workers[0].terminated, false);
  connection.end(new ClassifierError('closed', ''));
});

test('aborting a call that was not sent yet ends it at once, and it is never sent', async () => {
  const { start, workers } = workersWith(() => ({}), { ready: false });
  const connection = new Connection(start, { build: 'b1' });
  const controller = new AbortController();
  const call = connection.call('wait', {}, { signal: controller.signal });
  controller.abort();
  await assert.rejects(call, { code: 'aborted' });
  workers[0].reply({ type: 'ready', build: 'b1' });
  await connection.ready;
  assert.deepEqual(workers[0].received, []);
  await assert.rejects(connection.call('wait', {}, { signal: controller.signal }), { code: 'aborted' });
  connection.end(new ClassifierError('closed', ''));
});

test('a cancel that is not honored in two seconds ends the worker', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    let death;
    const { start, workers } = workersWith(() => ({ wait: () => deferred().promise }));
    const connection = new Connection(start, { build: 'b1', onDeath: (error) => (death = error) });
    await connection.ready;
    const controller = new AbortController();
    const canceled = connection.call('wait', {}, { signal: controller.signal });
    const other = connection.call('wait', {});
    controller.abort();
    mock.timers.tick(1_999);
    assert.equal(workers[0].terminated, false);
    mock.timers.tick(1);
    assert.ok(workers[0].terminated);
    await assert.rejects(canceled, { code: 'aborted' });
    await assert.rejects(other, { code: 'crashed' });
    assert.equal(death.code, 'crashed');
  } finally {
    mock.timers.reset();
  }
});

test('a worker that falls silent is found dead by its unanswered heartbeats', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const worker = new FakeWorker();
    const connection = new Connection(() => worker, { build: 'b1' });
    worker.reply({ type: 'ready', build: 'b1' });
    await connection.ready;
    let outcome = 'pending';
    connection.call('predict', {}).catch((error) => (outcome = error.code));
    for (let i = 0; i < 5; i++) mock.timers.tick(2_000);
    await turn();
    assert.equal(outcome, 'pending');
    mock.timers.tick(2_000);
    await turn();
    assert.equal(outcome, 'crashed');
    assert.equal(worker.received.filter((message) => message.type === 'ping').length, 5);
  } finally {
    mock.timers.reset();
  }
});

test('a busy worker that answers its heartbeats is left alone', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const result = deferred();
    const { start } = workersWith(() => ({ predict: () => result.promise }));
    const connection = new Connection(start, { build: 'b1' });
    await connection.ready;
    const call = connection.call('predict', {});
    for (let i = 0; i < 50; i++) {
      mock.timers.tick(2_000);
      await turn();
    }
    result.resolve({ value: 'late' });
    assert.equal(await call, 'late');
    connection.end(new ClassifierError('closed', ''));
  } finally {
    mock.timers.reset();
  }
});

test('a training is given long to begin, but is soon missed once it has reported regularly', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    for (const [nReports, nBeats] of [[0, 30], [3, 5]]) {
      const worker = new FakeWorker();
      const connection = new Connection(() => worker, { build: 'b1' });
      worker.reply({ type: 'ready', build: 'b1' });
      await connection.ready;
      let outcome = 'pending';
      connection.call('train', {}).catch((error) => (outcome = error.code));
      for (let i = 0; i < nReports; i++) {
        worker.reply({ id: 1, type: 'progress', value: i });
        await turn();
      }
      for (let i = 0; i < nBeats; i++) mock.timers.tick(2_000);
      await turn();
      assert.equal(outcome, 'pending', `${nReports} reports`);
      mock.timers.tick(2_000);
      await turn();
      assert.equal(outcome, 'crashed', `${nReports} reports`);
    }
  } finally {
    mock.timers.reset();
  }
});

test('a worker that does not start, or is of another build, is refused with its reason', async () => {
  const throwing = new Connection(() => { throw new Error('blocked by policy'); }, { build: 'b1' });
  await assert.rejects(throwing.ready, { code: 'startup', message: /blocked by policy/ });

  const missing = new FakeWorker();
  const connection = new Connection(() => missing, { build: 'b1' });
  const call = connection.call('predict', {});
  missing.dispatchEvent(new Event('error'));
  await assert.rejects(call, { code: 'startup' });

  const { start, workers } = workersWith(() => ({}), { build: 'b2' });
  const other = new Connection(start, { build: 'b1' });
  await assert.rejects(other.ready, { code: 'build', message: /b1.*b2/ });
  assert.ok(workers[0].terminated);
});

test('a worker that never becomes ready is given up', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const connection = new Connection(() => new FakeWorker(), { build: 'b1' });
    const call = connection.call('predict', {});
    mock.timers.tick(30_000);
    await assert.rejects(call, { code: 'startup', message: /30 s/ });
  } finally {
    mock.timers.reset();
  }
});

test('arguments that cannot be sent reject that call only', async () => {
  const { start } = workersWith(() => ({ answer: () => ({ value: 1 }) }));
  const connection = new Connection(start, { build: 'b1' });
  await connection.ready;
  await assert.rejects(connection.call('answer', { f: () => {} }), { code: 'config' });
  assert.equal(await connection.call('answer', {}), 1);
  connection.end(new ClassifierError('closed', ''));
});
