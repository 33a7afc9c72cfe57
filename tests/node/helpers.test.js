/** A training shared by several workers, each an engine of its own behind a port. Needs www/lib/pkg to be built. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { TrainingDesk } from '../../www/lib/core-handlers.js';
import { countWorkers } from '../../www/lib/crew.js';
import { takeDataset } from '../../www/lib/datasets.js';
import { help } from '../../www/lib/helper.js';
import { Helpers } from '../../www/lib/helpers.js';
import { engineHandlers } from '../../www/lib/training-handlers.js';
import { bufferOf } from '../../www/lib/pace.js';
import { Training } from '../../www/lib/training.js';
import { hashOfTensors } from '../bits/hash.js';

const pkg = new URL('../../www/lib/pkg/', import.meta.url);
const engine = await import(new URL('engine.js', pkg)).catch(() => null);
const skip = !engine && 'www/lib/pkg is not built';
if (engine) await engine.default({ module_or_path: await readFile(new URL('engine-whole_bg.wasm', pkg)) });

const read = (name) => readFile(new URL(`../bits/${name}`, import.meta.url));
const { spec, seed, options, hash } = JSON.parse(await read('run.json'));
const files = { images: new Blob([await read('images.idx3-ubyte')]), labels: new Blob([await read('labels.idx1-ubyte')]) };
const signal = new AbortController().signal;
/** What a worker has at hand for its engine. */
const desk = (EngineClass) => new TrainingDesk(EngineClass, async () => ({ takeDataset }));

for (const nWorkers of [2, 4]) {
  test(`100 steps of ${nWorkers} workers have the committed bits`, { skip }, async () => {
    const context = { signal, progress: () => {} };
    const leader = engineHandlers(engine.Engine);
    await leader.create({ spec, seed }, context);
    await leader.setDataset(files, context);
    const channels = Array.from({ length: nWorkers - 1 }, () => new MessageChannel());
    const helping = channels.map(({ port2 }) => engineHandlers(engine.Engine).help({ port: port2 }, context));
    let started = false;
    let resumed = false;
    const progress = async ({ progress }) => {
      if (!started) {
        started = true;
        await leader.pause({}, context);
      }
      if (!resumed && progress.nWorkers === nWorkers) {
        resumed = true;
        assert.equal(progress.step, 0);
        // A single step first, which all take part in.
        assert.equal((await leader.step({}, context)).value.step, 1);
        leader.resume({}, context);
      }
    };
    const helpers = channels.map(({ port1 }) => port1);
    const { value } = await leader.train({ options, helpers }, { signal, progress });
    assert.equal(value.result.step, 100);
    assert.equal(value.result.nWorkers, nWorkers);
    assert.equal(hashOfTensors(new Uint8Array(value.checkpoint)), hash);
    await Promise.all(helping); // the leader told them that it is over
  });
}

/**
 * Trains by so many workers, paused at the start and steered then.
 * @param {number} nWorkers
 * @param {object} call
 * @param {(leader: any) => Promise<unknown>} steer
 */
async function steered(nWorkers, call, steer) {
  const context = { signal, progress: () => {} };
  const leader = engineHandlers(engine.Engine);
  await leader.create({ spec, seed }, context);
  await leader.setDataset(files, context);
  const channels = Array.from({ length: nWorkers - 1 }, () => new MessageChannel());
  const helping = channels.map(({ port2 }) => engineHandlers(engine.Engine).help({ port: port2 }, context));
  let isPaused = false;
  /** @type {Promise<unknown> | null} */
  let steering = null;
  const progress = ({ progress }) => {
    if (!isPaused) leader.pause({}, context);
    isPaused = true;
    if (progress.nWorkers === nWorkers) steering ??= steer(leader).then(() => leader.resume({}, context));
  };
  const { value } = await leader.train({ options, helpers: channels.map(({ port1 }) => port1), ...call }, { signal, progress });
  await Promise.all([steering, ...helping]);
  return hashOfTensors(new Uint8Array(value.checkpoint));
}

test('a training changed on the way has the same bits by one worker and by two, and gone on with', { skip }, async () => {
  /** @type {ArrayBuffer[]} */
  const putAside = [];
  const change = async (leader) => {
    for (let n = 0; n < 7; n += 1) await leader.step({});
    const { value } = await leader.changeTraining({ changes: { batchSize: 10, learningRate: 0.01, beta1: 0.5 } });
    assert.deepEqual([value.step, value.inForce.batchSize, value.inForce.beta1], [7, 10, 0.5]);
    for (let n = 0; n < 3; n += 1) await leader.step({});
    putAside.push((await leader.checkpoint()).value.bytes);
    await assert.rejects(leader.changeTraining({ changes: { batchSize: 20, momentum: 0.5 } }), { code: 'config' });
  };
  const alone = await steered(1, {}, change);
  assert.notEqual(alone, hash);
  assert.equal(await steered(2, {}, change), alone);
  assert.deepEqual(new Uint8Array(putAside[0]), new Uint8Array(putAside[1]));
  for (const nWorkers of [1, 2]) {
    const resumeFrom = putAside[0].slice(0);
    assert.equal(await steered(nWorkers, { resumeFrom }, async (leader) => {
      assert.equal((await leader.step({})).value.inForce.batchSize, 10);
    }), alone);
  }
});

test('a look inside a training changes no bit, and tells of its layers', { skip }, async () => {
  const seen = [];
  const look = async (leader) => {
    for (let n = 0; n < 5; n += 1) {
      seen.push((await leader.internals({})).value);
      await leader.step({});
    }
  };
  assert.equal(await steered(2, {}, look), hash);
  const [first, second] = seen;
  assert.deepEqual(seen.map(({ step }) => step), [0, 1, 2, 3, 4]);
  assert.ok(first.memoryBytes >= 65536 && first.nExamples > 1, JSON.stringify(first));
  const learns = second.layers.filter(({ gradientNorm }) => gradientNorm !== undefined);
  assert.ok(learns.length > 0);
  for (const { name, gradientNorm, updateRatio } of learns) {
    assert.ok(gradientNorm > 0 && updateRatio > 0 && updateRatio < 1, `${name}: ${gradientNorm}, ${updateRatio}`);
  }
  assert.ok(first.layers.every(({ updateRatio }) => updateRatio === undefined), 'no step was watched yet');
});

/**
 * Helps until so many rounds are computed; then it fails with a word, or falls silent as a worker that is gone.
 * @param {number} nRounds
 * @param {boolean} silent
 */
function failing(nRounds, silent) {
  const { port1, port2 } = new MessageChannel();
  let n = 0;
  class Failing extends engine.Engine {
    static load(bytes) {
      return Object.setPrototypeOf(engine.Engine.load(bytes), Failing.prototype);
    }

    beginRound() {
      n += 1;
      if (n <= nRounds) return super.beginRound();
      if (silent) port2.onmessage = null;
      throw new Error('unreachable');
    }
  }
  // A silent one's last word does not come through.
  const port = silent ? { postMessage: (message) => message.type !== 'failed' && port2.postMessage(message), close: () => {} } : port2;
  if (silent) port2.onmessage = (event) => port.onmessage(event);
  const helping = help(desk(Failing), port, signal);
  helping.catch(() => {});
  return { port: port1, end: () => port2.close() };
}

/** One that helps to the end. */
function helping() {
  const { port1, port2 } = new MessageChannel();
  help(desk(engine.Engine), port2, signal);
  return { port: port1, end: () => port2.close() };
}

for (const silent of [false, true]) {
  for (const nWorkers of [2, 4]) {
    test(`a helper of ${nWorkers} workers that ${silent ? 'falls silent' : 'fails'} is done without, to the same bits`, { skip }, async () => {
      const network = engine.Engine.create(spec, seed);
      network.setDataset(await read('images.idx3-ubyte'), await read('labels.idx1-ubyte'));
      // The last of the parts, which is no neighbor of the leader's where there are four.
      const all = [...Array.from({ length: nWorkers - 2 }, helping), failing(5, silent)];
      const helpers = new Helpers(all.map(({ port }) => port), 50);
      const counts = [];
      const training = new Training(network, options, (progress) => {
        if (progress.nWorkers === nWorkers) training.resume();
        counts.push(progress.nWorkers);
      }, { helpers });
      helpers.prepare(() => bufferOf(network.save('i8')), files);
      training.pause();
      const { result } = await training.run(signal);
      assert.equal(result.step, 100);
      assert.deepEqual([Math.max(...counts), result.nWorkers], [nWorkers, nWorkers / 2]);
      assert.equal(hashOfTensors(network.save('f32')), hash);
      helpers.end();
      all.forEach(({ end }) => end());
    });
  }
}

test('a helper that comes late takes over the run as it is, and the optimizer with it', { skip }, async () => {
  const network = engine.Engine.create(spec, seed);
  network.setDataset(await read('images.idx3-ubyte'), await read('labels.idx1-ubyte'));
  const { port1, port2 } = new MessageChannel();
  const helpers = new Helpers([port1]);
  let nTogether = 0;
  const come = () => {
    help(desk(engine.Engine), port2, signal);
    helpers.prepare(() => bufferOf(network.save('i8')), files);
  };
  const training = new Training(network, options, ({ nWorkers, step }) => {
    if (step > 0 && step < 100 && nWorkers === 2) nTogether += 1;
  }, { helpers });
  training.pause();
  const running = training.run(signal);
  for (let step = 0; step < 30; step += 1) {
    await training.slice(0);
    if (step === 17) come();
    while (step === 17 && helpers.nWorkers < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  training.resume();
  await running;
  assert.ok(nTogether > 0);
  assert.equal(hashOfTensors(network.save('f32')), hash);
  helpers.end();
});

test('workers are a power of two, at most as many as shards', () => {
  assert.deepEqual([1, 2, 3, 4, 7].map((asked) => countWorkers(asked)), [1, 2, 2, 4, 4]);
  assert.equal(countWorkers(64, 16), 16);
  assert.equal(countWorkers(8, 1), 1);
  assert.throws(() => countWorkers(0), { code: 'config' });
  assert.throws(() => countWorkers(1.5), { code: 'config' });
});
