// The run of tests/bits through the package, in this engine's worker: the same bits as natively.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { hashOfTensors } from '../bits/hash.js';
import { inPage } from './harness/engines.js';
import { Page } from './harness/page.js';

/** @param {string} name */
const read = (name) => readFile(new URL(`../bits/${name}`, import.meta.url));

/** @type {Page} */
let page;
before(async () => {
  page = await Page.open();
});
after(() => page?.close());

for (const workers of [1, 2, 4]) test(`100 steps of ${workers} workers have the committed bits`, async () => {
  const { spec, seed, options, hash } = JSON.parse(String(await read('run.json')));
  const images = (await read('images.idx3-ubyte')).toString('base64');
  const labels = (await read('labels.idx1-ubyte')).toString('base64');
  const saved = await inPage(
    page.tab,
    async (/** @type {any} */ run) => {
      const { Classifier } = await import(new URL('lib/index.js', document.baseURI).href);
      const blob = (/** @type {string} */ text) => new Blob([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))]);
      const classifier = await Classifier.create(run.spec, { seed: run.seed });
      await classifier.setDataset({ images: blob(run.images), labels: blob(run.labels) });
      // All wait until all are there.
      let nWorkers = 0;
      const result = await classifier.train({
        ...run.options,
        workers: run.workers,
        onProgress: async (/** @type {any} */ progress) => {
          if (nWorkers === 0 && run.workers > 1) await classifier.pause();
          if (nWorkers < run.workers && progress.nWorkers === run.workers && run.workers > 1) await classifier.resume();
          nWorkers = progress.nWorkers;
        },
      });
      const bytes = new Uint8Array(await (await classifier.save()).arrayBuffer());
      classifier.close();
      let text = '';
      for (const byte of bytes) text += String.fromCharCode(byte);
      return { bytes: btoa(text), step: result.step, nWorkers: result.nWorkers };
    },
    { spec, seed, options, images, labels, workers },
  );
  assert.equal(saved.step, 100);
  assert.equal(saved.nWorkers, workers);
  assert.equal(hashOfTensors(Buffer.from(saved.bytes, 'base64')), hash);
});
