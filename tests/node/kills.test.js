/**
 * Workers killed at any moment: every promise settles, and the next prediction is answered. A few here; `OCELLI_KILLS=1000`
 * makes as many as are wanted and tells how long the next answer took.
 */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

const built = await readFile(new URL('../../www/lib/pkg/build.js', import.meta.url)).catch(() => null);
const skip = !built && 'www/lib/pkg is not built';
const { Classifier, ClassifierError, configure } = skip ? {} : await import('../../www/lib/node.js');
const N_KILLS = Number(process.env.OCELLI_KILLS ?? 40);

/** A thread that can be killed from outside, as a browser short of memory does. */
class MortalWorker extends EventTarget {
  /** @type {MortalWorker[]} */
  static living = [];
  #thread;
  #ended = false;

  /** @param {string} name */
  constructor(name) {
    super();
    this.#thread = new Worker(new URL('../../www/lib/node-worker.js', import.meta.url), { workerData: name });
    this.#thread.unref();
    this.#thread.on('message', (data) => this.dispatchEvent(new MessageEvent('message', { data })));
    this.#thread.on('error', (error) => this.#die(String(error)));
    this.#thread.on('exit', () => this.#die('killed'));
    MortalWorker.living.push(this);
  }

  /** @param {unknown} message @param {any} [options] */
  postMessage(message, options) {
    if (!this.#ended) this.#thread.postMessage(message, options?.transfer ?? []);
  }

  kill() {
    return this.#thread.terminate();
  }

  terminate() {
    this.#ended = true;
    MortalWorker.living = MortalWorker.living.filter((worker) => worker !== this);
    void this.#thread.terminate();
  }

  /** @param {string} message */
  #die(message) {
    MortalWorker.living = MortalWorker.living.filter((worker) => worker !== this);
    if (!this.#ended) this.dispatchEvent(Object.assign(new Event('error'), { message }));
    this.#ended = true;
  }
}

/** Numbers from 0 to 1, the same every time. @param {number} state */
function* random(state) {
  for (;;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

const ONE = { strokes: [[{ x: 0, y: 0 }, { x: 0, y: 40 }]] };

test('whenever a worker is killed, every call settles and the next one is answered', { skip }, async (t) => {
  configure({ workers: { inference: () => new MortalWorker('inference'), training: () => new MortalWorker('training') } });
  const classifier = await Classifier.create('tiny');
  let nReplaced = 0;
  classifier.addEventListener('replaced', () => (nReplaced += 1));
  await classifier.setDataset({ generated: 'handwriting', count: 64 });
  const chance = random(7);
  const next = () => /** @type {number} */ (chance.next().value);
  const waits = [];
  const ends = { answered: 0, crashed: 0 };
  for (let kill = 0; kill < N_KILLS; kill += 1) {
    const calls = [
      () => classifier.predict(ONE),
      () => classifier.train({ epochs: 1 + Math.floor(30 * next()), workers: 1 }),
      () => classifier.evaluate(),
      () => classifier.save(),
      () => classifier.explain(ONE),
      () => classifier.predictBatch(new Uint8Array(784 * 16)),
    ];
    const pending = [calls[Math.floor(calls.length * next())], calls[Math.floor(calls.length * next())]].map((call) =>
      call().then(
        () => (ends.answered += 1),
        (/** @type {unknown} */ error) => {
          assert.ok(error instanceof ClassifierError, String(error));
          assert.ok(['crashed', 'state'].includes(error.code), `${error.code}: ${error.message}`);
          ends.crashed += 1;
        },
      ),
    );
    await new Promise((resolve) => setTimeout(resolve, 12 * next()));
    const victim = MortalWorker.living.at(-1);
    const killed = victim?.kill();
    const start = performance.now();
    // Asked while the worker dies, the call may be lost with it; asked again, it must be answered.
    const answer = await classifier.predict(ONE).catch(() => classifier.predict(ONE));
    waits.push(performance.now() - start);
    assert.equal(answer.classes.length, 10);
    await Promise.all([...pending, killed]);
  }
  waits.sort((a, b) => a - b);
  const at = (/** @type {number} */ share) => (waits[Math.min(waits.length - 1, Math.floor(share * waits.length))] ?? NaN).toFixed(0);
  t.diagnostic(`${N_KILLS} kills, ${nReplaced} workers replaced, ${ends.answered} calls answered, ${ends.crashed} rejected; next answer after ${at(0.5)} ms (median), ${at(0.99)} ms (99 of 100)`);
  assert.ok(nReplaced > N_KILLS / 2);
  classifier.close();
});
