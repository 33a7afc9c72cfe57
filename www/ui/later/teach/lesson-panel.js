// Learning shown: the choices, how far it is, and what it came to on pictures that were held out.

import { any, button, byId, input, select } from '../../dom.js';
import { percent } from '../../format.js';
import { words } from '../../words.js';
import { backboneFor } from './lesson.js';

/** @typedef {import('./project.js').Project} Project */

/** Fewer pictures of a class than this say little. */
const FEW = 5;

export class LessonPanel {
  #project;

  /** @param {Project} project @param {{ learn: () => void, cancel: () => void }} on */
  constructor(project, on) {
    this.#project = project;
    const backbone = select('teach-backbone');
    for (const name of ['auto', 'photos', 'digits']) backbone.append(new Option(words(`teach.backbone-${name}`), name));
    const head = select('teach-head');
    for (const name of ['discriminant', 'trained', 'mean']) head.append(new Option(words(`teach.head-${name}`), name));
    const unfreeze = select('teach-unfreeze');
    for (const name of ['none', 'lastBlock', 'all']) unfreeze.append(new Option(words(`teach.unfreeze-${name}`), name));
    unfreeze.addEventListener('change', () => project.set({ unfreeze: /** @type {'none'} */ (unfreeze.value) }));
    backbone.addEventListener('change', () => project.set({ backbone: /** @type {'auto'} */ (backbone.value) }));
    head.addEventListener('change', () => project.set({ head: /** @type {'mean'} */ (head.value) }));
    input('teach-augment').addEventListener('change', () => project.set({ augment: input('teach-augment').checked }));
    button('teach-learn').addEventListener('click', on.learn);
    button('teach-cancel').addEventListener('click', on.cancel);
  }

  /** @param {{ busy: boolean, stale: boolean, learnt: import('./project-store.js').Learnt | null }} state `stale`: something changed since */
  show({ busy, stale, learnt }) {
    const { classes, pictures, settings } = this.#project;
    select('teach-backbone').value = settings.backbone;
    select('teach-head').value = settings.head;
    input('teach-augment').checked = settings.augment;
    select('teach-unfreeze').value = settings.unfreeze;
    any('teach-unfreeze-about').hidden = settings.unfreeze === 'none';
    any('teach-backbone-about').textContent = words(`teach.about-${backboneFor(this.#project)}`);
    const filled = new Set([...pictures.values()].map(({ classId }) => classId));
    const nEmpty = classes.length - filled.size;
    button('teach-learn').disabled = busy || filled.size < 2;
    button('teach-learn').textContent = words(learnt ? 'teach.learnAgain' : 'teach.learn');
    button('teach-cancel').hidden = !busy;
    any('teach-progress').hidden = !busy;
    if (busy) return;
    const state = any('teach-state');
    if (filled.size < 2) state.textContent = words('teach.needTwo');
    else if (!learnt) state.textContent = nEmpty > 0 ? words('teach.emptyClasses', { n: nEmpty }) : words('teach.ready');
    else if (stale) state.textContent = words('teach.stale');
    else state.textContent = words(settings.unfreeze !== 'none' && !learnt.tuned ? 'teach.notTuned' : 'teach.upToDate');
  }

  /** @param {number} share @param {'learning' | 'refining' | 'tuning'} phase in the last two there is an answer already */
  progress(share, phase) {
    byId('teach-progress', HTMLProgressElement).value = share;
    any('teach-state').textContent = words(`teach.phase-${phase}`, { share: percent(share) });
  }

  /** @param {import('./project-store.js').Learnt | null} learnt @param {number} nBlank pictures in which the network saw nothing */
  result(learnt, nBlank = 0) {
    any('teach-result').hidden = !learnt;
    if (!learnt) return;
    const { heldOut, tuned } = learnt;
    any('teach-tuned').hidden = !tuned;
    if (tuned) any('teach-tuned').textContent = words(tuned.epochs > 0 ? 'teach.tuned' : 'teach.tunedInVain', { ...tuned });
    const { classes, pictures } = this.#project;
    const told = heldOut.flatMap(([id, answer]) => {
      const picture = pictures.get(id);
      return picture && answer !== null ? [{ classId: picture.classId, right: picture.classId === answer }] : [];
    });
    const right = told.filter((one) => one.right).length;
    any('teach-accuracy').textContent = told.length > 0 ? percent(right / told.length) : '–';
    any('teach-accuracy-about').textContent =
      told.length > 0 ? words('teach.heldOut', { right, n: told.length }) : words('teach.noneHeldOut');
    const counts = classes.map(({ id }) => heldOut.filter(([picture]) => pictures.get(picture)?.classId === id).length);
    const few = any('teach-few');
    few.hidden = !counts.some((n) => n > 0 && n < FEW);
    few.textContent = words('teach.few', { least: FEW });
    const blank = any('teach-blank');
    blank.hidden = nBlank === 0;
    blank.textContent = words('teach.blank', { n: nBlank });
    const rows = classes.map(({ id, name }) => {
      const own = told.filter(({ classId }) => classId === id);
      const row = document.createElement('tr');
      const head = document.createElement('th');
      head.scope = 'row';
      head.textContent = name;
      const cell = document.createElement('td');
      cell.textContent = own.length > 0 ? words('teach.ofN', { right: own.filter((one) => one.right).length, n: own.length }) : '–';
      row.append(head, cell);
      return row;
    });
    any('teach-per-class').replaceChildren(...rows);
  }
}
