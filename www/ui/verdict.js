// What an answer is worth: one class, one of a few, or none of them.

/** @typedef {import('../lib/index.js').Prediction} Prediction */
/** @typedef {{ kind: 'one' | 'some' | 'none', labels: string[] }} Verdict `labels`: most confident first */

/**
 * The most confident classes that together reach this are the candidates. How often the right one is among them was
 * measured: `models/digits.md`.
 */
const ENOUGH = 0.9;
/** More candidates than this help nobody. */
const MOST = 3;

/**
 * @param {Prediction} prediction not of a blank pad
 * @returns {Verdict}
 */
export function verdictOf({ classes, novelty }) {
  /** @type {string[]} */
  const labels = [];
  let sum = 0;
  for (const { label, confidence } of classes) {
    if (labels.length === MOST || sum >= ENOUGH) break;
    labels.push(label);
    sum += confidence;
  }
  if (novelty !== null && novelty > 0) return { kind: 'none', labels };
  return { kind: labels.length > 1 ? 'some' : 'one', labels };
}
