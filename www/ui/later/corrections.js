// The visitor's corrections: learned by the network on the pad, kept in the browser, exported, forgotten.

import { percent } from '../format.js';
import { errorWords } from '../notices.js';
import { fetchSample } from '../train-data.js';
import { words } from '../words.js';
import { CorrectionStore } from './correction-store.js';
import { idxImages, idxLabels } from './idx-writer.js';
import { zip } from './zip-writer.js';

/** @typedef {import('../../lib/index.js').Classifier} Classifier */
/** @typedef {import('../../lib/index.js').Correction} Correction */
/** @typedef {import('../answer-panel.js').Part} Part */

/** Networks that have recalled what they shall not forget. @type {WeakMap<Classifier, Promise<void>>} */
const ready = new WeakMap();
const store = new CorrectionStore();

/**
 * The first correction of a network loads the known digits and shows them to it.
 * @param {Classifier} classifier
 */
function prepare(classifier) {
  let preparing = ready.get(classifier);
  if (!preparing) {
    preparing = (async () => {
      const { source } = await fetchSample();
      await classifier.setDataset(/** @type {{ images: Blob, labels: Blob }} */ (source));
      await classifier.recall();
    })();
    ready.set(classifier, preparing);
    preparing.catch(() => ready.delete(classifier));
    // A fresh worker knows nothing of it.
    classifier.addEventListener('replaced', () => ready.delete(classifier), { once: true });
  }
  return preparing;
}

/**
 * @param {Classifier} classifier
 * @param {Part} part
 * @param {number} classIndex
 * @param {{ x: number, y: number }[][]} strokes of the whole drawing
 * @param {(words: string) => void} tell
 * @returns {Promise<Correction>}
 */
export async function correct(classifier, part, classIndex, strokes, tell) {
  const { input } = part;
  if (!input) throw new Error('there is nothing to learn');
  if (!ready.has(classifier)) tell(words('draw.recalling'));
  await prepare(classifier);
  tell(words('draw.learning'));
  const correction = await classifier.correct(input, classIndex);
  const label = classifier.info.labels[classIndex] ?? '';
  const { accuracyBefore, accuracyAfter, nJudging, confidence } = correction;
  const learnt = { label, confidence: percent(confidence), n: nJudging, before: percent(accuracyBefore, 2), after: percent(accuracyAfter, 2) };
  tell(words('draw.learnt', learnt));
  const own = (part.strokes ?? []).map((stroke) => strokes[stroke] ?? []);
  try {
    await store.add({ pixels: new Uint8Array(input.data), width: input.width, height: input.height, label, strokes: JSON.stringify(own) });
  } catch (error) {
    tell(words('draw.notKept', { why: errorWords(error) }));
  }
  return correction;
}

/**
 * Takes the last one back, and out of what is kept.
 * @param {Classifier} classifier
 * @param {(words: string) => void} tell
 */
export async function takeBack(classifier, tell) {
  const { accuracyAfter, nJudging, nCorrections } = await classifier.undoCorrection();
  await store.removeLast();
  tell(words('draw.takenBack', { n: nJudging, after: percent(accuracyAfter, 2) }));
  return nCorrections;
}

export function countKept() {
  return store.count();
}

export function forgetAll() {
  return store.clear();
}

/**
 * All that is kept, as the IDX pair that training takes, and the strokes as JSON.
 * @returns {Promise<Blob>} a zip
 */
export async function exportAll() {
  const kept = await store.all();
  const [first] = kept;
  if (!first) throw new Error('there are no corrections');
  // A data set has one shape; pictures of another network's are left out of the pair, not of the strokes.
  const same = kept.filter(({ width, height, label }) => width === first.width && height === first.height && /^\d+$/.test(label));
  const strokes = kept.map(({ label, strokes }) => ({ label, strokes: JSON.parse(strokes) }));
  return zip([
    { name: 'corrections-images.idx3-ubyte', bytes: idxImages(same.map(({ pixels }) => pixels), first.width, first.height) },
    { name: 'corrections-labels.idx1-ubyte', bytes: idxLabels(same.map(({ label }) => Number(label))) },
    { name: 'corrections-strokes.json', bytes: new TextEncoder().encode(JSON.stringify(strokes)) },
  ]);
}
