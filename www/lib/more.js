// @ts-check
/** Handlers that come with the first call that needs them. */

import { abortError } from './errors.js';

/**
 * The calls behind that one wait, too: all keep their order.
 * @param {() => Promise<object>} load
 * @returns {import('./server.js').More}
 */
export function handlersOnDemand(load) {
  /** While they are on their way. @type {Promise<void> | null} */
  let coming = null;
  return async (handlers, type, signal) => {
    const isKnown = Object.hasOwn(handlers, type);
    if (!coming && isKnown) return;
    coming ??= load()
      .then((more) => void Object.assign(handlers, more))
      .finally(() => (coming = null));
    const aborted = new Promise((_, reject) => signal.addEventListener('abort', () => reject(abortError(signal))));
    await Promise.race([coming, aborted]).catch((error) => {
      if (!isKnown || signal.aborted) throw error;
    });
  };
}
