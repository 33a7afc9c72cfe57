import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Decoder } from '../../www/lib/decoder.js';
import { deferred, workersWith } from './pair.js';

const reply = { value: { data: new ArrayBuffer(3), width: 1, height: 1, channels: 3 } };
const file = new Blob(['picture']);

/** A decoder whose n-th picture (from 0, over all its workers) is handled by `nth[n]`. */
function decoderOf(nth, deadlines = {}) {
  let n = 0;
  const { start, workers } = workersWith(() => ({ decode: () => nth[n++]() }));
  return { decoder: new Decoder(start, { build: 'b1', ...deadlines }), workers };
}

test('no worker is started before the first picture, and one serves the next', async () => {
  const { decoder, workers } = decoderOf([() => reply, () => reply], { idleDeadline: 50 });
  assert.equal(workers.length, 0);
  const pixels = await decoder.decode(file);
  assert.deepEqual({ ...pixels, data: [...pixels.data] }, { data: [0, 0, 0], width: 1, height: 1, channels: 3 });
  await decoder.decode(file);
  assert.equal(workers.length, 1);
});

test('an idle worker is ended', async () => {
  const { decoder, workers } = decoderOf([() => reply], { idleDeadline: 1 });
  await decoder.decode(file);
  const { promise, resolve } = deferred();
  const { terminate } = workers[0];
  workers[0].terminate = () => resolve(terminate.call(workers[0]));
  await promise;
  assert.ok(workers[0].terminated);
});

test('a picture that kills the decoder is an error of that picture only', async () => {
  const { decoder, workers } = decoderOf(
    [() => { throw new RangeError('out of memory'); }, () => reply],
    { idleDeadline: 1 },
  );
  const [hostile, good] = [decoder.decode(file), decoder.decode(file)];
  await assert.rejects(hostile, { code: 'image', message: /out of memory/ });
  assert.equal((await good).width, 1);
  assert.equal(workers.length, 2);
});

test('a picture that takes too long, or is no longer wanted, is given up with its worker', async () => {
  const never = () => deferred().promise;
  const { decoder, workers } = decoderOf([never, never, () => reply], { pictureDeadline: 20, idleDeadline: 1 });
  await assert.rejects(decoder.decode(file), { code: 'image', message: /over 0.02 s/ });
  const controller = new AbortController();
  const unwanted = decoder.decode(file, { signal: controller.signal });
  setImmediate(() => controller.abort());
  await assert.rejects(unwanted, { code: 'aborted' });
  await decoder.decode(file);
  assert.deepEqual(workers.slice(0, 2).map((worker) => worker.terminated), [true, true]);
});
