// In the page: makes one subject ready for one case, and measures it when its turn comes.

import { networkOf, pictures, planes } from '/site/bench/networks.js';

/**
 * What a subject gives: a function that computes one batch, or one training step.
 * @typedef {object} Work
 * @property {() => unknown | Promise<unknown>} run
 * @property {() => ArrayLike<number> | Promise<ArrayLike<number>>} [outputs] of the last run, `[batch, classes]`
 * @property {(milliseconds: number) => Promise<{ calls: number, milliseconds: number }>} [measure] for what runs by itself
 * @property {() => unknown} [free]
 *
 * @typedef {object} Case
 * @property {string} job
 * @property {'predict' | 'train'} task
 * @property {number} batch
 * @property {number} workers
 * @property {'adam' | 'momentum'} [optimizer]
 *
 * @typedef {object} Subject
 * @property {() => Promise<string | undefined>} start returns its version where it tells one
 * @property {(input: Input) => Work | Promise<Work>} predictor
 * @property {(input: Input) => Work | Promise<Work>} [trainer]
 *
 * @typedef {Case & { network: import('/site/bench/networks.js').Network, bytes: Uint8Array, labels: Uint8Array, floats: Float32Array }} Input
 */

/** Every memory that WebAssembly in this page has made. @type {Set<WebAssembly.Memory>} */
const memories = new Set();
watchMemories();

/** The most training examples that subjects without a data set of their own go through. */
const N_EXAMPLES = 256;

/** @type {Subject} */
let subject;
/** @type {Work | null} */
let work = null;

Object.assign(globalThis, {
  bench: {
    /** @param {string} module @param {string} [backend] */
    async start(module, backend) {
      subject = (await import(`./${module}.js`)).subject(backend);
      return subject.start();
    },

    /**
     * Builds the network and runs it until it is warm. Returns the milliseconds of the last run, and of a prediction
     * what came out.
     * @param {Case} task
     * @param {number} warmUp milliseconds
     */
    async prepare(task, warmUp) {
      const network = networkOf(task.job);
      const n = task.task === 'train' ? Math.max(N_EXAMPLES, task.batch) : task.batch;
      const { bytes, labels } = pictures(network.inputShape, n);
      const input = { ...task, network, bytes, labels, floats: planes(bytes, network.inputShape) };
      const make = task.task === 'train' ? subject.trainer : subject.predictor;
      if (!make) throw new Error('it cannot');
      work = await make.call(subject, input);
      if (work.measure) {
        const { calls, milliseconds } = await work.measure(warmUp);
        return { milliseconds: milliseconds / calls, outputs: null };
      }
      const start = performance.now();
      let milliseconds = 0;
      for (let calls = 0; calls === 0 || (calls < 1000 && performance.now() - start < warmUp); calls += 1) {
        const before = performance.now();
        await work.run();
        milliseconds = performance.now() - before;
      }
      return { milliseconds, outputs: work.outputs ? Array.from(await work.outputs()) : null };
    },

    /**
     * As many calls as fill the time, at least one.
     * @param {number} budget milliseconds
     */
    async measure(budget) {
      if (!work) throw new Error('nothing is prepared');
      if (work.measure) return work.measure(budget);
      const { run } = work;
      let calls = 0;
      const start = performance.now();
      for (;;) {
        const result = run();
        if (result instanceof Promise) await result;
        calls += 1;
        const milliseconds = performance.now() - start;
        if (milliseconds >= budget) return { calls, milliseconds };
      }
    },

    async release() {
      await work?.free?.();
      work = null;
    },

    /** Bytes that WebAssembly's memories have now. */
    heap: () => [...memories].reduce((sum, memory) => sum + memory.buffer.byteLength, 0),
  },
});

/** Keeps an eye on the memories that modules bring or are given. */
function watchMemories() {
  const look = (/** @type {any} */ object) => {
    for (const value of Object.values(object ?? {})) if (value instanceof WebAssembly.Memory) memories.add(value);
  };
  const { instantiate, instantiateStreaming } = WebAssembly;
  const of = (/** @type {any} */ result) => {
    look((result.instance ?? result).exports);
    return result;
  };
  Object.assign(WebAssembly, {
    instantiate: (/** @type {any} */ source, /** @type {any} */ imports) => {
      Object.values(imports ?? {}).forEach(look);
      return instantiate(source, imports).then(of);
    },
    instantiateStreaming: (/** @type {any} */ source, /** @type {any} */ imports) => {
      Object.values(imports ?? {}).forEach(look);
      return instantiateStreaming(source, imports).then(of);
    },
  });
}
