import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Server } from '../../www/lib/server.js';
import { deferred } from './pair.js';

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('a poisoned instance says so once, runs nothing more and answers nothing more', async () => {
  const said = [];
  const slow = deferred();
  let runs = 0;
  const handlers = {
    slow: () => slow.promise,
    trap() {
      runs += 1;
      throw new TypeError('null pointer passed to rust');
    },
  };
  const server = new Server({ postMessage: (message) => said.push(message) }, handlers, { panicText: () => undefined });
  server.receive({ id: 1, type: 'slow' });
  server.receive({ id: 2, type: 'trap' });
  server.receive({ id: 3, type: 'trap' });
  server.receive({ type: 'ping' });
  slow.resolve({ value: 1 });
  await turn();
  assert.deepEqual(said, [{ type: 'crashed', message: 'null pointer passed to rust' }]);
  assert.equal(runs, 1);
});

test('a call the worker does not know poisons it: page and worker do not fit', async () => {
  const said = [];
  const server = new Server({ postMessage: (message) => said.push(message) }, {}, { panicText: () => undefined });
  server.receive({ id: 1, type: 'toString' });
  await turn();
  assert.deepEqual(said.map(({ type }) => type), ['crashed']);
});
