import assert from 'node:assert/strict';
import { test } from 'node:test';

import { NewestWins } from '../../www/lib/newest.js';
import { deferred } from './pair.js';

test('of the calls waiting behind one only the newest is made', async () => {
  const newest = new NewestWins();
  const first = deferred();
  const made = [];
  const make = (n, result) => newest.run(() => (made.push(n), result));
  const one = make(1, first.promise);
  const two = make(2, Promise.resolve('two'));
  const three = make(3, Promise.resolve('three'));
  await assert.rejects(two, { code: 'superseded' });
  first.resolve('one');
  assert.deepEqual([await one, await three], ['one', 'three']);
  assert.deepEqual(made, [1, 3]);
});

test('a failed call does not hold up the next', async () => {
  const newest = new NewestWins();
  const one = newest.run(() => Promise.reject(new Error('no')));
  const two = newest.run(() => Promise.resolve('yes'));
  await assert.rejects(one, /no/);
  assert.equal(await two, 'yes');
});
