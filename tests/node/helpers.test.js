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
