import assert from 'node:assert/strict';
import { test } from 'node:test';

import { drop } from '../../www/lib/spent.js';

test('spent buffers are taken from whoever holds them; again later, and with one that is gone already', async () => {
  const [first, second, third] = [new ArrayBuffer(8), new ArrayBuffer(16), new ArrayBuffer(4)];
  const view = new Uint8Array(first);
  drop(first, second);
  assert.deepEqual([first.byteLength, second.byteLength, view.length], [0, 0, 0]);
  await new Promise((resolve) => setTimeout(resolve));
  drop(first, third);
  assert.equal(third.byteLength, 0);
  drop();
});
