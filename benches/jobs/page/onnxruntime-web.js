// onnxruntime-web, its wasm backend on one thread, with the same weights as ours.

const FOLDER = '/node_modules/onnxruntime-web/dist/';
/** @type {any} */
const ort = await import(`${FOLDER}ort.wasm.bundle.min.mjs`);

/** @returns {import('./harness.js').Subject} */
export function subject() {
  return {
    start: async () => {
      ort.env.wasm.numThreads = 1;
      ort.env.wasm.wasmPaths = FOLDER;
      return ort.env.versions.web;
    },

    async predictor({ job, batch, network, floats }) {
      const [height, width, channels] = network.inputShape;
      const session = await ort.InferenceSession.create(`/models/${job}.onnx`, { executionProviders: ['wasm'] });
      const input = new ort.Tensor('float32', floats, [batch, channels, height, width]);
      /** @type {any} */
      let result;
      return {
        run: async () => {
          result = await session.run({ input });
        },
        outputs: () => result.probabilities.data,
        free: () => session.release(),
      };
    },
  };
}
