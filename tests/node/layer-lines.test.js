// Layers as text: what is a layer, and the line that an error is of.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { badLine, layersOf, linesOf } from '../../www/ui/later/train/layer-lines.js';

test('layers become lines, and lines layers again', () => {
  /** @type {import('../../www/lib/index.js').LayerSpec[]} */
  const layers = [{ type: 'flatten' }, { type: 'dense', units: 10 }];
  assert.deepEqual(layersOf(linesOf(layers)), { layers, places: [1, 2], wrong: null });
});

test('brackets, commas and empty lines are no matter, and lines are counted with them', () => {
  const { layers, places } = layersOf('[\n  {"type":"relu"},\n\n  {"type":"flatten"}\n]');
  assert.deepEqual([layers.length, places], [2, [2, 4]]);
});

test('the first line that is no layer is told', () => {
  assert.equal(layersOf('{"type":"relu"}\n{"type":"dense", units: 3}').wrong, 2);
  assert.equal(layersOf('7').wrong, 1);
  assert.equal(layersOf('null').wrong, 1);
});

test('the line of an error is the first at which it appears, in few tries', async () => {
  for (const bad of [1, 5, 12]) {
    let tries = 0;
    const place = await badLine(12, 'Dense_1 needs one flat input.', async (n) => {
      tries += 1;
      throw new Error(n >= bad ? 'dense_1 needs one flat input.' : 'The last layer needs more outputs.');
    });
    assert.equal(place, bad);
    assert.ok(tries <= 4, `${tries} tries`);
  }
});
