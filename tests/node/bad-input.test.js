/** Whatever is handed to whichever call: a typed error with a sentence answers, and nothing is lost. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { rgbPng } from '../web/harness/pictures.js';
import { CALLS, INK, OPTIONS, SOURCES, SPECS, TINY_PNG } from './bad-input.js';

const built = await readFile(new URL('../../www/lib/pkg/build.js', import.meta.url)).catch(() => null);
const skip = !built && 'www/lib/pkg is not built';
const { Classifier, ClassifierError } = skip ? {} : await import('../../www/lib/node.js');

/**
 * Makes each call in turn and checks what answers it, and that the classifier then answers as before.
 * @param {any} classifier
 * @param {[string, () => Promise<unknown>, string][]} cases
 */
async function refusesAll(classifier, cases) {
  /** @type {string[]} */
  const replaced = [];
  classifier.addEventListener('replaced', ({ detail }) => replaced.push(detail.reason));
  const answer = async () => (await classifier.predict(INK)).classes;
  const before = await answer();
  for (const [name, call, code] of cases) {
    const failure = await call().then(
      (value) => assert.fail(`${name} was accepted: ${value}`),
      (error) => error,
    );
    assert.ok(failure instanceof ClassifierError, `${name}: ${failure?.stack}`);
    assert.equal(failure.code, code, `${name}: ${failure.message}`);
    assert.ok(failure.message.split(' ').length > 3, `${name}: ${failure.message}`);
    assert.doesNotMatch(failure.message, /\[object|undefined is not|Cannot read prop|unreachable/, name);
    assert.deepEqual(await answer(), before, `after ${name}`);
  }
  assert.deepEqual(replaced, [], 'no worker was lost');
}

/** How each call is given a picture. @type {[string, (classifier: any, source: unknown) => Promise<unknown>][]} */
const TAKERS = [
  ['predict', (classifier, source) => classifier.predict(source)],
  ['features', (classifier, source) => classifier.features(source)],
  ['explain', (classifier, source) => classifier.explain(source)],
  ['activations', (classifier, source) => classifier.activations(source, { layer: classifier.info.layers[0].name })],
  ['disturb', (classifier, source) => classifier.disturb(source, { kind: 'noise', strength: 0.1 })],
  ['adversarial', (classifier, source) => classifier.adversarial(source)],
];

test('a picture that is none is refused by every call that takes one', { skip }, async () => {
  const classifier = await Classifier.create('tiny');
  const takers = [...TAKERS, ['addExample', (/** @type {any} */ to, /** @type {unknown} */ source) => to.addExample(source, 1)]];
  await refusesAll(classifier, takers.flatMap(([taker, take]) => SOURCES.map(([what, source, code]) => [`${taker}(${what})`, () => take(classifier, source), code])));
  classifier.close();
});

test('a picture file is read from its bytes as from a blob, and the bytes stay the caller’s', { skip }, async () => {
  const classifier = await Classifier.create('tiny');
  const encoded = TINY_PNG.slice();
  const { classes } = await classifier.predict({ encoded });
  assert.deepEqual(classes, (await classifier.predict(new Blob([TINY_PNG]))).classes);
  assert.deepEqual(await classifier.prepare({ encoded }), await classifier.prepare(new Blob([TINY_PNG])));
  assert.deepEqual(encoded, TINY_PNG);
  classifier.close();
});

test('many picture files are prepared as one by one, but for blank ones', { skip }, async () => {
  const classifier = await Classifier.create('tiny');
  const blank = rgbPng(40, 40, () => [255, 255, 255]);
  // More than goes into one reply of the decoder.
  const files = Array.from({ length: 30 }, (_, n) => (n % 7 === 3 ? blank : rgbPng(128 + n, 128, (x, y) => [n, ((x - 40) ** 2 + (y - 50 - n) ** 2 < 900 ? 255 : 0), x & y])));
  const one = await Promise.all(files.map((encoded) => classifier.prepare({ encoded })));
  const { pictures, blank: places } = await classifier.prepareBatch(files);
  assert.deepEqual(places, [3, 10, 17, 24]);
  assert.deepEqual(one.flatMap((input, place) => (input ? [] : [place])), places);
  assert.deepEqual(Buffer.from(pictures), Buffer.concat(one.flatMap((input) => (input ? [input] : []))));
  assert.deepEqual(await classifier.prepareBatch([]), { pictures: new Uint8Array(), blank: [] });
  classifier.close();
});

test('an option that cannot be is refused before anything is trained', { skip }, async () => {
  const classifier = await Classifier.create('tiny');
  await classifier.setDataset({ generated: 'handwriting', count: 64 });
  await refusesAll(
    classifier,
    OPTIONS.flatMap(([option, values]) => values.map((value) => [`train ${option}: ${typeof value} ${JSON.stringify(value)}`, () => classifier.train({ epochs: 1, [option]: value }), 'config'])),
  );
  classifier.close();
});

test('a description that no model can be made of is refused', { skip }, async () => {
  const classifier = await Classifier.create('tiny');
  await refusesAll(classifier, SPECS.map(([what, spec, code]) => [`create(${what})`, () => Classifier.create(spec), code]));
  classifier.close();
});

test('every other call refuses what it cannot use', { skip }, async () => {
  const classifier = await Classifier.create('tiny');
  await refusesAll(classifier, CALLS.filter(([call]) => call === 'addExample').map(([call, what, make, code]) => [`${call}: ${what}`, () => make(classifier, Classifier), code]));
  await classifier.setDataset({ generated: 'handwriting', count: 64 });
  await refusesAll(classifier, CALLS.filter(([call]) => call !== 'addExample').map(([call, what, make, code]) => [`${call}: ${what}`, () => make(classifier, Classifier), code]));
  classifier.close();
  await assert.rejects(classifier.predict(INK), { code: 'closed' });
});
