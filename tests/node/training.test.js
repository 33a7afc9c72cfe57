import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ClassifierError } from '../../www/lib/errors.js';
import { engineHandlers } from '../../www/lib/training-handlers.js';
import { Connection } from '../../www/lib/connection.js';
import { Training } from '../../www/lib/training.js';
import { workersWith } from './pair.js';

/** Trains nothing: 2 epochs of 3 steps of 4 examples, one step a slice, 10 ms each by its own clock. */
class FakeEngine {
  static made = [];
  clock = 0;
  step = 0;
  learningRate = 0.001;
  running = false;
  stops = 0;
  saves = 0;

  static create() {
    const engine = new FakeEngine();
    FakeEngine.made.push(engine);
    return engine;
  }

  info() {
    return { labels: ['a'] };
  }

  startTraining(options) {
    if (options.epochs === 0) throw new ClassifierError('config', 'The option epochs must be at least 1.');
    this.step = 0;
    this.running = true;
    this.failAt = options.failAt;
    return this.report([]);
  }

  trainSlice() {
    assert.ok(this.running, 'no slice after the end');
    this.clock += 10;
    this.step += 1;
    if (this.step === this.failAt) throw new ClassifierError('non-finite', 'The loss became NaN.');
    const ended = this.step % 3 === 0;
    if (this.step === 6) this.running = false;
    return this.report(ended ? [{ epoch: this.step / 3, loss: 1, accuracy: 0.5 }] : []);
  }

  stopTraining() {
    this.running = false;
    this.stops += 1;
    return { ...this.report([]), state: 'finished' };
  }

  changeTraining({ learningRate }) {
    assert.ok(this.running, 'no change after the end');
    this.learningRate = learningRate;
    return this.report([]);
  }

  predictStrokes() {
    return { classes: [{ label: 'a', index: 0, confidence: 1 }], blank: false, input: null };
  }

  save() {
    this.saves += 1;
    return new Uint8Array([this.step]);
  }

  startEvaluation(which) {
    this.which = which;
    this.chunks = 3;
    return 3;
  }

  evaluateSlice() {
    return --this.chunks > 0 ? 3 - this.chunks : { accuracy: 1, which: this.which };
  }

  report(history) {
    const { step } = this;
    return { state: step === 6 ? 'finished' : 'running', step, nSteps: 6, nExamplesSeen: 4 * step, history, loss: 1 };
  }
}

/** Long enough for a paused training to fall asleep. */
async function settle() {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}

async function connected() {
  const { start, workers } = workersWith(() => engineHandlers(FakeEngine));
  const connection = new Connection(start, { build: 'b1' });
  await connection.call('create', { spec: 'tiny', seed: 1 });
  return { connection, engine: FakeEngine.made.at(-1), workers, end: () => connection.end(new ClassifierError('closed', '')) };
}

test('every epoch is told once as progress, and all of them in the result', async () => {
  const { connection, end } = await connected();
  const told = [];
  const { result, checkpoint } = await connection.call('train', { options: {} }, {
    onProgress: ({ progress }) => told.push(...progress.history.map(({ epoch }) => epoch)),
  });
  assert.deepEqual(told, [1, 2]);
  assert.equal(result.state, 'finished');
  assert.deepEqual(result.history.map(({ epoch }) => epoch), [1, 2]);
  assert.deepEqual([...new Uint8Array(checkpoint)], [6]);
  end();
});

test('speed and time left come from the slices alone, after the first', async () => {
  const engine = FakeEngine.create();
  const told = [];
  const training = new Training(engine, {}, (progress) => told.push(progress), { now: () => engine.clock });
  await training.run(new AbortController().signal);
  const last = told.at(-1);
  assert.equal(last.imagesPerSecond, 400);
  assert.equal(last.secondsLeft, 0);
  const middle = told.find(({ step }) => step === 3);
  assert.equal(middle.secondsLeft, 0.03);
  assert.equal(middle.milliseconds, 30);
});

test('predictions and a changed learning rate are answered during training', async () => {
  const { connection, engine, end } = await connected();
  const training = connection.call('train', { options: {} });
  const source = { kind: 'strokes', points: new Float32Array(2), lengths: new Uint32Array([1]) };
  const prediction = await connection.call('predict', { source, topK: 1 });
  await connection.call('changeTraining', { changes: { learningRate: 0.5 } });
  assert.ok(engine.step < 6, 'training was still under way');
  assert.equal(prediction.classes[0].label, 'a');
  assert.equal(engine.learningRate, 0.5);
  await training;
  end();
});

test('a paused training makes single steps only, and goes on when told', async () => {
  const { connection, engine, end } = await connected();
  const training = connection.call('train', { options: {} });
  const { step } = await connection.call('pause', {});
  await settle();
  assert.equal(engine.step, step);
  assert.equal((await connection.call('step', {})).step, step + 1);
  await assert.rejects(connection.call('setDataset', { images: new Blob(), labels: new Blob() }), { code: 'state' });
  await connection.call('resume', {});
  assert.equal((await training).result.step, 6);
  await assert.rejects(connection.call('pause', {}), { code: 'state' });
  end();
});

test('a paused training goes on to the end of its epoch when told, and pauses there', async () => {
  const { connection, engine, end } = await connected();
  const training = connection.call('train', { options: {} });
  const { step } = await connection.call('pause', {});
  assert.ok(step < 3, 'paused in the first epoch');
  const progress = await connection.call('step', { of: 'epoch' });
  assert.equal(progress.step, 3);
  await settle();
  assert.equal(engine.step, 3, 'it is paused');
  const last = await connection.call('step', { of: 'epoch' });
  assert.deepEqual([last.step, last.state], [6, 'finished']);
  assert.equal((await training).result.state, 'finished');
  end();
});

test('a pause and a stop end a step of a whole epoch early', async () => {
  const { connection, end } = await connected();
  const training = connection.call('train', { options: {} });
  await connection.call('pause', {});
  const [early] = await Promise.all([connection.call('step', { of: 'epoch' }), connection.call('pause', {})]);
  assert.equal(early.state, 'running');
  const [, , result] = await Promise.all([connection.call('step', { of: 'epoch' }), connection.call('stop', {}), training]);
  assert.equal(result.result.state, 'stopped');
  end();
});

test('a paused training that steps over its end finishes', async () => {
  const { connection, end } = await connected();
  const training = connection.call('train', { options: {} });
  await connection.call('pause', {});
  await settle();
  let progress;
  do progress = await connection.call('step', {});
  while (progress.state === 'running');
  assert.equal((await training).result.state, 'finished');
  end();
});

for (const paused of [false, true]) {
  test(`stop resolves and abort rejects a training that is ${paused ? 'paused' : 'running'}`, async () => {
    const { connection, engine, end } = await connected();
    let training = connection.call('train', { options: {} });
    if (paused) {
      await connection.call('pause', {});
      await settle();
    }
    await connection.call('stop', {});
    assert.equal((await training).result.state, 'stopped');
    assert.equal(engine.stops, 1);

    const controller = new AbortController();
    let kept;
    training = connection.call('train', { options: {} }, {
      signal: controller.signal,
      onProgress: ({ checkpoint }) => (kept = checkpoint ?? kept),
    });
    if (paused) {
      await connection.call('pause', {});
      await settle();
    }
    controller.abort();
    await assert.rejects(training, { code: 'aborted' });
    assert.equal(engine.stops, 2);
    assert.ok(kept, 'the weights of that moment came along');
    end();
  });
}

test('a training that fails leaves the way free for the next', async () => {
  const { connection, end } = await connected();
  await assert.rejects(connection.call('train', { options: { epochs: 0 } }), { code: 'config' });
  await assert.rejects(connection.call('train', { options: { failAt: 2 } }), { code: 'non-finite' });
  const running = connection.call('train', { options: {} });
  await assert.rejects(connection.call('train', { options: {} }), { code: 'state' });
  assert.equal((await running).result.state, 'finished');
  end();
});

test('evaluation is of all examples before a training and of the validation split after', async () => {
  const { connection, end } = await connected();
  assert.equal((await connection.call('evaluate', {})).which, 'all');
  await connection.call('train', { options: {} });
  assert.equal((await connection.call('evaluate', {})).which, 'validation');
  end();
});
