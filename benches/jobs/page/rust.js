// Burn, candle or rten, compiled to wasm from the small crates beside us.

/**
 * @param {string} crate
 * @returns {import('./harness.js').Subject}
 */
export function subject(crate) {
  /** @type {any} */
  let module;
  return {
    start: async () => {
      module = await import(`/peers/${crate}.js`);
      await module.default({ module_or_path: `/peers/${crate}_bg.wasm` });
      return undefined;
    },

    async predictor({ job, batch, network, floats }) {
      const net = new module.Network(await describe(crate, job, network));
      /** @type {Float32Array} */
      let result;
      return {
        run: () => {
          result = net.predict(floats, batch);
        },
        outputs: () => result,
        free: () => net.free(),
      };
    },

    async trainer({ job, batch, network, floats, labels, optimizer }) {
      const net = new module.Network(await describe(crate, job, network));
      if (!net.startTraining) throw new Error('it cannot');
      net.startTraining(optimizer);
      const input = floats.subarray(0, (floats.length / labels.length) * batch);
      const targets = labels.subarray(0, batch);
      return {
        run: () => {
          if (!Number.isFinite(net.trainStep(input, targets))) throw new Error('its loss is no number');
        },
        free: () => net.free(),
      };
    },
  };
}

/** rten reads ONNX files, the others build the network from its layers. @param {string} crate @param {string} job @param {object} network */
async function describe(crate, job, network) {
  if (crate !== 'rten') return JSON.stringify(network);
  const response = await fetch(`/models/${job}.onnx`);
  return new Uint8Array(await response.arrayBuffer());
}
