// @ts-check
/** The one error type of the library, and how errors cross the wire. */

/** @typedef {import('./index.d.ts').ErrorCode} ErrorCode */

/** An error with a stable code. An aborted call's is named `AbortError`, as the platform's own are. */
export class ClassifierError extends Error {
  /**
   * @param {ErrorCode} code
   * @param {string} message one sentence a user can act on
   * @param {{ cause?: unknown }} [options]
   */
  constructor(code, message, options) {
    super(message, options);
    this.name = code === 'aborted' ? 'AbortError' : 'ClassifierError';
    /** @readonly */
    this.code = code;
  }
}

/**
 * @param {AbortSignal} [signal]
 * @returns {ClassifierError}
 */
export function abortError(signal) {
  return new ClassifierError('aborted', 'The call was aborted.', { cause: signal?.reason });
}

/**
 * What pending calls of a worker that is ended reject with.
 * @param {string} message
 */
export const closed = (message) => new ClassifierError('closed', message);

/** @param {AbortSignal | undefined} signal */
export function throwIfAborted(signal) {
  if (signal?.aborted) throw abortError(signal);
}

/**
 * @param {unknown} error
 * @returns {string} its text
 */
export function textOf(error) {
  return error instanceof Error ? error.message : String(error);
}

/**
 * For a part of the package that is loaded when it is first needed.
 * @param {unknown} error
 * @returns {never}
 */
export function missingPart(error) {
  throw new ClassifierError('network', `A part of the package did not arrive: ${textOf(error)}. Reload the page.`, { cause: error });
}
