// What the Inside view tells of a layer: ways of the connections, what a cell comes from, weights as pictures.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { lineOf, patchOf, valueAt, windowOf } from '../../www/ui/later/inside/elementwise.js';
import { filterPictures } from '../../www/ui/later/inside/filters.js';
import { connections } from '../../www/ui/later/inside/lanes.js';

/** @param {number[]} shape @param {(index: number) => number} value */
const output = (shape, value) => ({ shape, data: Float32Array.from({ length: shape.reduce((product, side) => product * side, 1) }, (_, index) => value(index)) });

test('a connection to the next layer is straight, others go around, and no two share a lane where both are', () => {
  // input 0, body 1 2, shortcut 3, sum 4, block 5 6 with the sum itself, sum 7; and one over all.
  const layers = [[], [0], [1], [0], [2, 3], [4], [5], [6, 4], [7, 0]].map((inputs) => ({ inputs }));
  const found = connections(layers);
  assert.equal(found.length, layers.flatMap(({ inputs }) => inputs).length);
  const around = found.filter(({ lane }) => lane !== null);
  assert.deepEqual(around.map(({ from, to }) => `${from}-${to}`).sort(), ['0-3', '0-8', '2-4', '4-7']);
  for (const one of around) {
    for (const other of around) {
      const both = one !== other && one.from < other.to && other.from < one.to;
      assert.ok(!both || one.lane !== other.lane, JSON.stringify([one, other]));
    }
  }
  assert.equal(Math.max(...around.map(({ lane }) => lane ?? 0)), 2);
});

test('a pooling window is read off the values, with its stride', () => {
  const before = output([6, 6, 2], (index) => (index * 37) % 101);
  const largest = (/** @type {number[]} */ values) => Math.max(...values);
  const pooled = output([3, 3, 2], (index) => {
    const [cell, channel] = [Math.floor(index / 2), index % 2];
    const [row, column] = [Math.floor(cell / 3), cell % 3];
    const window = [0, 1].flatMap((u) => [0, 1].map((v) => valueAt(before, { row: 2 * row + u, column: 2 * column + v, channel })));
    return largest(window);
  });
  assert.deepEqual(windowOf(before, pooled, largest), { size: 2, stride: 2, pad: 0 });
  const cell = { row: 2, column: 1, channel: 1 };
  const patch = patchOf(before, { size: 2, stride: 2, pad: 0 }, cell);
  assert.equal(largest(patch.flat().map(Number)), valueAt(pooled, cell));
  assert.equal(windowOf(before, output([3, 3, 2], () => -1), largest), null);
});

test('a trained batch normalization is one factor and one number to add, for each channel', () => {
  const before = output([2, 2, 2], (index) => index - 3);
  const after = output([2, 2, 2], (index) => (index % 2 === 0 ? 2 * (index - 3) + 1 : -1 * (index - 3) + 4));
  assert.deepEqual([lineOf(before, after, 0), lineOf(before, after, 1)], [{ factor: 2, offset: 1 }, { factor: -1, offset: 4 }]);
  assert.equal(lineOf(output([2, 2, 1], () => 5), output([2, 2, 1], () => 5), 0), null);
});

test('weights are pictures: filters of a first layer, one filter of a deeper one, units of a dense layer on a picture', () => {
  const named = (/** @type {number[]} */ shape) => ({ name: 'weights', ...output(shape, (index) => index - 7) });
  const first = filterPictures('conv2d', named([3, 3, 1, 4]), null, 0);
  assert.deepEqual([first?.n, first?.height, first?.width, first?.channels, first?.what], [4, 3, 3, 1, 'eachFilter']);
  // The greatest is 35 - 7: all are told as shares of it.
  assert.equal(first?.value(3, 2, 2, 0), 1);
  assert.equal(first?.value(0, 0, 0, 0), -7 / 28);
  const deep = filterPictures('conv2d', named([3, 3, 6, 2]), null, 1);
  assert.deepEqual([deep?.n, deep?.what], [6, 'ofOne']);
  assert.equal(deep?.value(5, 2, 2, 0), 1);
  const units = filterPictures('dense', named([12, 10]), [2, 2, 3], 0);
  assert.deepEqual([units?.n, units?.channels, units?.what], [10, 3, 'eachUnit']);
  assert.equal(units?.value(9, 1, 1, 2), 1);
  for (const [type, shape, picture] of /** @type {[string, number[], number[] | null][]} */ ([
    ['conv2d', [1, 1, 8, 4], null],
    ['dense', [12, 10], null],
    ['dense', [12, 10], [1, 2, 6]],
    ['batch_norm', [8], null],
  ])) {
    assert.equal(filterPictures(type, named(shape), picture, 0), null, type);
  }
});
