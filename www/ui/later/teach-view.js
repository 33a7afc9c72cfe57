// The Teach view: own classes from a few pictures, learnt in seconds, tried at once, kept by itself.

import '../draw-pad.js';
import { any, button, byId, input, onFiles, saveFile, select } from '../dom.js';
import { DrawPad } from '../draw-pad.js';
import { SIDE } from '../ink.js';
import { clearNotices, errorCode, errorWords, notify } from '../notices.js';
import { words } from '../words.js';
import { ArrivalBar } from './teach/arrival-bar.js';
import { arrivals } from './teach/arriving-files.js';
import { ClassList } from './teach/class-list.js';
import { keptInOrder, keptStrokes } from './teach/kept-picture.js';
import { LessonPanel } from './teach/lesson-panel.js';
import { Teacher } from './teach/lesson.js';
import { onHeld } from './teach/held-button.js';
import { LiveCamera } from './teach/live-camera.js';
import { OneTab } from './teach/one-tab.js';
import { PictureDialog } from './teach/picture-dialog.js';
import { Preview } from './teach/preview.js';
import { openProject, projectFile } from './teach/project-file.js';
import { ProjectStore } from './teach/project-store.js';
import { Project, usualSettings } from './teach/project.js';
import { Trial } from './teach/trial.js';

/** @typedef {import('./teach/kept-picture.js').Kept} Kept */
/** @typedef {import('./teach/project-store.js').Learnt} Learnt */

/** While many arrive, they are shown so often, in ms. */
const SHOWN_EVERY = 250;

/** @returns {Promise<import('../view-loader.js').OpenedView>} */
export async function open() {
  const view = new TeachView();
  await view.restore();
  return { left: () => view.leave(), dropped: (files) => view.add(files) };
}

class TeachView {
  #project = new Project();
  #store = new ProjectStore();
  #teacher = new Teacher();
  #oneTab = new OneTab(() => this.#tellOfTab());
  #camera = new LiveCamera();
  #pad = byId('teach-pad', DrawPad);
  #trial = new Trial();
  #dialog = new PictureDialog(this.#project, {
    remove: (id) => this.#remove(id),
    closed: (classId) => this.#list.focus(classId),
  });
  #list = new ClassList(this.#project, {
    choose: (id) => this.#choose(id),
    dropped: (id) => this.#choose(id),
    open: (id) => this.#dialog.show(id, this.#answers().get(id)),
    remove: (id) => this.#remove(id),
    removeClass: (id) => this.#removeClass(id),
  });
  #panel = new LessonPanel(this.#project, { learn: () => this.#learn(), cancel: () => this.#learning?.abort() });
  #preview = new Preview(this.#project, this.#teacher);
  #arrivalBar = new ArrivalBar();
  /** The class that pictures without a folder go to. */
  #into = 0;
  /** @type {Learnt | null} */
  #learnt = null;
  #nBlank = 0;
  /** @type {AbortController | null} */
  #learning = null;
  #drawing = 0;
  /** Counted up where pictures on their way have no project to go to any more. */
  #taking = 0;
  #storeFails = false;

  constructor() {
    this.#project.addEventListener('changed', (event) => this.#changed(/** @type {CustomEvent<import('./teach/project.js').Change>} */ (event).detail));
    onFiles(input('teach-files'), (files) => this.add(files));
    onFiles(input('teach-folder'), (files) => this.add(files));
    any('teach-folder-label').hidden = !('webkitdirectory' in input('teach-folder'));
    select('teach-into').addEventListener('change', () => this.#choose(Number(select('teach-into').value)));
    byId('teach-new-class', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      const name = input('teach-new-name').value.trim();
      if (name === '') return;
      const { id } = this.#project.classNamed(name);
      input('teach-new-name').value = '';
      this.#choose(id);
    });
    this.#offerCamera();
    this.#offerPad();
    button('teach-save-network').addEventListener('click', () => this.#learnt && saveFile(new Blob([this.#learnt.model]), 'own-classes.safetensors'));
    button('teach-save-project').addEventListener('click', async () => saveFile(await projectFile(this.#project.snapshot(), this.#learnt), 'own-classes.zip'));
    onFiles(input('teach-open-project'), (files) => this.add(files));
    button('teach-here').addEventListener('click', () => this.#workHere());
    button('teach-new-project').addEventListener('click', () => this.#replace(this.#fresh(), null));
  }

  #offerCamera() {
    const start = button('teach-camera-start');
    start.hidden = !navigator.mediaDevices?.getUserMedia;
    start.addEventListener('click', () => this.#camera.start((picture) => this.#trial.answer(picture)));
    onHeld(button('teach-camera-add'), async () => {
      const picture = await this.#camera.picture();
      if (picture) this.#addTo(this.#into, [picture]);
    });
    button('teach-camera-close').addEventListener('click', () => {
      this.#camera.stop();
      start.focus();
    });
  }

  #offerPad() {
    button('teach-draw-start').addEventListener('click', () => {
      any('teach-draw').hidden = !any('teach-draw').hidden;
      button('teach-draw-start').setAttribute('aria-expanded', String(!any('teach-draw').hidden));
      if (!any('teach-draw').hidden) this.#pad.focus();
    });
    this.#pad.addEventListener('changed', async () => {
      button('teach-draw-add').disabled = button('teach-draw-clear').disabled = this.#pad.blank;
      const turn = ++this.#drawing;
      if (this.#pad.blank) return;
      const picture = await keptStrokes(this.#pad.strokes, SIDE);
      if (turn === this.#drawing) await this.#trial.answer(picture);
    });
    button('teach-draw-add').addEventListener('click', async () => {
      const picture = await keptStrokes(this.#pad.strokes, SIDE);
      this.#addTo(this.#into, [{ ...picture, drawn: true }]);
      this.#pad.clear();
    });
    button('teach-draw-clear').addEventListener('click', () => this.#pad.clear());
  }

  leave() {
    this.#camera.stop();
  }

  // What is kept

  /** Brings back what was kept. */
  async restore() {
    if (!this.#oneTab.isAsked && !(await this.#oneTab.take())) this.#tellOfTab();
    const found = await this.#store.find().catch((error) => {
      this.#tellOfStore(error);
      return null;
    });
    const { snapshot, learnt } = found ?? { snapshot: this.#fresh(), learnt: null };
    await this.#lay(snapshot, learnt, { anew: false });
  }

  #tellOfTab() {
    notify(words('teach.otherTab'), { action: { label: words('teach.workHere'), run: () => this.#workHere() } });
    this.#show();
  }

  async #workHere() {
    clearNotices();
    await this.#oneTab.take({ over: true });
    await this.restore();
  }

  #fresh() {
    const classes = [1, 2].map((n) => ({ id: n, name: words('teach.defaultName', { n }) }));
    return { classes, pictures: [], settings: usualSettings() };
  }

  /** @param {import('./teach/project.js').Snapshot} snapshot @param {Learnt | null} learnt @param {{ anew: boolean }} change */
  async #lay(snapshot, learnt, { anew }) {
    this.#learning?.abort();
    this.#taking += 1;
    this.#teacher.forget().catch((error) => notify(errorWords(error)));
    this.#into = snapshot.classes[0]?.id ?? 0;
    this.#project.restore(snapshot, { anew });
    this.#nBlank = 0;
    if (anew) this.#keepLearnt(learnt);
    await this.#use(learnt).catch((error) => {
      notify(errorWords(error));
      return this.#use(null);
    });
  }

  /** Another project in place of this one, which can be had back. @param {import('./teach/project.js').Snapshot} snapshot @param {Learnt | null} learnt */
  async #replace(snapshot, learnt) {
    const [before, learntBefore] = [this.#project.snapshot(), this.#learnt];
    await this.#lay(snapshot, learnt, { anew: true });
    if (before.pictures.length > 0) this.#offerUndo(words('teach.replaced'), () => this.#lay(before, learntBefore, { anew: true }));
  }

  /** @param {string} message @param {() => void} run */
  #offerUndo(message, run) {
    this.#offer(message, words('teach.undo'), run);
  }

  /** @param {string} message @param {string} label @param {() => void} run */
  #offer(message, label, run) {
    notify(message, { kind: 'done', action: { label, run } });
  }

  /** @param {Learnt | null} learnt */
  #keepLearnt(learnt) {
    if (this.#oneTab.isThis) this.#store.keepLearnt(learnt).catch((error) => this.#tellOfStore(error));
  }

  /** @param {unknown} error */
  #tellOfStore(error) {
    if (!this.#storeFails) notify(words('teach.notKept', { why: errorWords(error) }));
    this.#storeFails = true;
  }

  // Pictures and classes

  /** @param {import('./teach/project.js').Change} change */
  #changed(change) {
    if (this.#oneTab.isThis) this.#store.keep(this.#project, change).catch((error) => this.#tellOfStore(error));
    this.#show();
  }

  #show() {
    const { classes, pictures } = this.#project;
    if (!classes.some(({ id }) => id === this.#into)) this.#into = classes[0]?.id ?? 0;
    select('teach-into').replaceChildren(...classes.map(({ id, name }) => new Option(name, String(id))));
    select('teach-into').value = String(this.#into);
    const wrong = [...this.#answers()].filter(([id, answer]) => answer !== null && pictures.get(id)?.classId !== answer);
    this.#list.show(this.#into, new Set(wrong.map(([id]) => id)));
    this.#panel.show({ busy: this.#learning !== null, stale: this.#learnt?.of !== this.#project.fingerprint(), learnt: this.#learnt });
    this.#panel.result(this.#learnt, this.#nBlank);
    this.#preview.show();
    button('teach-save-network').disabled = this.#learnt === null;
    button('teach-save-project').disabled = pictures.size === 0;
    any('teach-kept').textContent = words(this.#oneTab.isThis ? 'teach.projectHint' : 'teach.otherTab');
    button('teach-here').hidden = this.#oneTab.isThis;
  }

  #answers() {
    return new Map(this.#learnt?.heldOut ?? []);
  }

  /** @param {number} id */
  #choose(id) {
    if (this.#into === id) return;
    this.#into = id;
    this.#show();
  }

  /** @param {number} classId @param {Kept[]} pictures */
  #addTo(classId, pictures) {
    this.#add(pictures.map((picture) => ({ ...picture, classId })));
  }

  /** @param {(Kept & { classId: number })[]} pictures */
  #add(pictures) {
    const known = new Set(this.#project.classes.map(({ id }) => id));
    for (const picture of pictures) {
      if (!known.has(picture.classId)) picture.classId = this.#project.classNamed(words('teach.defaultName', { n: 1 })).id;
    }
    if (this.#project.add(pictures) < pictures.length) notify(words('teach.full'));
  }

  /** @param {number} id */
  #remove(id) {
    if (!this.#project.pictures.has(id)) return;
    const { classId } = this.#project.pictures.get(id) ?? {};
    const removed = this.#project.remove(id);
    if (classId !== undefined) this.#list.focus(classId);
    this.#offerUndo(words('teach.removed'), () => this.#project.putBack(removed));
  }

  /** @param {number} id */
  #removeClass(id) {
    const removed = this.#project.removeClass(id);
    input('teach-new-name').focus();
    this.#offerUndo(words('teach.classRemoved', { name: removed.classes[0]?.name ?? '' }), () => this.#project.putBack(removed));
  }

  /** Files, folders, archives, or a saved project. @param {File[]} files */
  async add(files) {
    clearNotices();
    try {
      const { arriving, project } = await arrivals(files);
      if (project) {
        const { snapshot, learnt } = await openProject(project);
        await this.#replace(snapshot, learnt);
        return;
      }
      if (arriving.length === 0) {
        notify(words('teach.nothing'));
        return;
      }
      await this.#take(arriving);
    } catch (error) {
      notify(errorWords(error));
    }
  }

  /** @param {import('./teach/arriving-files.js').Arriving[]} arriving */
  async #take(arriving) {
    /** @type {(Kept & { classId: number })[]} */
    let waiting = [];
    const into = this.#into;
    const turn = this.#taking;
    let shownAt = performance.now();
    const flush = () => {
      if (waiting.length > 0) this.#add(waiting);
      waiting = [];
      shownAt = performance.now();
    };
    /** @type {string[]} */
    const problems = [];
    // The classes there are to begin with are in the way of those that folders name.
    const isPlaceholder = ({ id = 0, name = '' }) => name === words('teach.defaultName', { n: id });
    const placeholders = this.#project.pictures.size === 0 ? this.#project.classes.filter(isPlaceholder).map(({ id }) => id) : [];
    const named = arriving.some(({ className }) => className !== '');
    const { signal, tell, end } = this.#arrivalBar.begin(arriving.length);
    let done = 0;
    try {
      for await (const { name, className, picture, error } of keptInOrder(arriving)) {
        if (turn !== this.#taking) return;
        if (signal.aborted) break;
        done += 1;
        if (picture) waiting.push({ ...picture, classId: className === '' ? into : this.#project.classNamed(className).id });
        else problems.push(`${name}: ${errorWords(error)}`);
        if (performance.now() - shownAt < SHOWN_EVERY) continue;
        flush();
        tell(done);
      }
    } finally {
      end();
    }
    flush();
    this.#show();
    if (named) for (const id of placeholders) if (this.#project.of(id).length === 0) this.#project.removeClass(id);
    const [first] = problems;
    if (problems.length === 1 && first) notify(first);
    else if (first) notify(words('teach.leftOut', { n: problems.length, first }));
  }

  // Learning and trying

  async #learn() {
    if (this.#learning) return;
    clearNotices();
    const { signal } = (this.#learning = new AbortController());
    const of = this.#project.fingerprint();
    const [before, nBlankBefore] = [this.#learnt, this.#nBlank];
    this.#panel.progress(0, 'learning');
    this.#show();
    let isOffered = false;
    try {
      /** @type {'learning' | 'refining' | 'tuning'} */
      let phase = 'learning';
      const onProgress = (/** @type {number} */ share) => this.#panel.progress(share, phase);
      for await (const { model, backbone, heldOut, blank, tuned, next } of this.#teacher.learn(this.#project, { signal, onProgress })) {
        const frozen = tuned && tuned.epochs > 0 ? this.#learnt : null;
        const learnt = { model: await model.arrayBuffer(), backbone, heldOut, of, tuned };
        if (signal.aborted) return;
        this.#nBlank = blank.length;
        this.#keepLearnt(learnt);
        await this.#use(learnt);
        if (next) phase = next;
        isOffered = Boolean(tuned && frozen);
        if (tuned && frozen) this.#offer(words('teach.tunedNow', { ...tuned }), words('teach.untune'), () => this.#takeBack(frozen, blank.length));
      }
      // Two offers at once are one too many.
      if (before && !isOffered) this.#offerUndo(words('teach.learntAnew'), () => this.#takeBack(before, nBlankBefore));
    } catch (error) {
      if (errorCode(error) !== 'aborted') notify(errorWords(error));
    } finally {
      this.#learning = null;
      this.#show();
    }
  }

  /** What was learnt before, in place of what was learnt last. @param {Learnt} learnt @param {number} nBlank */
  async #takeBack(learnt, nBlank) {
    this.#learning?.abort();
    this.#nBlank = nBlank;
    this.#keepLearnt(learnt);
    await this.#use(learnt).catch((error) => notify(errorWords(error)));
  }

  /** @param {Learnt | null} learnt */
  async #use(learnt) {
    await this.#trial.use(learnt && learnt.model);
    this.#learnt = learnt;
    this.#show();
  }
}
