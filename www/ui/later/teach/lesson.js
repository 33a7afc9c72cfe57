// Learning: what the network sees of the pictures, and a new last layer from it. What is known of a picture is kept, so that
// another lesson takes the last layer alone.

import { ClassifierError } from '../../../lib/index.js';
import { words } from '../../words.js';
import { DETAIL, SEED, Sight } from './seeing.js';

/** @typedef {import('./project.js').Project} Project */
/** @typedef {import('./project.js').TaughtPicture} TaughtPicture */
/** @typedef {'photos' | 'digits'} BackboneName */
/**
 * What a lesson came to. `heldOut`: by picture, the class of the answer; `blank`: pictures in which the network sees nothing;
 * `next`: what better one follows; `tuned`: how the network itself learnt on, if it was to.
 * @typedef {{ model: Blob, backbone: BackboneName, heldOut: [number, number | null][], blank: number[], next: 'refining' | 'tuning' | null, tuned: import('./project-store.js').Tuning | null }} Learned
 */

/** Views of all pictures together: few pictures are looked at in many ways, many in few. */
const N_VIEWS = 3200;
const MOST_VIEWS = 32;
/** Views that a first answer goes by. */
const FIRST_VIEWS = 8;
/** How far a lesson is once all views are seen. */
const SEEING = 0.95;
/** Of one in which the network itself learns on, what comes before that, and before the views. */
const BEFORE_TUNING = 0.3;
const PREPARING = 0.1;
/** Of a class of fewer pictures none is held out to judge. */
const LEAST_TO_JUDGE = 3;

/** A power of two, so that a picture more seldom changes it. @param {number} nPictures */
export function viewsFor(nPictures) {
  const most = Math.min(MOST_VIEWS, Math.max(1, N_VIEWS / Math.max(1, nPictures)));
  return 2 ** Math.floor(Math.log2(most));
}

/** Drawings are the digit network's, photos the color one's. @param {Project} project @returns {BackboneName} */
export function backboneFor(project) {
  if (project.settings.backbone !== 'auto') return project.settings.backbone;
  let nDrawn = 0;
  for (const { drawn } of project.pictures.values()) nDrawn += drawn ? 1 : 0;
  return nDrawn * 2 > project.pictures.size ? 'digits' : 'photos';
}

export class Teacher {
  #sights = {
    photos: new Sight(new URL('../../../models/photos.safetensors', import.meta.url)),
    digits: new Sight(new URL('../../../models/digits.safetensors', import.meta.url)),
  };

  /** Other pictures have these numbers from now on. */
  async forget() {
    await Promise.all(Object.values(this.#sights).map((sight) => sight.forget()));
  }

  /**
   * A picture as the network sees it, and varied as it is in a lesson.
   * @param {Project} project
   * @param {TaughtPicture} picture
   * @param {number} n
   * @returns {Promise<import('../../../lib/index.js').Pixels[]>} none where the network sees nothing
   */
  async views(project, picture, n) {
    const sight = this.#sights[backboneFor(project)];
    const input = await sight.input(picture);
    return input ? (await sight.network()).viewsOf(input, { number: picture.id, views: n, seed: SEED }) : [];
  }

  /**
   * One lesson, or two where there is much to see: a first answer soon, the better one when all views are seen. Then the network
   * itself may learn on.
   * @param {Project} project
   * @param {import('./seeing.js').Means} means
   * @returns {AsyncGenerator<Learned, void, void>}
   */
  async *learn(project, { signal, onProgress: told }) {
    const backbone = backboneFor(project);
    const sight = this.#sights[backbone];
    const { head, augment, unfreeze } = project.settings;
    const tunes = unfreeze !== 'none';
    const onProgress = tunes ? (/** @type {number} */ share) => told(share * BEFORE_TUNING) : told;
    const named = project.classes.map((one) => ({ ...one }));
    const all = [...project.pictures.values()].map(({ id, classId, bytes, type, drawn }) => ({ id, classId, bytes, type, drawn }));
    const most = augment ? viewsFor(all.length) : 1;
    const start = tunes ? PREPARING : 0;
    if (tunes) await sight.prepare(all, { signal, onProgress: (share) => onProgress(share * start) });
    const isNew = all.filter(({ id }) => !sight.hasSeen(id) && !sight.isBlank(id)).length * 2 > all.length;
    let done = start;
    const see = async (/** @type {number} */ views) => {
      const [from, to] = [done, start + (SEEING - start) * (views / most)];
      await sight.see(all, views, { signal, onProgress: (share) => onProgress(from + share * (to - from)) });
      done = to;
    };
    const [first = most, ...further] = isNew && most > FIRST_VIEWS ? [FIRST_VIEWS, most] : [most];
    await see(first);
    const blank = all.filter(({ id }) => sight.isBlank(id)).map(({ id }) => id);
    const seen = all.filter(({ id }) => !sight.isBlank(id));
    const filled = new Set(seen.map(({ classId }) => classId));
    const classes = named.filter(({ id }) => filled.has(id));
    if (classes.length < 2) throw new ClassifierError('data', words('teach.needTwo'));
    const places = new Map(classes.map(({ id }, place) => [id, place]));
    const answersOf = (/** @type {(number | null)[]} */ answers) =>
      seen.map(({ id }, index) => /** @type {[number, number | null]} */ ([id, classes[answers[index] ?? -1]?.id ?? null]));
    const numbers = Uint32Array.from(seen, ({ id }) => id);
    const common = { classes: seen.map(({ classId }) => places.get(classId) ?? 0), labels: classes.map((one) => one.name), detail: DETAIL, head, seed: SEED };
    for (const views of [first, ...further]) {
      if (views !== first) await see(views);
      const network = await sight.network();
      const { model, heldOut } = await network.teach({ ...common, numbers, views }, { signal });
      const isBest = views === most;
      if (isBest) onProgress(1);
      yield { model, backbone, heldOut: answersOf(heldOut), blank, next: !isBest ? 'refining' : tunes ? 'tuning' : null, tuned: null };
    }
    if (!tunes) return;
    if (!classes.some(({ id }) => seen.filter(({ classId }) => classId === id).length >= LEAST_TO_JUDGE)) {
      throw new ClassifierError('data', words('teach.tuneNeeds', { n: LEAST_TO_JUDGE }));
    }
    const network = await sight.network();
    const lesson = { ...common, numbers, views: most, unfreeze, pictures: sight.bytesOf([...numbers]) };
    const { model, heldOut, tuned } = await network.teach(lesson, { signal, onProgress: ({ share }) => told(BEFORE_TUNING + share * (1 - BEFORE_TUNING)) });
    if (!tuned) return;
    const { epochs, judged, rightBefore, rightAfter } = tuned;
    const after = new Map(judged.map((one) => [one.picture, one.after]));
    const answers = epochs > 0 ? seen.map((_, index) => after.get(index) ?? null) : heldOut;
    yield { model, backbone, heldOut: answersOf(answers), blank, next: null, tuned: { epochs, n: judged.length, before: rightBefore, after: rightAfter } };
  }
}
