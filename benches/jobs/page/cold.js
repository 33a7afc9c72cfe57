// From navigation to the first prediction of the first job, for a peer.

import { networkOf, pictures, planes } from '/site/bench/networks.js';

/** @param {string} module @param {string} backend */
export async function firstPrediction(module, backend) {
  const subject = (await import(`./${module}.js`)).subject(backend);
  await subject.start();
  const network = networkOf('M1');
  const { bytes, labels } = pictures(network.inputShape, 1);
  const floats = planes(bytes, network.inputShape);
  const work = await subject.predictor({ job: 'M1', task: 'predict', batch: 1, workers: 1, network, bytes, labels, floats });
  await work.run();
  await work.outputs?.();
  Object.assign(globalThis, { firstPrediction: performance.now() });
}
