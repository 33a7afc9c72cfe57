import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Connection } from '../../www/lib/connection.js';
import { ClassifierError } from '../../www/lib/errors.js';
import { ganHandlers } from '../../www/lib/gan-handlers.js';
import { workersWith } from './pair.js';

/** Trains nothing: a step a slice. */
class FakeGan {
  steps = 0;

  static create(preset, options) {
    if (preset !== 'gan-small') throw new ClassifierError('config', 'The option preset must be gan-small.');
    const gan = new FakeGan();
    gan.options = options;
    return gan;
  }

  info() {
    return { nClasses: 10, options: this.options };
  }

  trainSlice() {
    this.steps += 1;
    return { step: this.steps, generatorLoss: 1, discriminatorLoss: [1, 1] };
  }

  sample(classes, seed) {
    return { data: Uint8Array.from(classes), diversity: seed, realDiversity: this.steps };
  }

  save() {
    return new Uint8Array([this.steps]);
  }

  free() {}
}

function connected() {
  const { start } = workersWith(() => ganHandlers(FakeGan));
  const connection = new Connection(start, { build: 'b1' });
  return { connection, end: () => connection.end(new ClassifierError('closed', '')) };
}

test('a generator trains until it is stopped, goes on, and makes pictures meanwhile', async () => {
  const { connection, end } = connected();
  await assert.rejects(connection.call('save', {}), { code: 'state' });
  await assert.rejects(connection.call('create', { preset: 'other', options: {} }), { code: 'config' });
  assert.deepEqual(await connection.call('create', { preset: 'gan-small', options: { seed: 3 } }), { nClasses: 10, options: { seed: 3 } });
  const told = [];
  const training = connection.call('train', {}, { onProgress: ({ step }) => told.push(step) });
  const { data, diversity } = await connection.call('sample', { classes: Uint32Array.of(4, 2), seed: 9 });
  assert.deepEqual([[...data], diversity], [[4, 2], 9]);
  await assert.rejects(connection.call('train', {}), { code: 'state' });
  await assert.rejects(connection.call('create', { preset: 'gan-small', options: {} }), { code: 'state' });
  await connection.call('stop', {});
  const { step, milliseconds } = await training;
  assert.ok(step >= 1 && milliseconds >= 0 && told[0] === 1);
  await assert.rejects(connection.call('stop', {}), { code: 'state' });

  const again = connection.call('train', {});
  await connection.call('stop', {});
  assert.ok((await again).step > step, 'it goes on where it was');
  end();
});

test('a pause lets no step through; an abort ends a paused training, too', async () => {
  const { connection, end } = connected();
  await connection.call('create', { preset: 'gan-small', options: {} });
  const controller = new AbortController();
  const training = connection.call('train', {}, { signal: controller.signal });
  await connection.call('pause', {});
  const steps = async () => new Uint8Array((await connection.call('save', {})).bytes)[0];
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  const before = await steps();
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(await steps(), before);
  controller.abort();
  await assert.rejects(training, { code: 'aborted' });
  const next = connection.call('train', {});
  await connection.call('stop', {});
  assert.ok((await next).step > before);
  end();
});
