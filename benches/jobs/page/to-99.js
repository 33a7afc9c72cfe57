// Trains the preset `sprint` by its recipe on all of MNIST, then looks at the test digits, once.

import { Classifier } from '/site/lib/index.js';
import { recipeFor } from '/site/lib/presets.js';

const fetched = async (/** @type {string} */ name) => (await fetch(`/mnist/${name}-ubyte.gz`)).blob();

Object.assign(globalThis, {
  /** @param {number} workers @param {number} seed */
  async to99(workers, seed) {
    const [images, labels] = await Promise.all([fetched('train-images-idx3'), fetched('train-labels-idx1')]);
    const classifier = await Classifier.create('sprint', { seed });
    await classifier.setDataset({ images, labels });
    const start = performance.now();
    await classifier.train({ ...recipeFor('sprint', 'taught'), validationSplit: 0, seed, workers });
    const seconds = (performance.now() - start) / 1000;
    const model = await classifier.save();
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await model.arrayBuffer()));
    classifier.close();
    // A fresh classifier, which has seen no training digit, evaluates on all it is given.
    const reader = await Classifier.load(model);
    const [testImages, testLabels] = await Promise.all([fetched('t10k-images-idx3'), fetched('t10k-labels-idx1')]);
    await reader.setDataset({ images: testImages, labels: testLabels });
    const { accuracy } = await reader.evaluate();
    reader.close();
    return { seconds, accuracy, hash: Array.from(digest.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('') };
  },
});
