import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { unzipped } from '../../www/lib/unzip.js';

const plain = new Uint8Array(100_000).map((_, i) => i % 7);

test('gzipped and plain files give the same bytes', async () => {
  assert.deepEqual(await unzipped(new Blob([plain])), plain);
  assert.deepEqual(await unzipped(new Blob([gzipSync(plain)])), plain);
  assert.deepEqual(await unzipped(new Blob([])), new Uint8Array());
});

test('a cut off or garbled gzip file is an error of its format', async () => {
  const bytes = gzipSync(plain);
  await assert.rejects(unzipped(new Blob([bytes.subarray(0, 100)])), { code: 'format' });
  await assert.rejects(unzipped(new Blob([new Uint8Array([0x1f, 0x8b, 1, 2, 3])])), { code: 'format' });
});

test('a file that unpacks to more than allowed is refused', async () => {
  await assert.rejects(unzipped(new Blob([gzipSync(plain)]), 1000), { code: 'limit' });
  await assert.rejects(unzipped(new Blob([plain]), 1000), { code: 'limit' });
});
