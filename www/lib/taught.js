// @ts-check
/** What a lesson came to, as callers read it. */

/**
 * @param {import('./protocol.d.ts').WireTaught} reply
 * @param {Uint32Array} classes
 * @returns {import('./index.d.ts').Taught}
 */
export function taughtOf({ model, heldOut, tuned }, classes) {
  const taught = {
    model: new Blob([model], { type: 'application/octet-stream' }),
    heldOut: Array.from(heldOut, (index) => (index < 0 ? null : index)),
  };
  if (!tuned) return taught;
  const { epochs, judges, answersBefore, answersAfter } = tuned;
  const right = (/** @type {Uint32Array} */ answers) => answers.filter((answer, place) => answer === classes[judges[place] ?? -1]).length;
  const judged = Array.from(judges, (picture, place) => ({ picture, before: answersBefore[place] ?? 0, after: answersAfter[place] ?? 0 }));
  return { ...taught, tuned: { epochs, judged, rightBefore: right(answersBefore), rightAfter: right(answersAfter) } };
}
