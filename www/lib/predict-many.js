// @ts-check
/** Predictions of many pictures, a few of them ahead of what was asked for. */

import { ClassifierError } from './errors.js';
// As in `decoding.js`: who asks for this part has it already.
import './predictor.js';
import { whole } from './sources.js';

/** @typedef {import('./index.d.ts').ImageSource} ImageSource */
/** @typedef {import('./index.d.ts').Prediction} Prediction */

/**
 * @param {(source: ImageSource, signal: AbortSignal) => Promise<Prediction>} predict
 * @param {Iterable<ImageSource> | AsyncIterable<ImageSource>} sources
 * @param {{ signal: AbortSignal | undefined, ahead: number }} options
 * @returns {AsyncGenerator<Prediction, void, void>}
 */
export async function* many(predict, sources, { signal, ahead }) {
  whole('ahead', ahead, 1);
  const iterator = iteratorOf(sources);
  const left = new AbortController();
  const leave = () => left.abort(signal?.reason);
  if (signal?.aborted) leave();
  signal?.addEventListener('abort', leave);
  let over = false;
  /** @type {Promise<IteratorResult<ImageSource> | null>} */
  let pulled = Promise.resolve(null);
  const predictNext = async () => {
    pulled = pulled.then(() => (over ? null : iterator.next()));
    const next = await pulled;
    over ||= !next || !!next.done;
    return next && !next.done ? predict(next.value, left.signal) : null;
  };
  const take = () => {
    const answer = predictNext();
    answer.catch(() => {}); // told when its turn comes
    return answer;
  };
  const waiting = Array.from({ length: ahead }, take);
  try {
    for (;;) {
      const answer = await waiting.shift();
      if (!answer) return;
      waiting.push(take());
      yield answer;
    }
  } finally {
    signal?.removeEventListener('abort', leave);
    left.abort();
    if (!over) await iterator.return?.();
  }
}

/**
 * @param {any} sources
 * @returns {Iterator<ImageSource> | AsyncIterator<ImageSource>}
 */
function iteratorOf(sources) {
  const iterator = (sources?.[Symbol.asyncIterator] ?? (typeof sources === 'object' ? sources?.[Symbol.iterator] : null))?.call(sources);
  if (iterator) return iterator;
  throw new ClassifierError('config', 'predictMany needs a list of pictures, or something else to iterate over.');
}
