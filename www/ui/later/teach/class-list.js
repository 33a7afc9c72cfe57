// The classes, a card each: name, number of pictures beside the largest class, thumbnails.

import { any } from '../../dom.js';
import { notify } from '../../notices.js';
import { words } from '../../words.js';
import { PictureGrid } from './picture-grid.js';

/** @typedef {import('./project.js').Project} Project */

/** What is asked of the view. @typedef {{ choose: (classId: number) => void, dropped: (classId: number) => void, open: (id: number) => void, remove: (id: number) => void, removeClass: (id: number) => void }} Asked */

class ClassCard {
  element = document.createElement('li');
  #name = document.createElement('input');
  #count = document.createElement('span');
  #fill = document.createElement('span');
  #remove = document.createElement('button');
  #grid = new PictureGrid();
  #empty = document.createElement('p');

  /** @param {number} id @param {Project} project @param {Asked} asked */
  constructor(id, project, asked) {
    this.element.className = 'card class-card';
    this.element.dataset['class'] = String(id);
    const head = document.createElement('div');
    head.className = 'class-head';
    this.#name.type = 'text';
    this.#name.maxLength = 60;
    this.#name.setAttribute('aria-label', words('teach.className'));
    this.#name.addEventListener('change', () => {
      const wanted = this.#name.value.trim();
      if (project.rename(id, wanted)) return;
      notify(words('teach.nameTaken'));
      this.#name.value = project.classes.find((one) => one.id === id)?.name ?? '';
    });
    this.#count.className = 'class-count';
    this.#remove.type = 'button';
    this.#remove.className = 'quiet';
    this.#remove.textContent = words('teach.removeClass');
    this.#remove.addEventListener('click', () => asked.removeClass(id));
    head.append(this.#name, this.#remove);
    const size = document.createElement('div');
    size.className = 'class-size';
    const balance = document.createElement('span');
    balance.className = 'class-balance';
    balance.append(this.#fill);
    size.append(balance, this.#count);
    this.#empty.className = 'class-empty';
    this.#empty.textContent = words('teach.dropHere');
    this.element.append(head, size, this.#grid, this.#empty);
    this.element.addEventListener('pointerdown', () => asked.choose(id));
    this.element.addEventListener('focusin', () => asked.choose(id));
    this.#takeDrops(() => asked.dropped(id));
    this.#grid.addEventListener('open', (event) => asked.open(/** @type {CustomEvent<number>} */ (event).detail));
    this.#grid.addEventListener('remove', (event) => asked.remove(/** @type {CustomEvent<number>} */ (event).detail));
  }

  /**
   * @param {string} name
   * @param {import('./project.js').TaughtPicture[]} pictures
   * @param {{ most: number, chosen: boolean, wrong: ReadonlySet<number> }} among
   */
  show(name, pictures, { most, chosen, wrong }) {
    if (document.activeElement !== this.#name) this.#name.value = name;
    this.#count.textContent = words('teach.count', { n: pictures.length });
    this.#fill.style.setProperty('--share', String(most ? pictures.length / most : 0));
    this.#remove.setAttribute('aria-label', words('teach.removeNamed', { name }));
    this.element.toggleAttribute('data-chosen', chosen);
    this.#grid.show(pictures, name, wrong);
    this.#empty.hidden = pictures.length > 0;
  }

  /** The files themselves the page takes: here is only told whose they are. @param {() => void} dropped */
  #takeDrops(dropped) {
    const { element } = this;
    element.addEventListener('dragover', (event) => {
      if (event.dataTransfer?.types.includes('Files')) element.dataset['over'] = '';
    });
    element.addEventListener('dragleave', (event) => {
      if (!(event.relatedTarget instanceof Node && element.contains(event.relatedTarget))) delete element.dataset['over'];
    });
    element.addEventListener('drop', (event) => {
      delete element.dataset['over'];
      if (event.dataTransfer?.types.includes('Files')) dropped();
    });
  }

  /** Where the keyboard goes on. */
  focus() {
    if (this.#grid.hidden) this.#name.focus();
    else this.#grid.focus();
  }
}

export class ClassList {
  #list = any('teach-list');
  #project;
  #asked;
  /** @type {Map<number, ClassCard>} */
  #cards = new Map();

  /** @param {Project} project @param {Asked} asked */
  constructor(project, asked) {
    this.#project = project;
    this.#asked = asked;
  }

  /** @param {number} chosen @param {ReadonlySet<number>} wrong pictures answered wrongly when held out */
  show(chosen, wrong) {
    const { classes, pictures } = this.#project;
    const byClass = new Map(classes.map(({ id }) => [id, /** @type {import('./project.js').TaughtPicture[]} */ ([])]));
    for (const picture of pictures.values()) byClass.get(picture.classId)?.push(picture);
    const most = Math.max(0, ...[...byClass.values()].map(({ length }) => length));
    for (const [id, card] of this.#cards) {
      if (byClass.has(id)) continue;
      card.element.remove();
      this.#cards.delete(id);
    }
    for (const [place, { id, name }] of classes.entries()) {
      const card = this.#cards.get(id) ?? new ClassCard(id, this.#project, this.#asked);
      this.#cards.set(id, card);
      const there = this.#list.children[place] ?? null;
      if (there !== card.element) this.#list.insertBefore(card.element, there);
      card.show(name, byClass.get(id) ?? [], { most, chosen: id === chosen, wrong });
    }
  }

  /** @param {number} classId */
  focus(classId) {
    this.#cards.get(classId)?.focus();
  }
}
