/** Bad input of every kind for every call: what is handed in, and the code of the error that answers. */

const NOT_A_FILE = new TextEncoder().encode('<!doctype html><title>404</title>');
const TINY_PNG = Uint8Array.from(
  atob('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='),
  (letter) => letter.charCodeAt(0),
);
const pixels = (/** @type {object} */ changed) => ({ data: new Uint8Array(784), width: 28, height: 28, channels: 1, ...changed });
const point = { x: 1, y: 1 };
const idx = (/** @type {number[]} */ shape, /** @type {number} */ length, value = 1) => {
  const bytes = new Uint8Array(4 + 4 * shape.length + length).fill(value);
  bytes.set([0, 0, 8, shape.length]);
  const view = new DataView(bytes.buffer);
  shape.forEach((n, i) => view.setUint32(4 + 4 * i, n));
  return bytes.buffer;
};
const png = new Blob([TINY_PNG], { type: 'image/png' });
/** A drawn one. */
export const INK = { strokes: [[{ x: 0, y: 0 }, { x: 0, y: 40 }]] };
const gone = AbortSignal.abort();

/** Values that are no number from `low` to `high`. */
const NO_NUMBER = [NaN, Infinity, '5', {}, true];

/** Pictures that cannot be used, for each call that takes one. @type {[string, unknown, string][]} */
export const SOURCES = [
  ['null', null, 'image'],
  ['undefined', undefined, 'image'],
  ['a number', 7, 'image'],
  ['a symbol', Symbol('picture'), 'image'],
  ['a function', () => 1, 'image'],
  ['an empty object', {}, 'image'],
  ['an empty list', [], 'image'],
  ['too few values', new Float32Array(783), 'shape'],
  ['too many values', new Uint8Array(785), 'shape'],
  ['no values', new Float32Array(0), 'shape'],
  ['a value above 1', new Float32Array(784).fill(1.5), 'image'],
  ['a value below 0', new Float32Array(784).fill(-0.5), 'image'],
  ['a value that is no number', new Float32Array(784).fill(NaN), 'image'],
  ['integers of 16 bits', new Uint16Array(784), 'image'],
  ['big integers', new BigInt64Array(784), 'image'],
  ['pixels of no width', pixels({ width: 0 }), 'shape'],
  ['pixels of a negative height', pixels({ height: -28 }), 'shape'],
  ['pixels of half a width', pixels({ width: 27.5 }), 'shape'],
  ['pixels of a width in words', pixels({ width: 'wide' }), 'shape'],
  ['two channels', pixels({ channels: 2 }), 'shape'],
  ['fewer pixels than said', pixels({ data: new Uint8Array(783) }), 'shape'],
  ['more pixels than said', pixels({ data: new Uint8Array(785) }), 'shape'],
  ['more pixels than memory', pixels({ width: 2 ** 20, height: 2 ** 20 }), 'shape'],
  ['prepared pixels of another size', pixels({ data: new Uint8Array(9), width: 3, height: 3, prepared: true }), 'shape'],
  ['an empty blob', new Blob([]), 'image'],
  ['a text in a blob', new Blob([NOT_A_FILE], { type: 'image/png' }), 'unsupported'],
  ['half a PNG', new Blob([TINY_PNG.slice(0, 40)]), 'image'],
  ['a file that is not there', new URL('no-such-picture.png', import.meta.url), 'network'],
  ['a text that is no address', 'http://', 'network'],
  ['strokes that are none', { strokes: null }, 'image'],
  ['a stroke of numbers', { strokes: [[1, 2, 3]] }, 'image'],
  ['a point without y', { strokes: [[{ x: 1 }]] }, 'image'],
  ['a point at no number', { strokes: [[point, { x: NaN, y: 2 }]] }, 'image'],
  ['a point at infinity', { strokes: [[point, { x: Infinity, y: 2 }]] }, 'image'],
];

/** Values that an option refuses. @type {[string, unknown[]][]} */
export const OPTIONS = [
  ['epochs', [0, -1, 1.5, ...NO_NUMBER]],
  ['batchSize', [0, -32, 0.5, 1e9, ...NO_NUMBER]],
  ['shards', [-1, 3.5, 1e6, ...NO_NUMBER]],
  ['workers', [0, -1, 1.5, NaN, 'two', {}]],
  ['loss', ['cross', 5, null, {}]],
  ['labelSmoothing', [-0.1, 1, 2, ...NO_NUMBER]],
  ['classWeights', ['fair', [1, 2], [], [-1, 1, 1, 1, 1, 1, 1, 1, 1, 1], 5]],
  ['optimizer', ['adam', { type: 'adamant' }, { type: 'adam', beta1: 1 }, { type: 'adam', beta: 0.9 }, { type: 'momentum', momentum: -1 }, {}, 5]],
  ['learningRate', [0, -0.1, ...NO_NUMBER]],
  ['weightDecay', [-1, ...NO_NUMBER]],
  ['l1', [-1, ...NO_NUMBER]],
  ['l2', [-1, ...NO_NUMBER]],
  ['clipValue', [-1, ...NO_NUMBER]],
  ['clipNorm', [-1, ...NO_NUMBER]],
  ['averageDecay', [-1, 1, 2, ...NO_NUMBER]],
  ['schedule', [{ type: 'sine' }, { type: 'cosine', finalFactor: -1 }, { type: 'step', parts: 0 }, 'cosine', 5]],
  ['warmupSteps', [-1, 1.5, ...NO_NUMBER]],
  ['validationSplit', [-0.1, 1, 1.5, ...NO_NUMBER]],
  ['folds', [-1, 1.5, 1e9, ...NO_NUMBER]],
  ['augmentation', [{ shift: -1 }, { rotate: 'much' }, { scale: [1.2, 0.8] }, { scale: [0, 1] }, { shifts: 1 }, 'all', 5]],
  ['mixup', [-1, ...NO_NUMBER]],
  ['cutmix', [-1, ...NO_NUMBER]],
  ['seed', [-1, 1.5, ...NO_NUMBER]],
  ['keepBest', [1, 'yes', {}]],
  ['patience', [-1, 1.5, ...NO_NUMBER]],
  ['frozen', [['no such layer'], 'conv', [5], 5]],
  ['epoch', [5]],
];

const layers = (/** @type {object[]} */ ...list) => ({ inputShape: [28, 28, 1], labels: ['a', 'b'], layers: [...list] });
const flat = { type: 'flatten' };
const dense = { type: 'dense', units: 2 };
const fine = layers(flat, dense);

/** What no model can be made of. @type {[string, unknown, string][]} */
export const SPECS = [
  ['null', null, 'config'],
  ['a number', 5, 'config'],
  ['an unknown preset', 'vgg', 'config'],
  ['no layers', layers(), 'shape'],
  ['an unknown layer', layers({ type: 'attention' }), 'config'],
  ['a layer without a type', layers({ units: 2 }), 'config'],
  ['a layer that is a word', layers(/** @type {any} */ ('dense')), 'config'],
  ['an unknown member', layers({ type: 'dense', units: 2, unit: 3 }), 'config'],
  ['no units', layers({ type: 'dense', units: 0 }), 'config'],
  ['units that are a word', layers({ type: 'dense', units: 'two' }), 'config'],
  ['half a filter', layers({ type: 'conv2d', filters: 1.5, kernelSize: 3 }, dense), 'config'],
  ['a kernel greater than the picture', layers({ type: 'conv2d', filters: 1, kernelSize: 99 }, dense), 'shape'],
  ['a pooling greater than the picture', layers({ type: 'maxPool2d', poolSize: 40 }, dense), 'shape'],
  ['a dropout of everything', layers({ type: 'dropout', rate: 1 }, dense), 'config'],
  ['more outputs than labels', layers(flat, { type: 'dense', units: 3 }), 'shape'],
  ['a shape of other size', layers({ type: 'reshape', shape: [3, 3] }, dense), 'shape'],
  ['branches that do not fit', layers({ type: 'residual', layers: [{ type: 'conv2d', filters: 4, kernelSize: 3 }] }, dense), 'shape'],
  ['more parameters than memory', layers(flat, { type: 'dense', units: 2 ** 30 }, dense), 'limit'],
  ['no labels', { ...fine, labels: [] }, 'config'],
  ['labels that are numbers', { ...fine, labels: [1, 2] }, 'config'],
  ['a picture of no height', { ...fine, inputShape: [0, 28, 1] }, 'config'],
  ['a shape of two numbers', { ...fine, inputShape: [28, 28] }, 'config'],
  ['an unknown initializer', { ...fine, initializer: 'zeros' }, 'config'],
];

/**
 * Calls that are refused.
 * @typedef {import('../../www/lib/index.d.ts').Classifier} Classifier
 * @type {[string, string, (classifier: any, Type: any) => Promise<unknown>, string][]}
 */
export const CALLS = [
  ['load', 'nothing', (_, Type) => Type.load(new Uint8Array()), 'format'],
  ['load', 'a web page', (_, Type) => Type.load(NOT_A_FILE), 'format'],
  ['load', 'a picture', (_, Type) => Type.load(png), 'format'],
  ['load', 'null', (_, Type) => Type.load(null), 'config'],
  ['load', 'a number', (_, Type) => Type.load(5), 'config'],
  ['load', 'a file that is not there', (_, Type) => Type.load(new URL('none.safetensors', import.meta.url)), 'network'],
  ['load', 'a call aborted before', (_, Type) => Type.load(NOT_A_FILE, { signal: gone }), 'aborted'],
  ['create', 'a seed of half', (_, Type) => Type.create('tiny', { seed: 0.5 }), 'config'],
  ['create', 'a negative seed', (_, Type) => Type.create('tiny', { seed: -1 }), 'config'],
  ['create', 'an aborted call', (_, Type) => Type.create('tiny', { signal: gone }), 'aborted'],
  ['predict', 'topK 0', (c) => c.predict(pixels({}), { topK: 0 }), 'config'],
  ['predict', 'topK -1', (c) => c.predict(pixels({}), { topK: -1 }), 'config'],
  ['predict', 'topK 1.5', (c) => c.predict(pixels({}), { topK: 1.5 }), 'config'],
  ['predict', 'topK in words', (c) => c.predict(pixels({}), { topK: 'three' }), 'config'],
  ['predict', 'an aborted call', (c) => c.predict(pixels({}), { signal: gone }), 'aborted'],
  ['predictStrokes', 'null', (c) => c.predictStrokes(null), 'image'],
  ['predictStrokes', 'a stroke of words', (c) => c.predictStrokes([['a']]), 'image'],
  ['predictStrokes', 'a point at infinity', (c) => c.predictStrokes([[point, { x: -Infinity, y: 0 }]]), 'image'],
  ['predictStrokes', 'topK 0', (c) => c.predictStrokes([[point]], { topK: 0 }), 'config'],
  ['predictMany', 'a number', (c) => c.predictMany(5).next(), 'config'],
  ['predictMany', 'null', (c) => c.predictMany(null).next(), 'config'],
  ['predictMany', 'a list of numbers', (c) => c.predictMany([5]).next(), 'image'],
  ['predictMany', 'nothing ahead', (c) => c.predictMany([pixels({})], { ahead: 0 }).next(), 'config'],
  ['predictMany', 'a list that fails', (c) => c.predictMany((function* () { yield null; })()).next(), 'image'],
  ['predictBatch', 'null', (c) => c.predictBatch(null), 'image'],
  ['predictBatch', 'a list', (c) => c.predictBatch([1, 2, 3]), 'image'],
  ['predictBatch', 'half a picture', (c) => c.predictBatch(new Uint8Array(392)), 'shape'],
  ['featuresBatch', 'half a picture', (c) => c.featuresBatch(new Uint8Array(392)), 'shape'],
  ['featuresBatch', 'no views', (c) => c.featuresBatch(new Uint8Array(784), { views: 0 }), 'config'],
  ['features', 'an unknown detail', (c) => c.features(INK, { detail: 'all' }), 'config'],
  ['teach', 'nothing', (c) => c.teach({}), 'config'],
  ['teach', 'features that do not go up', (c) => c.teach({ features: new Float32Array(3), classes: [0, 1], labels: ['a', 'b'] }), 'shape'],
  ['teach', 'a class without a name', (c) => c.teach({ features: new Float32Array(64), classes: [0, 9], labels: ['a', 'b'] }), 'label'],
  ['setDataset', 'null', (c) => c.setDataset(null), 'config'],
  ['setDataset', 'an empty object', (c) => c.setDataset({}), 'config'],
  ['setDataset', 'texts', (c) => c.setDataset({ images: 'a', labels: 'b' }), 'config'],
  ['setDataset', 'files that are none', (c) => c.setDataset({ images: NOT_A_FILE.buffer, labels: NOT_A_FILE.buffer }), 'format'],
  ['setDataset', 'fewer labels than pictures', (c) => c.setDataset({ images: idx([3, 28, 28], 3 * 784), labels: idx([2], 2) }), 'format'],
  ['setDataset', 'pictures cut short', (c) => c.setDataset({ images: idx([3, 28, 28], 784), labels: idx([3], 3) }), 'format'],
  ['setDataset', 'pictures of another size', (c) => c.setDataset({ images: idx([3, 9, 9], 243), labels: idx([3], 3) }), 'shape'],
  ['setDataset', 'labels beyond the classes', (c) => c.setDataset({ images: idx([2, 28, 28], 2 * 784), labels: idx([2], 2, 200) }), 'label'],
  ['setDataset', 'no pictures', (c) => c.setDataset({ images: idx([0, 28, 28], 0), labels: idx([0], 0) }), 'data'],
  ['setDataset', 'an unknown generator', (c) => c.setDataset({ generated: 'cats' }), 'config'],
  ['setDataset', 'no generated pictures', (c) => c.setDataset({ generated: 'handwriting', count: 0 }), 'config'],
  ['setDataset', 'no files', (c) => c.setDataset({ files: [] }), 'data'],
  ['setDataset', 'a file without a name', (c) => c.setDataset({ files: [{ bytes: NOT_A_FILE }] }), 'config'],
  ['setDataset', 'an unknown kind of file', (c) => c.setDataset({ files: [{ name: 'a.doc', bytes: NOT_A_FILE }] }), 'data'],
  ['setDataset', 'a broken archive', (c) => c.setDataset({ files: [{ name: 'a.zip', bytes: NOT_A_FILE }] }), 'format'],
  ['setDataset', 'a table of words', (c) => c.setDataset({ files: [{ name: 'a.csv', bytes: NOT_A_FILE }] }), 'format'],
  ['setDataset', 'an array file that is none', (c) => c.setDataset({ files: [{ name: 'a.npz', bytes: NOT_A_FILE }] }), 'format'],
  ['setDataset', 'pixels of another length', (c) => c.setDataset({ pixels: new Uint8Array(5), labels: [0], shape: [28, 28, 1] }), 'shape'],
  ['setDataset', 'a label that is no index', (c) => c.setDataset({ pixels: new Uint8Array(784), labels: [0.5], shape: [28, 28, 1] }), 'data'],
  ['setDataset', 'an aborted call', (c) => c.setDataset({ generated: 'handwriting', count: 100 }, { signal: gone }), 'aborted'],
  ['correct', 'a class that is not there', (c) => c.correct(pixels({ prepared: true }), 99), 'config'],
  ['correct', 'half a class', (c) => c.correct(pixels({ prepared: true }), 0.5), 'config'],
  ['correct', 'a picture of another size', (c) => c.correct(pixels({ data: new Uint8Array(9), width: 3, height: 3, prepared: true }), 1), 'shape'],
  ['undoCorrection', 'nothing to undo', (c) => c.undoCorrection(), 'state'],
  ['addExample', 'an unknown label', (c) => c.addExample(pixels({}), 'eleven'), 'label'],
  ['addExample', 'a negative class', (c) => c.addExample(pixels({}), -1), 'label'],
  ['addExample', 'a class that is not there', (c) => c.addExample(pixels({}), 10), 'label'],
  ['addExample', 'no label', (c) => c.addExample(pixels({})), 'label'],
  ['example', 'a negative index', (c) => c.example(-1), 'config'],
  ['example', 'an index beyond the end', (c) => c.example(1e6), 'config'],
  ['example', 'an index in words', (c) => c.example('first'), 'config'],
  ['train', 'a checkpoint that is none', (c) => c.train({ resumeFrom: NOT_A_FILE }), 'format'],
  ['train', 'a checkpoint that is a number', (c) => c.train({ resumeFrom: 5 }), 'config'],
  ['train', 'an aborted call', (c) => c.train({ signal: gone }), 'aborted'],
  ['pause', 'no training', (c) => c.pause(), 'state'],
  ['resume', 'no training', (c) => c.resume(), 'state'],
  ['step', 'no training', (c) => c.step(), 'state'],
  ['stop', 'no training', (c) => c.stop(), 'state'],
  ['checkpoint', 'no training', (c) => c.checkpoint(), 'state'],
  ['setLearningRate', 'no training', (c) => c.setLearningRate(0.1), 'state'],
  ['search', 'no space', (c) => c.search({}), 'config'],
  ['search', 'an empty space', (c) => c.search({ space: {} }), 'config'],
  ['search', 'an unknown option', (c) => c.search({ space: { speed: [1, 2] } }), 'config'],
  ['search', 'a value that is refused', (c) => c.search({ space: { learningRate: [-1] } }), 'config'],
  ['search', 'no trials', (c) => c.search({ space: { seed: [1] }, random: 0 }), 'config'],
  ['search', 'an aborted call', (c) => c.search({ space: { seed: [1] }, signal: gone }), 'aborted'],
  ['evaluate', 'views that are a number', (c) => c.evaluate({ views: 5 }), 'config'],
  ['evaluate', 'a shift beyond the picture', (c) => c.evaluate({ views: { shift: 99 } }), 'config'],
  ['evaluate', 'an aborted call', (c) => c.evaluate({ signal: gone }), 'aborted'],
  ['explain', 'an unknown method', (c) => c.explain(INK, { method: 'guess' }), 'config'],
  ['explain', 'a class that is not there', (c) => c.explain(INK, { classIndex: 99 }), 'config'],
  ['explain', 'an unknown layer', (c) => c.explain(INK, { layer: 'none' }), 'config'],
  ['activations', 'an unknown layer', (c) => c.activations(INK, { layer: 'none' }), 'config'],
  ['parameters', 'an unknown layer', (c) => c.parameters('none'), 'config'],
  ['parameters', 'no layer', (c) => c.parameters(), 'config'],
  ['disturb', 'an unknown kind', (c) => c.disturb(INK, { kind: 'fog', strength: 0.1 }), 'config'],
  ['disturb', 'no strength', (c) => c.disturb(INK, { kind: 'noise' }), 'config'],
  ['disturb', 'a strength that is no number', (c) => c.disturb(INK, { kind: 'noise', strength: NaN }), 'config'],
  ['adversarial', 'an unknown method', (c) => c.adversarial(INK, { method: 'magic' }), 'config'],
  ['adversarial', 'a negative strength', (c) => c.adversarial(INK, { epsilon: -1 }), 'config'],
  ['robustness', 'an unknown kind', (c) => c.robustness({ kind: 'fog', strengths: [1] }), 'config'],
  ['robustness', 'no strengths', (c) => c.robustness({ kind: 'noise', strengths: [] }), 'config'],
  ['robustness', 'strengths in words', (c) => c.robustness({ kind: 'noise', strengths: ['a'] }), 'config'],
  ['save', 'an unknown storage', (c) => c.save({ storage: 'f8' }), 'config'],
  ['save', 'an aborted call', (c) => c.save({ signal: gone }), 'aborted'],
];
