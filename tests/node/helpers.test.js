/** A training shared by several workers, each an engine of its own behind a port. Needs www/lib/pkg to be built. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { countWorkers } from '../../www/lib/crew.js';
import { help } from '../../www/lib/helper.js';
import { Helpers } from '../../www/lib/helpers.js';
import { engineHandlers } from '../../www/lib/training-handlers.js';
import { Training, bufferOf } from '../../www/lib/training.js';
import { hashOfTensors } from '../bits/hash.js';

const pkg = new URL('../../www/lib/pkg/', import.meta.url);
const engine = await import(new URL('engine.js', pkg)).catch(() => null);
const skip = !engine && 'www/lib/pkg is not built';
if (engine) await engine.default({ module_or_path: await readFile(new URL('engine_bg.wasm', pkg)) });

const read = (name) => readFile(new URL(`../bits/${name}`, import.meta.url));
const { spec, seed, options, hash } = JSON.parse(await read('run.json'));
const files = { images: new Blob([await read('images.idx3-ubyte')]), labels: new Blob([await read('labels.idx1-ubyte')]) };
const signal = new AbortController().signal;

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

/** Helps through a wire that is cut after so many parts, with a word or without. */
function failing(nParts, silent) {
  const { port1, port2 } = new MessageChannel();
  const inner = new MessageChannel();
  help(engine.Engine, inner.port2, signal);
  port2.onmessage = ({ data }) => {
    if (data.type !== 'part' || --nParts > 0) inner.port1.postMessage(data, { transfer: data.buffer ? [data.buffer] : [] });
    else if (!silent) port2.postMessage({ type: 'failed', message: 'unreachable' });
  };
  inner.port1.onmessage = ({ data }) => port2.postMessage(data, { transfer: data.buffer ? [data.buffer] : [] });
  return { port: port1, end: () => [port2, inner.port1].forEach((port) => port.close()) };
}

for (const silent of [false, true]) {
  test(`a helper that ${silent ? 'falls silent' : 'fails'} is done without, to the same bits`, { skip }, async () => {
    const network = engine.Engine.create(spec, seed);
    network.setDataset(await read('images.idx3-ubyte'), await read('labels.idx1-ubyte'));
    const helper = failing(5, silent);
    const helpers = new Helpers([helper.port], 50);
    const counts = [];
    const training = new Training(network, options, ({ nWorkers }) => {
      if (nWorkers === 2) training.resume();
      counts.push(nWorkers);
    });
    training.helpers = helpers;
    helpers.prepare(() => bufferOf(network.save('f32')), files, options);
    training.pause();
    const { result } = await training.run(signal);
    assert.equal(result.step, 100);
    assert.deepEqual(counts.filter((n, i) => n !== counts[i - 1]), [1, 2, 1]);
    assert.equal(hashOfTensors(network.save('f32')), hash);
    helpers.end();
    helper.end();
  });
}

test('workers are a power of two, at most as many as shards', () => {
  assert.deepEqual([1, 2, 3, 4, 7].map((asked) => countWorkers(asked)), [1, 2, 2, 4, 4]);
  assert.equal(countWorkers(64, 16), 16);
  assert.equal(countWorkers(8, 1), 1);
  assert.throws(() => countWorkers(0), { code: 'config' });
  assert.throws(() => countWorkers(1.5), { code: 'config' });
});
