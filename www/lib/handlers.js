// @ts-check
/** What every engine's worker does: loads a model and predicts. */

import { ClassifierError, textOf } from './errors.js';

/** @typedef {import('./protocol.d.ts').WireSource} WireSource */
/** @typedef {import('./index.d.ts').ModelInfo} ModelInfo */

/**
 * The part of an engine that predicts.
 * @typedef {import('./pkg/inference.js').Engine} Engine
 */

/**
 * What a worker holds: one model, and the one long call that may be under way.
 * @template {Engine} E
 */
export class Desk {
  /** @readonly */
  engineClass;
  /** @type {E | null} */
  #engine = null;
  /** @type {string | null} */
  #busyWith = null;

  /** @param {{ load: (bytes: Uint8Array) => E }} engineClass */
  constructor(engineClass) {
    this.engineClass = engineClass;
  }

  /** @returns {E} */
  get engine() {
    if (!this.#engine) throw new ClassifierError('state', 'This call needs a model to be loaded or created first.');
    return this.#engine;
  }

  /**
   * The model from now on.
   * @param {E} engine
   * @returns {{ value: ModelInfo }}
   */
  use(engine) {
    this.#engine?.free();
    this.#engine = engine;
    return { value: engine.info() };
  }

  /** Frees the model. */
  release() {
    this.#engine?.free();
    this.#engine = null;
    return { value: null };
  }

  /**
   * A long call, of which there is one at a time.
   * @template T
   * @param {string} name
   * @param {() => Promise<T>} work
   */
  async alone(name, work) {
    if (this.#busyWith) throw new ClassifierError('state', `Before ${name}, ${this.#busyWith} has to end.`);
    this.#busyWith = name;
    try {
      return await work();
    } finally {
      this.#busyWith = null;
    }
  }
}

/**
 * @template {Engine} E
 * @param {Desk<E>} desk
 * @returns {import('./protocol.d.ts').Handlers<import('./protocol.d.ts').InferenceCalls>}
 */
export function inferenceHandlers(desk) {
  return {
    release: () => desk.release(),
    load: ({ bytes }) => desk.alone('loading', async () => desk.use(desk.engineClass.load(new Uint8Array(bytes)))),
    predict: ({ source, topK }) => {
      const start = performance.now();
      const prediction = predict(desk.engine, source, topK);
      const milliseconds = performance.now() - start;
      const transfer = prediction.input ? [prediction.input.data.buffer] : [];
      return { value: { ...prediction, milliseconds }, transfer };
    },
    predictStrokes: ({ points, lengths, topK }) => {
      const value = predictStrokes(desk.engine, points, lengths, topK);
      return { value, transfer: value.parts.flatMap(({ input }) => (input ? [input.data.buffer] : [])) };
    },
  };
}

/**
 * @param {Engine} engine
 * @param {WireSource} source
 * @param {number} topK
 */
export function predict(engine, source, topK) {
  switch (source.kind) {
    case 'pixels':
      return engine.predictPixels(new Uint8Array(source.data), source.width, source.height, source.channels, topK);
    case 'bitmap':
      return engine.predictImageData(pixelsOf(source.bitmap), topK);
    case 'prepared':
      return engine.predictPrepared(new Uint8Array(source.data), topK);
    case 'strokes':
      return engine.predictStrokes(source.points, source.lengths, topK);
  }
}

/**
 * Each digit of a drawing, read on its own.
 * @param {Engine} engine
 * @param {Float32Array} points
 * @param {Uint32Array} lengths
 * @param {number} topK
 * @returns {import('./index.d.ts').StrokesPrediction}
 */
function predictStrokes(engine, points, lengths, topK) {
  const start = performance.now();
  /** The strokes of each digit. @type {number[][]} */
  const digits = [];
  engine.groupStrokes(points, lengths).forEach((digit, stroke) => {
    if (digit >= 0) (digits[digit] ??= []).push(stroke);
  });
  let end = 0;
  const all = Array.from(lengths, (length) => points.subarray(end, (end += 2 * length)));
  const parts = digits.map((strokes) => {
    const paths = all.filter((_, stroke) => strokes.includes(stroke));
    const path = Float32Array.from(paths.flatMap((path) => [...path]));
    const begun = performance.now();
    const prediction = engine.predictStrokes(path, Uint32Array.from(paths, ({ length }) => length / 2), topK);
    return { ...prediction, strokes, box: boxOf(path), milliseconds: performance.now() - begun };
  });
  return { parts, milliseconds: performance.now() - start };
}

/** @param {Float32Array} path x, y, x, y, … */
function boxOf(path) {
  const sorted = (/** @type {number} */ odd) => path.filter((_, place) => place % 2 === odd).sort();
  const [xs, ys] = [sorted(0), sorted(1)];
  return { left: xs[0] ?? NaN, top: ys[0] ?? NaN, right: xs.at(-1) ?? NaN, bottom: ys.at(-1) ?? NaN };
}

/**
 * @param {ImageBitmap} bitmap
 * @returns {ImageData}
 */
function pixelsOf(bitmap) {
  const { width, height } = bitmap;
  try {
    const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
    if (!context) throw new Error('no canvas of this size can be had');
    context.drawImage(bitmap, 0, 0);
    return context.getImageData(0, 0, width, height);
  } catch (error) {
    throw new ClassifierError('image', `The picture cannot be read: ${textOf(error)}`, { cause: error });
  } finally {
    bitmap.close();
  }
}
