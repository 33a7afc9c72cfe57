/** Handlers that come with the first call that needs them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ClassifierError } from '../../www/lib/errors.js';
import { handlersOnDemand } from '../../www/lib/more.js';
import { Server } from '../../www/lib/server.js';
import { deferred } from './pair.js';

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A server with one handler, and one that comes later; what it says, and what was done. */
function serverWith(load) {
  const said = [];
  const done = [];
  const does = (name) => () => {
    done.push(name);
    return { value: name };
  };
  const server = new Server({ postMessage: (message) => said.push(message) }, { near: does('near') }, {
    panicText: () => undefined,
    more: handlersOnDemand(() => load({ far: does('far') })),
  });
  return { server, said, done };
}

test('the calls behind one whose handler is on its way wait for it', async () => {
  const coming = deferred();
  let nLoads = 0;
  const { server, said, done } = serverWith(async (handlers) => {
    nLoads += 1;
    await coming.promise;
    return handlers;
  });
  server.receive({ id: 1, type: 'near' });
  server.receive({ id: 2, type: 'far' });
  server.receive({ id: 3, type: 'near' });
  server.receive({ id: 4, type: 'far' });
  server.receive({ type: 'ping' });
  await turn();
  assert.deepEqual(done, ['near']);
  assert.deepEqual(said.map(({ type }) => type).sort(), ['done', 'pong']);
  coming.resolve();
  await turn();
  server.receive({ id: 5, type: 'far' });
  await turn();
  assert.deepEqual(done, ['near', 'far', 'near', 'far', 'far']);
  assert.equal(nLoads, 1);
});

test('where they do not arrive, only the calls that need them fail, and the next one tries again', async () => {
  let isOnline = false;
  const { server, said, done } = serverWith(async (handlers) => {
    if (!isOnline) throw new ClassifierError('network', 'offline');
    return handlers;
  });
  server.receive({ id: 1, type: 'far' });
  server.receive({ id: 2, type: 'near' });
  await turn();
  assert.deepEqual(said, [{ id: 1, type: 'failed', code: 'network', message: 'offline' }, { id: 2, type: 'done', value: 'near' }]);
  isOnline = true;
  server.receive({ id: 3, type: 'far' });
  await turn();
  assert.deepEqual(done, ['near', 'far']);
});

test('a call that is canceled while they are on their way ends at once', async () => {
  const { server, said, done } = serverWith(() => new Promise(() => {}));
  server.receive({ id: 1, type: 'far' });
  server.receive({ id: 2, type: 'near' });
  await turn();
  server.receive({ id: 1, type: 'cancel' });
  await turn();
  assert.deepEqual(said.map(({ id, code }) => ({ id, code })), [{ id: 1, code: 'aborted' }]);
  assert.deepEqual(done, []);
});

test('a call that nobody knows poisons the worker, once all handlers are there', async () => {
  const { server, said } = serverWith(async (handlers) => handlers);
  server.receive({ id: 1, type: 'toString' });
  await turn();
  assert.deepEqual(said.map(({ type }) => type), ['crashed']);
});
