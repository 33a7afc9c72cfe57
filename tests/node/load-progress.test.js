/** How much of a model's file has arrived. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readFile } from '../../www/lib/files.js';
import { platform } from '../../www/lib/platform.js';

/** Reads a file of two pieces from a server that tells a length, or none. */
async function readWith(headers, onProgress) {
  const { fetch } = platform;
  const body = () => new ReadableStream({
    start(controller) {
      controller.enqueue(new Uint8Array([1, 2, 3]));
      controller.enqueue(new Uint8Array([4]));
      controller.close();
    },
  });
  platform.fetch = async () => new Response(body(), { headers });
  try {
    return new Uint8Array(await readFile('https://models.test/a', { onProgress }));
  } finally {
    platform.fetch = fetch;
  }
}

test('what has arrived is told as a share, and nothing of the file is lost', async () => {
  const shares = [];
  assert.deepEqual([...(await readWith({ 'content-length': '4' }, ({ share }) => shares.push(share)))], [1, 2, 3, 4]);
  assert.deepEqual(shares, [0.75, 1]);
});

test('where a body is longer than its server says, the share is one; where nothing is said, none is told', async () => {
  const shares = [];
  await readWith({ 'content-length': '2' }, ({ share }) => shares.push(share));
  assert.deepEqual(shares, [1, 1]);
  assert.equal((await readWith({}, () => assert.fail('no length is known'))).length, 4);
  assert.equal((await readWith({ 'content-length': '4' })).length, 4);
});
