// The four standard jobs: each a network in Ocelli's own layer specs, which every subject builds for itself.

/** @typedef {{ type: string, [option: string]: any }} Layer */
/** @typedef {{ inputShape: [number, number, number], nClasses: number, layers: Layer[] }} Network */

const relu = { type: 'relu' };
const relu6 = { type: 'relu6' };
const norm = { type: 'batchNorm', epsilon: 1e-5 };
const pool = { type: 'maxPool2d', poolSize: 2 };
const dense = (/** @type {number} */ units) => ({ type: 'dense', units, bias: true });
const conv = (/** @type {number} */ filters, /** @type {object} */ options = {}) => ({
  type: 'conv2d', filters, kernelSize: 3, stride: 1, padding: 'valid', bias: true, ...options,
});
/** A convolution without bias and its normalization. */
const convNorm = (/** @type {number} */ filters, /** @type {number} */ kernelSize, /** @type {number} */ stride) => [
  conv(filters, { kernelSize, stride, padding: 'same', bias: false }),
  norm,
];

/** ResNet-20: He et al. 2015, section 4.2, with convolutions of size 1 where the shape changes. @returns {Layer[]} */
function resnet20() {
  /** @type {Layer[]} */
  const layers = [...convNorm(16, 3, 1), relu];
  /** @type {[number, number][]} */
  const stages = [[16, 1], [32, 2], [64, 2]];
  for (const [width, firstStride] of stages) {
    for (const stride of [firstStride, 1, 1]) {
      layers.push(
        {
          type: 'residual',
          layers: [...convNorm(width, 3, stride), relu, ...convNorm(width, 3, 1)],
          shortcut: stride === 1 ? [] : convNorm(width, 1, stride),
        },
        relu,
      );
    }
  }
  return [...layers, { type: 'globalAveragePool2d' }, dense(10)];
}

/** MobileNetV2 1.0: Sandler et al. 2018, table 2. @returns {Layer[]} */
function mobilenetV2() {
  /** @type {Layer[]} */
  const layers = [...convNorm(32, 3, 2), relu6];
  let width = 32;
  /** @type {[number, number, number, number][]} */
  const stages = [
    [1, 16, 1, 1], [6, 24, 2, 2], [6, 32, 3, 2], [6, 64, 4, 2], [6, 96, 3, 1], [6, 160, 3, 2], [6, 320, 1, 1],
  ];
  for (const [expansion, filters, repeats, firstStride] of stages) {
    for (let repeat = 0; repeat < repeats; repeat += 1) {
      const stride = repeat === 0 ? firstStride : 1;
      const block = [
        ...(expansion === 1 ? [] : [...convNorm(width * expansion, 1, 1), relu6]),
        { type: 'depthwiseConv2d', kernelSize: 3, stride, padding: 'same', bias: false },
        norm,
        relu6,
        ...convNorm(filters, 1, 1),
      ];
      if (stride === 1 && width === filters) layers.push({ type: 'residual', layers: block, shortcut: [] });
      else layers.push(...block);
      width = filters;
    }
  }
  return [...layers, ...convNorm(1280, 1, 1), relu6, { type: 'globalAveragePool2d' }, dense(1000)];
}

/** The network of a job. @param {string} job */
export function networkOf(job) {
  const found = JOBS[job];
  if (!found) throw new Error(`there is no job ${job}`);
  return found.network;
}

/** @type {Record<string, { title: string, network: Network, batches: [number, number], trains: boolean }>} */
export const JOBS = {
  M1: {
    title: 'Keras seed CNN, 28 × 28 × 1',
    network: {
      inputShape: [28, 28, 1],
      nClasses: 10,
      layers: [conv(32), relu, pool, conv(64), relu, pool, { type: 'flatten' }, dense(64), relu, dense(10)],
    },
    batches: [1, 64],
    trains: true,
  },
  M2: {
    title: '3-channel CNN, 32 × 32 × 3',
    network: {
      inputShape: [32, 32, 3],
      nClasses: 10,
      layers: [
        conv(32, { padding: 'same' }), relu, pool, conv(64, { padding: 'same' }), relu, pool,
        { type: 'flatten' }, dense(128), relu, dense(10),
      ],
    },
    batches: [1, 64],
    trains: true,
  },
  M3: {
    title: 'ResNet-20, 32 × 32 × 3',
    network: { inputShape: [32, 32, 3], nClasses: 10, layers: resnet20() },
    batches: [1, 64],
    trains: true,
  },
  M4: {
    title: 'MobileNetV2 1.0, 224 × 224 × 3',
    network: { inputShape: [224, 224, 3], nClasses: 1000, layers: mobilenetV2() },
    batches: [1, 8],
    trains: false,
  },
};

/**
 * The network as the package takes it.
 * @param {Network} network
 * @returns {import('../lib/index.js').ModelSpec}
 */
export function specOf({ inputShape, nClasses, layers }) {
  const labels = Array.from({ length: nClasses }, (_, index) => String(index));
  return { inputShape, labels, layers: /** @type {any} */ (layers), initializer: 'heNormal' };
}

/**
 * Pictures of one smooth pattern a class, each with noise, dark where the pattern is low; one byte a value.
 * @param {[number, number, number]} shape
 * @param {number} n
 */
export function pictures([height, width, channels], n, nClasses = 10) {
  const bytes = new Uint8Array(n * height * width * channels);
  const labels = new Uint8Array(n);
  let at = 0;
  let random = 1;
  for (let i = 0; i < n; i += 1) {
    labels[i] = i % nClasses;
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        for (let c = 0; c < channels; c += 1) {
          const angle = (labels[i] ?? 0) * 0.6 + c;
          const wave = Math.sin(0.5 * (x * Math.cos(angle) + y * Math.sin(angle)));
          random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
          bytes[at] = 200 * Math.max(0, wave - 0.1) + (40 * random) / 2 ** 32;
          at += 1;
        }
      }
    }
  }
  return { bytes, labels };
}

/**
 * Pictures as most frameworks want them: floats from 0 to 1, each picture's channels one after the other.
 * @param {Uint8Array} bytes `[n, height, width, channels]`
 * @param {[number, number, number]} shape
 */
export function planes(bytes, [height, width, channels]) {
  const area = height * width;
  const floats = new Float32Array(bytes.length);
  for (let at = 0; at < bytes.length; at += 1) {
    const picture = Math.floor(at / (area * channels));
    const within = at % (area * channels);
    const target = (picture * channels + (within % channels)) * area + Math.floor(within / channels);
    floats[target] = (bytes[at] ?? 0) / 255;
  }
  return floats;
}
