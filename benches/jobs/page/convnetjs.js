// ConvNetJS: plain JavaScript, one picture at a time. Its script is in the page's head.

/** @type {any} */
const convnetjs = /** @type {any} */ (globalThis).convnetjs;

/** @returns {import('./harness.js').Subject} */
export function subject() {
  return {
    start: async () => undefined,

    predictor({ batch, network, bytes }) {
      const net = netOf(network);
      const volumes = volumesOf(bytes, batch, network);
      const result = new Float32Array(batch * network.nClasses);
      return {
        run: () => volumes.forEach((volume, index) => result.set(net.forward(volume).w, index * network.nClasses)),
        outputs: () => result,
      };
    },

    trainer({ batch, network, bytes, labels, optimizer }) {
      const net = netOf(network);
      const volumes = volumesOf(bytes, batch, network);
      const options = optimizer === 'adam' ? { method: 'adam', learning_rate: 0.001 } : { method: 'sgd', momentum: 0.9 };
      const trainer = new convnetjs.Trainer(net, { ...options, batch_size: batch });
      return { run: () => volumes.forEach((volume, index) => trainer.train(volume, labels[index])) };
    },
  };
}

/** @param {Uint8Array} bytes @param {number} batch @param {import('/site/bench/networks.js').Network} network @returns {any[]} */
function volumesOf(bytes, batch, { inputShape: [height, width, channels] }) {
  const length = height * width * channels;
  return Array.from({ length: batch }, (_, index) => {
    const volume = new convnetjs.Vol(width, height, channels, 0);
    bytes.subarray(index * length, (index + 1) * length).forEach((byte, at) => {
      volume.w[at] = byte / 255;
    });
    return volume;
  });
}

/** @param {import('/site/bench/networks.js').Network} network */
function netOf({ inputShape: [height, width, channels], nClasses, layers }) {
  /** @type {any[]} */
  const definitions = [{ type: 'input', out_sx: width, out_sy: height, out_depth: channels }];
  layers.forEach((layer, index) => {
    const activation = layers[index + 1]?.type === 'relu' ? { activation: 'relu' } : {};
    const last = index === layers.length - 1;
    switch (layer.type) {
      case 'conv2d': {
        const { filters, kernelSize, stride, padding } = layer;
        const pad = padding === 'same' ? (kernelSize - 1) / 2 : 0;
        definitions.push({ type: 'conv', sx: kernelSize, filters, stride, pad, ...activation });
        break;
      }
      case 'maxPool2d':
        definitions.push({ type: 'pool', sx: layer['poolSize'], stride: layer['poolSize'] });
        break;
      case 'dense':
        if (last) definitions.push({ type: 'softmax', num_classes: nClasses });
        else definitions.push({ type: 'fc', num_neurons: layer['units'], ...activation });
        break;
      case 'relu':
      case 'flatten':
        break;
      default:
        throw new Error(`it has no layer ${layer.type}`);
    }
  });
  const net = new convnetjs.Net();
  net.makeLayers(definitions);
  return net;
}
