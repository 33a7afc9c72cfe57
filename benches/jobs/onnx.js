// A network with Ocelli's weights as an ONNX file: what onnxruntime-web and rten read. Only the layers of the jobs.
//
// Source: the ONNX specification, `onnx.proto3` (numbers of the fields) and `Operators.md`.

/** @typedef {import('../../www/bench/networks.js').Network} Network */
/** @typedef {import('../../www/bench/networks.js').Layer} Layer */
/** @typedef {Map<string, { shape: number[], values: Float32Array }>} Tensors */

const OPSET = 17;
const IR_VERSION = 8;
const FLOAT = 1;

/** @param {number} value */
function varint(value) {
  const bytes = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const low = Number(rest & 127n);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 128 : low);
  } while (rest > 0n);
  return Buffer.from(bytes);
}

/** A field of a protobuf message: a whole number, or bytes, or text. @param {number} number @param {number | Buffer | string} value */
function field(number, value) {
  if (typeof value === 'number') return Buffer.concat([varint(number << 3), varint(value)]);
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes]);
}

const message = (/** @type {Buffer[]} */ ...fields) => Buffer.concat(fields);

/** @param {string} name @param {number | number[]} value whole numbers */
function attribute(name, value) {
  if (typeof value === 'number') return message(field(1, name), field(3, value), field(20, 2));
  return message(field(1, name), ...value.map((int) => field(8, int)), field(20, 7));
}

/** @param {string} name @param {number} value */
function floatAttribute(name, value) {
  const bytes = Buffer.alloc(5);
  bytes[0] = (2 << 3) | 5;
  bytes.writeFloatLE(value, 1);
  return message(field(1, name), bytes, field(20, 1));
}

/** @param {string} name @param {number[]} dims @param {Float32Array} values */
function tensor(name, dims, values) {
  const raw = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return message(...dims.map((dim) => field(1, dim)), field(2, FLOAT), field(8, name), field(9, raw));
}

/** The batch is free, the other dimensions are not. @param {string} name @param {number[]} dims */
function valueInfo(name, dims) {
  const shape = message(field(1, message(field(2, 'batch'))), ...dims.map((dim) => field(1, message(field(1, dim)))));
  const type = message(field(1, FLOAT), field(2, shape));
  return message(field(1, name), field(2, message(field(1, type))));
}

/**
 * The bytes of the ONNX file.
 * @param {Network} network
 * @param {Tensors} tensors as in the model file that Ocelli saved
 */
export function onnxOf(network, tensors) {
  const [height, width, channels] = network.inputShape;
  const writer = new Writer(tensors, { name: 'input', shape: [channels, height, width] });
  writer.layers(network.layers);
  writer.node('Softmax', [writer.last.name], 'probabilities', [attribute('axis', 1)]);
  const graph = message(
    ...writer.nodes.map((node) => field(1, node)),
    field(2, 'network'),
    ...writer.initializers.map((initializer) => field(5, initializer)),
    field(11, valueInfo('input', [channels, height, width])),
    field(12, valueInfo('probabilities', [network.nClasses])),
  );
  return message(field(1, IR_VERSION), field(7, graph), field(8, message(field(1, ''), field(2, OPSET))));
}

/** Walks the layers in the order in which Ocelli names its nodes. */
class Writer {
  /** @type {Buffer[]} */
  nodes = [];
  /** @type {Buffer[]} */
  initializers = [];
  /** Layers of each kind so far. @type {Map<string, number>} */
  #counts = new Map();
  #tensors;
  #nValues = 0;
  /** The picture's shape before it was flattened. @type {number[] | null} */
  #flattened = null;

  /**
   * @param {Tensors} tensors
   * @param {{ name: string, shape: number[] }} input channels, height, width
   */
  constructor(tensors, input) {
    this.#tensors = tensors;
    this.last = input;
  }

  /** @param {string} operator @param {string[]} inputs @param {string} output @param {Buffer[]} [attributes] */
  node(operator, inputs, output, attributes = []) {
    this.nodes.push(
      message(
        ...inputs.map((name) => field(1, name)),
        field(2, output),
        field(4, operator),
        ...attributes.map((bytes) => field(5, bytes)),
      ),
    );
  }

  /** @param {string} operator @param {string[]} inputs @param {number[]} shape @param {Buffer[]} [attributes] */
  #push(operator, inputs, shape, attributes) {
    this.#nValues += 1;
    const name = `value${this.#nValues}`;
    this.node(operator, inputs, name, attributes);
    this.last = { name, shape };
  }

  /** @param {string} kind @returns {string} what the next layer of this kind is called */
  #next(kind) {
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    return `${kind}_${count}`;
  }

  /**
   * A weight of the file, its dimensions reordered.
   * @param {string} name
   * @param {number[]} [order] which dimension of the file's comes first, second, …
   */
  #weight(name, order) {
    const found = this.#tensors.get(name);
    if (!found) throw new Error(`the model file has no tensor ${name}`);
    const { shape, values } = order ? transposed(found, order) : found;
    this.initializers.push(tensor(name, shape, values));
    return name;
  }

  /** @param {Layer[]} layers */
  layers(layers) {
    for (const layer of layers) this.#layer(layer);
  }

  /** @param {Layer} layer */
  #layer(layer) {
    const { name, shape } = this.last;
    switch (layer.type) {
      case 'conv2d':
      case 'depthwiseConv2d': {
        const depthwise = layer.type === 'depthwiseConv2d';
        const node = this.#next(depthwise ? 'depthwise_conv2d' : 'conv2d');
        // Ours: [kh, kw, in of the group, out]. ONNX: [out, in of the group, kh, kw].
        const weights = this.#weight(`${node}.weights`, [3, 2, 0, 1]);
        const inputs = [name, weights, ...(layer['bias'] ? [this.#weight(`${node}.bias`)] : [])];
        const { kernelSize, stride = 1, padding } = layer;
        const sides = shape.slice(1).map((size) => around(size, kernelSize, stride, padding));
        const filters = depthwise ? (shape[0] ?? 0) : layer['filters'];
        this.#push('Conv', inputs, [filters, ...sides.map(({ out }) => out)], [
          attribute('kernel_shape', [kernelSize, kernelSize]),
          attribute('strides', [stride, stride]),
          attribute('pads', [...sides.map(({ before }) => before), ...sides.map(({ after }) => after)]),
          attribute('group', depthwise ? (shape[0] ?? 1) : 1),
        ]);
        break;
      }
      case 'batchNorm': {
        const node = this.#next('batch_norm');
        const inputs = ['gamma', 'beta', 'running_mean', 'running_variance'].map((part) => this.#weight(`${node}.${part}`));
        this.#push('BatchNormalization', [name, ...inputs], shape, [floatAttribute('epsilon', layer['epsilon'])]);
        break;
      }
      case 'relu':
        this.#push('Relu', [name], shape);
        break;
      case 'relu6': {
        if (this.initializers.length === 0 || !this.#counts.has('relu6')) {
          this.initializers.push(tensor('zero', [], new Float32Array([0])), tensor('six', [], new Float32Array([6])));
        }
        this.#next('relu6');
        this.#push('Clip', [name, 'zero', 'six'], shape);
        break;
      }
      case 'maxPool2d': {
        const size = layer['poolSize'];
        this.#push('MaxPool', [name], [shape[0] ?? 0, ...shape.slice(1).map((side) => Math.floor(side / size))], [
          attribute('kernel_shape', [size, size]),
          attribute('strides', [size, size]),
        ]);
        break;
      }
      case 'globalAveragePool2d': {
        this.#push('GlobalAveragePool', [name], [shape[0] ?? 0, 1, 1]);
        this.#push('Flatten', [this.last.name], [shape[0] ?? 0], [attribute('axis', 1)]);
        break;
      }
      case 'flatten':
        this.#flattened = shape;
        this.#push('Flatten', [name], [shape.reduce((product, dim) => product * dim, 1)], [attribute('axis', 1)]);
        break;
      case 'dense': {
        const node = this.#next('dense');
        const weights = this.#rowsByPlanes(`${node}.weights`);
        this.#push('Gemm', [name, weights, this.#weight(`${node}.bias`)], [layer['units']]);
        break;
      }
      case 'residual': {
        const input = this.last;
        this.layers(layer['layers']);
        const long = this.last;
        this.last = input;
        this.layers(layer['shortcut']);
        this.#push('Add', [long.name, this.last.name], long.shape);
        break;
      }
      default:
        throw new Error(`no job has a layer ${layer.type}`);
    }
  }

  /**
   * A dense layer's weights `[in, out]`. After a flattened picture its rows go by height, width, channel; ONNX flattens
   * channel, height, width.
   * @param {string} name
   */
  #rowsByPlanes(name) {
    const found = this.#tensors.get(name);
    if (!found || !this.#flattened) return this.#weight(name);
    const [channels, height, width] = this.#flattened;
    this.#flattened = null;
    const n = found.shape[1] ?? 0;
    const pictures = { shape: [height ?? 0, width ?? 0, channels ?? 0, n], values: found.values };
    this.initializers.push(tensor(name, found.shape, transposed(pictures, [2, 0, 1, 3]).values));
    return name;
  }
}

/** The zeros before and after a side, as Keras puts them, and how long it comes out. @param {number} size @param {number} kernel @param {number} stride @param {string} padding */
function around(size, kernel, stride, padding) {
  if (padding === 'valid') return { before: 0, after: 0, out: Math.floor((size - kernel) / stride) + 1 };
  const out = Math.ceil(size / stride);
  const total = Math.max(0, (out - 1) * stride + kernel - size);
  return { before: Math.floor(total / 2), after: Math.ceil(total / 2), out };
}

/** @param {{ shape: number[], values: Float32Array }} tensor @param {number[]} order */
function transposed({ shape, values }, order) {
  const strides = shape.map((_, index) => shape.slice(index + 1).reduce((product, dim) => product * dim, 1));
  const outShape = order.map((dim) => shape[dim] ?? 0);
  const out = new Float32Array(values.length);
  const place = outShape.map(() => 0);
  for (let at = 0; at < out.length; at += 1) {
    out[at] = values[place.reduce((sum, index, dim) => sum + index * (strides[order[dim] ?? 0] ?? 0), 0)] ?? 0;
    for (let dim = place.length - 1; dim >= 0; dim -= 1) {
      place[dim] = (place[dim] ?? 0) + 1;
      if ((place[dim] ?? 0) < (outShape[dim] ?? 0)) break;
      place[dim] = 0;
    }
  }
  return { shape: outShape, values: out };
}

/**
 * The tensors of a safetensors file of four-byte floats.
 * @param {Buffer} file
 * @returns {Tensors}
 */
export function tensorsOf(file) {
  const length = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.subarray(8, 8 + length).toString());
  const data = file.subarray(8 + length);
  /** @type {Tensors} */
  const tensors = new Map();
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const [start, end] = entry.data_offsets;
    const values = new Float32Array(new Uint8Array(data.subarray(start, end)).buffer);
    tensors.set(name, { shape: entry.shape, values });
  }
  return tensors;
}
