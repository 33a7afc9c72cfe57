// Ocelli itself: predictions by the engine, training through the package, as a page does it.

import init, { Engine } from '/pkg/engine.js';
import { Classifier } from '/site/lib/index.js';
import { specOf } from '/site/bench/networks.js';
import { idx } from '/site/bench/idx.js';

const RATES = { adam: 0.001, momentum: 0.01 };
/** Pictures of a training's data set. */
const N_EXAMPLES = 2048;

/** @returns {import('./harness.js').Subject} */
export function subject() {
  return {
    start: async () => {
      const wasm = await fetch('/pkg/engine-whole_bg.wasm');
      await init({ module_or_path: await wasm.arrayBuffer() });
      return undefined;
    },

    async predictor({ job, batch, bytes, network }) {
      const response = await fetch(`/models/${job}.safetensors`);
      const engine = Engine.load(new Uint8Array(await response.arrayBuffer()));
      /** @type {any} */
      let result;
      const one = () => {
        result = engine.predictPrepared(bytes, network.nClasses);
      };
      const many = () => {
        result = engine.predictBatch(bytes);
      };
      return {
        run: batch === 1 ? one : many,
        outputs: () => {
          if (batch > 1) return result;
          const probabilities = new Float32Array(network.nClasses);
          for (const { index, confidence } of result.classes) probabilities[index] = confidence;
          return probabilities;
        },
        free: () => engine.free(),
      };
    },

    async trainer({ batch, workers, optimizer = 'adam', network }) {
      if (workers === 0) return trainerHere(network, batch);
      const classifier = await Classifier.create(specOf(network));
      await classifier.setDataset(idx(network.inputShape, N_EXAMPLES));
      const training = classifier.train({
        epochs: 10_000, batchSize: batch, workers, validationSplit: 0, optimizer: { type: optimizer }, learningRate: RATES[optimizer],
      });
      training.catch(() => {}); // it ends with the classifier
      let { step } = await classifier.pause();
      return {
        run: () => undefined,
        // A training runs by itself: it is let go for a while, and its steps are counted.
        async measure(budget) {
          const start = performance.now();
          await classifier.resume();
          await new Promise((resolve) => setTimeout(resolve, budget));
          const progress = await classifier.pause();
          const milliseconds = performance.now() - start;
          if (progress.nWorkers !== workers && step > 0) throw new Error(`${progress.nWorkers} workers instead of ${workers}`);
          const calls = progress.step - step;
          step = progress.step;
          return { calls, milliseconds };
        },
        free: () => classifier.close(),
      };
    },
  };
}

/** Training in this very page, to see its memory. @param {import('/site/bench/networks.js').Network} network @param {number} batch */
async function trainerHere(network, batch) {
  const engine = Engine.create(specOf(network), 1);
  const { images, labels } = idx(network.inputShape, N_EXAMPLES);
  const bytes = async (/** @type {Blob} */ blob) => new Uint8Array(await blob.arrayBuffer());
  engine.setDataset(await bytes(images), await bytes(labels));
  engine.startTraining({ epochs: 10_000, batchSize: batch, validationSplit: 0 });
  return { run: () => engine.trainSlice(0), free: () => engine.free() };
}
