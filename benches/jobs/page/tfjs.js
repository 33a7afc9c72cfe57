// TensorFlow.js: tfjs-core and tfjs-layers over the backend named, `wasm` or `cpu`. Its scripts are in the page's head.

/** @type {any} */
const tf = /** @type {any} */ (globalThis).tf;

/**
 * @param {string} backend
 * @returns {import('./harness.js').Subject}
 */
export function subject(backend) {
  return {
    start: async () => {
      if (backend === 'wasm') tf.wasm.setWasmPaths('/node_modules/@tensorflow/tfjs-backend-wasm/dist/');
      if (!(await tf.setBackend(backend))) throw new Error(`the backend ${backend} did not start`);
      return tf.version_core ?? tf.version?.['tfjs-core'];
    },

    predictor({ batch, network, bytes }) {
      const model = modelOf(network);
      const input = inputOf(bytes, batch, network);
      /** @type {any} */
      let result;
      return {
        run: () => {
          const output = model.predict(input);
          result = output.dataSync(); // it computes when it is read
          output.dispose();
        },
        outputs: () => result,
        free: () => {
          model.dispose();
          input.dispose();
        },
      };
    },

    // The wasm backend has no gradient of a convolution's filters.
    ...(backend === 'wasm'
      ? {}
      : {
          trainer({ batch, network, bytes, labels, optimizer }) {
            const model = modelOf(network);
            model.compile({
              optimizer: optimizer === 'adam' ? tf.train.adam(0.001) : tf.train.momentum(0.01, 0.9),
              loss: 'sparseCategoricalCrossentropy',
            });
            const input = inputOf(bytes.subarray(0, (bytes.length / labels.length) * batch), batch, network);
            const targets = tf.tensor1d(Array.from(labels.subarray(0, batch)), 'float32');
            return {
              run: () => model.trainOnBatch(input, targets),
              free: () => {
                model.dispose();
                input.dispose();
                targets.dispose();
              },
            };
          },
        }),
  };
}

/** @param {Uint8Array} bytes @param {number} batch @param {import('/site/bench/networks.js').Network} network */
function inputOf(bytes, batch, { inputShape }) {
  return tf.tensor4d(Float32Array.from(bytes, (byte) => byte / 255), [batch, ...inputShape]);
}

/** @param {import('/site/bench/networks.js').Network} network */
function modelOf({ inputShape, layers }) {
  const input = tf.input({ shape: inputShape });
  const logits = apply(layers, input);
  return tf.model({ inputs: input, outputs: tf.layers.softmax().apply(logits) });
}

/** @param {import('/site/bench/networks.js').Layer[]} layers @param {any} x @returns {any} */
function apply(layers, x) {
  return layers.reduce((value, layer) => {
    if (layer.type !== 'residual') return layerOf(layer).apply(value);
    return tf.layers.add().apply([apply(layer['layers'], value), apply(layer['shortcut'], value)]);
  }, x);
}

/** @param {import('/site/bench/networks.js').Layer} layer */
function layerOf(layer) {
  const { type, filters, kernelSize, stride, padding, bias, units, poolSize, epsilon } = layer;
  switch (type) {
    case 'conv2d':
      return tf.layers.conv2d({ filters, kernelSize, strides: stride, padding, useBias: bias });
    case 'depthwiseConv2d':
      return tf.layers.depthwiseConv2d({ kernelSize, strides: stride, padding, useBias: bias });
    case 'batchNorm':
      return tf.layers.batchNormalization({ epsilon });
    case 'relu':
      return tf.layers.reLU();
    case 'relu6':
      return tf.layers.reLU({ maxValue: 6 });
    case 'maxPool2d':
      return tf.layers.maxPooling2d({ poolSize });
    case 'globalAveragePool2d':
      return tf.layers.globalAveragePooling2d({});
    case 'flatten':
      return tf.layers.flatten();
    case 'dense':
      return tf.layers.dense({ units });
    default:
      throw new Error(`no job has a layer ${type}`);
  }
}
