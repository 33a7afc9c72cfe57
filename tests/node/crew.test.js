/** The helpers' workers as the page keeps them: started for a training, ended with it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Crew } from '../../www/lib/crew.js';
import { workersWith } from './pair.js';

/** Lets messages arrive. */
async function settle() {
  for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
}

test('each helper gets its own port, and none outlives the training', async () => {
  const ports = [];
  const { start, workers } = workersWith(() => ({ help: ({ port }) => (ports.push(port), new Promise(() => {})) }));
  const crew = new Crew(3, start, 'b1');
  await settle();
  assert.equal(ports.length, 3);
  for (const [i, port] of ports.entries()) {
    const heard = new Promise((resolve) => port.once('message', resolve));
    crew.ports[i].postMessage(i);
    assert.equal(await heard, i);
    port.close();
  }
  assert.ok(workers.every(({ terminated }) => !terminated));
  crew.end();
  assert.ok(workers.every(({ terminated }) => terminated));
});

test('a helper that crashes, or does not start, is ended and harms nobody', async () => {
  const { start, workers } = workersWith(() => ({
    help: () => {
      throw new Error('unreachable');
    },
  }));
  const crew = new Crew(1, start, 'b1');
  const none = new Crew(1, () => {
    throw new Error('no worker to be had');
  }, 'b1');
  await settle();
  assert.ok(workers.every(({ terminated }) => terminated));
  crew.end();
  none.end();
  for (const port of [...crew.ports, ...none.ports]) port.close();
});
