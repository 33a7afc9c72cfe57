/**
 * The training engine's module in two parts: the first does all that a worker begins with, bit for bit as the whole, and the second
 * fills what the first left free. Needs www/lib/pkg to be built.
 */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { PRESETS } from '../../www/lib/preset-table.js';
import { OPTIONS, TAUGHT } from '../../www/lib/training-options.js';

const pkg = new URL('../../www/lib/pkg/', import.meta.url);
/** A script of its own, and so an instance. */
const script = (file, purpose) => import(new URL(`${file}.js?${purpose}`, pkg)).catch(() => null);
const whole = await script('engine', 'parts');
const skip = !whole && 'www/lib/pkg is not built';
const bytesOf = (part) => readFile(new URL(`engine${part}_bg.wasm`, pkg));
const moduleOf = async (part) => new WebAssembly.Module(await bytesOf(part));

/** The first part, without the second. */
async function firstPart(purpose) {
  const core = await script('engine-core', purpose);
  core.initSync({ module: await moduleOf('') });
  return core;
}

if (whole) await whole.default({ module_or_path: await bytesOf('-whole') });

/** Noise of this shape, in order of classes, as two IDX files. */
function examples([...shape], n, nClasses) {
  const idx = (sizes, valueAt) => {
    const length = sizes.reduce((product, size) => product * size, 1);
    const bytes = new Uint8Array(4 + 4 * sizes.length + length);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, 0x800 + sizes.length);
    sizes.forEach((size, i) => view.setUint32(4 + 4 * i, size));
    for (let i = 0; i < length; i++) bytes[4 + 4 * sizes.length + i] = valueAt(i);
    return bytes;
  };
  let state = 7;
  const noise = () => (state = (state * 1103515245 + 12345) >>> 0) >>> 24;
  if (shape.at(-1) === 1) shape.pop();
  return [idx([n, ...shape], noise), idx([n], (i) => i % nClasses)];
}

/** What comes of a short training: the reports, the files, an answer; or the error. */
function trained({ Engine }, spec, options) {
  const engine = Engine.create(spec, 3);
  try {
    const { inputShape, labels } = engine.info();
    const nClasses = labels.length;
    engine.setDataset(...examples(inputShape, 24, nClasses));
    const reports = [engine.startTraining({ batchSize: 8, epochs: 1, shards: 2, validationSplit: 0.25, ...options })];
    const run = engine.checkpoint();
    while (reports.at(-1).state === 'running') reports.push(engine.trainSlice(0));
    const file = engine.save('f32');
    engine.resumeTraining(run);
    engine.changeTraining({ learningRate: 0.002 });
    engine.trainSlice(0);
    engine.stopTraining();
    const again = Engine.load(engine.save('i8'));
    const answer = again.predictPrepared(new Uint8Array(inputShape.reduce((a, b) => a * b, 1)).fill(90), 3);
    again.free();
    return { reports, file, answer, small: engine.save('f16') };
  } catch (error) {
    if (typeof error.code !== 'string') throw error; // a trap
    return { code: error.code, message: error.message };
  } finally {
    engine.free();
  }
}

test('the first part learns every preset as the whole does', { skip }, async () => {
  const core = await firstPart('presets');
  for (const { name } of PRESETS) {
    // The large ones for a step.
    const options = { ...TAUGHT[name], epochs: 1, batchSize: 8, trainingOnly: 0 };
    const [own, other] = [core, whole].map((engine) => trained(engine, name, options));
    assert.ok(own.file, `${name}: ${own.message}`);
    assert.deepEqual(own, other, name);
  }
});

test('the first part knows every option as the whole does', { skip }, async () => {
  const core = await firstPart('options');
  const settings = [];
  for (const { kind, name, variants = [], choices = [], low, high } of OPTIONS) {
    for (const value of [...variants, ...choices]) settings.push({ [name]: value });
    if (kind === 'number') settings.push({ [name]: Math.min(high ?? 2, Math.max(low, 0.4)) }, { [name]: -1 });
  }
  const augmentation = { brightness: 0.2, contrast: 0.2, elastic: { smoothness: 4, strength: 2 }, erase: 0.5, flipHorizontal: true, noise: 0.1,
    rotate: 10, scale: [0.9, 1.1], shear: 5, shift: 2, stretch: 0.1, surroundings: 'edge', thickness: 0.5 };
  settings.push({ augmentation }, { augmentation: { ...augmentation, scale: [2, 1] } }, { folds: 4, fold: 1 }, { unknown: 1 });
  for (const options of settings) {
    assert.deepEqual(trained(core, 'tiny', options), trained(whole, 'tiny', options), JSON.stringify(options));
  }
});

test('the first part reads drawings and refuses bad input as the whole does', { skip }, async () => {
  const core = await firstPart('input');
  const strokes = [new Float32Array([5, 0, 5, 40, 60, 0, 60, 40]), new Uint32Array([2, 2])];
  const done = ({ Engine }) => {
    const engine = Engine.create('compact', 1);
    const answers = [engine.predictStrokes(...strokes, 3), [...engine.groupStrokes(...strokes)], engine.info()];
    const attempts = [
      () => engine.predictPixels(new Uint8Array(5), 2, 2, 1, 3),
      () => engine.setDataset(new Uint8Array(3), new Uint8Array(3)),
      () => engine.trainSlice(1),
      () => engine.startTraining({}),
      () => engine.save('f64'),
      () => engine.resumeTraining(new Uint8Array(40)),
      () => Engine.load(new Uint8Array(9)),
      () => Engine.load(new TextEncoder().encode('PK\x03\x04 a zip')),
      () => Engine.create('no such', 1),
      () => Engine.create({ inputShape: [8, 8, 1], labels: ['a', 'b'], layers: [{ type: 'what' }] }, 1),
      () => Engine.create({ inputShape: [8, 8, 1], labels: ['a', 'b'], layers: [{ type: 'dense', units: -1 }] }, 1),
    ];
    const errors = attempts.map((attempt) => {
      try {
        return attempt();
      } catch ({ code, message }) {
        return { code, message };
      }
    });
    engine.free();
    return { answers, errors };
  };
  const [own, other] = [done(core), done(whole)];
  assert.ok(own.errors.every((error) => typeof error.code === 'string'), JSON.stringify(own.errors));
  assert.deepEqual(own, other);
});

test('with the second part every call is there, also of generators, and they work in the memory of the first', { skip }, async () => {
  const core = await firstPart('both');
  const engine = core.Engine.create('tiny', 1);
  core.addModule({ module: await moduleOf('-later') });
  core.addCalls(core.Engine, (await import(new URL('engine-later.js', pkg))).CALLS);
  const calls = (kind) => [...Object.getOwnPropertyNames(kind), ...Object.getOwnPropertyNames(kind.prototype)].sort();
  assert.deepEqual(calls(core.Engine), calls(whole.Engine));
  const other = whole.Engine.create('tiny', 1);
  assert.deepEqual(engine.setGenerated('handwriting', 12, 5), other.setGenerated('handwriting', 12, 5));
  assert.deepEqual(engine.example(3), other.example(3));
  const explained = [engine, other].map((own) => own.explain(own.example(3).data, { method: 'gradCam', classIndex: 1 }));
  assert.deepEqual(explained[0], explained[1]);
  engine.free();
  other.free();
  const made = [core, whole].map(({ GanEngine }) => GanEngine.create('gan', {}).info());
  assert.deepEqual(made[0], made[1]);
});

test('the two parts hold each constant and each function of the table once', { skip }, async () => {
  const [core, later, all] = await Promise.all(['', '-later', '-whole'].map(moduleOf));
  const nothing = (module) => Object.fromEntries(WebAssembly.Module.imports(module).map(({ name }) => [name, () => 0]));
  const first = new WebAssembly.Instance(core, { a: nothing(core) }).exports;
  const other = new WebAssembly.Instance(all, { a: nothing(all) }).exports;
  const wanted = WebAssembly.Module.imports(later).filter(({ module }) => module === 'b');
  assert.deepEqual(wanted.filter(({ name }) => !(name in first)), []);
  const exports = (module) => WebAssembly.Module.exports(module).map(({ name }) => name);
  const own = exports(core).filter((name) => !wanted.some((link) => link.name === name));
  assert.deepEqual([...own, ...exports(later)].sort(), exports(all).sort());
  const table = wanted.map(({ name }) => first[name]).find((item) => item instanceof WebAssembly.Table && typeof item.get(1) !== 'undefined');
  const free = () => Array.from({ length: table.length - 1 }, (_, slot) => slot + 1).filter((slot) => table.get(slot) === null);
  const before = free().length;
  assert.ok(before > 0);
  new WebAssembly.Instance(later, { a: nothing(later), b: first });
  assert.equal(free().length, 0);
  assert.ok(Buffer.from(first.memory.buffer).equals(Buffer.from(other.memory.buffer)), 'the memory is not that of the whole');
});

test('a second part that does not come, or is of another build, is told', { skip }, async (context) => {
  const { addRest } = await import('../../www/lib/rest.js');
  const added = [];
  const ask = (url) => addRest(({ module }) => added.push(module), url);
  const answers = { 'https://x/gone': () => new Response('', { status: 404 }), 'https://x/other': async () => new Response(await bytesOf('-later')) };
  context.mock.method(globalThis, 'fetch', async (url, { integrity }) => {
    assert.match(integrity, /^sha256-/);
    return (answers[url] ?? (() => Promise.reject(new TypeError('offline'))))();
  });
  await assert.rejects(ask('https://x/gone'), { code: 'network', message: /the server answered 404 for https:\/\/x\/gone/ });
  await assert.rejects(ask('https://x/offline'), { code: 'network', message: /offline/ });
  answers['https://x/broken'] = () => new Response('<!doctype html>');
  await assert.rejects(ask('https://x/broken'), { code: 'network' });
  answers['https://x/decoder'] = async () => new Response(await readFile(new URL('decode_bg.wasm', pkg)));
  await assert.rejects(ask('https://x/decoder'), { code: 'build' });
  await ask(false); // a whole module
  assert.equal(added.length, 0);
  await ask('https://x/other');
  assert.equal(added.length, 1);
});
