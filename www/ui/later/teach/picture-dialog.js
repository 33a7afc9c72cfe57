// One picture large, with the class it shall have; or it goes.

import { any, button, byId, select } from '../../dom.js';
import { words } from '../../words.js';

/** @typedef {import('./project.js').Project} Project */

export class PictureDialog {
  #dialog = byId('teach-picture', HTMLDialogElement);
  #image = byId('teach-picture-image', HTMLImageElement);
  #project;
  #id = 0;

  /** @param {Project} project @param {{ remove: (id: number) => void, closed: (classId: number) => void }} on */
  constructor(project, on) {
    this.#project = project;
    select('teach-picture-class').addEventListener('change', () => project.relabel(this.#id, Number(select('teach-picture-class').value)));
    button('teach-picture-remove').addEventListener('click', () => {
      on.remove(this.#id);
      this.#dialog.close();
    });
    button('teach-picture-close').addEventListener('click', () => this.#dialog.close());
    this.#dialog.addEventListener('close', () => {
      URL.revokeObjectURL(this.#image.src);
      on.closed(Number(select('teach-picture-class').value));
    });
  }

  /** @param {number} id @param {number | null | undefined} answer the class answered when the picture was held out */
  show(id, answer) {
    const picture = this.#project.pictures.get(id);
    if (!picture) return;
    this.#id = id;
    this.#image.src = URL.createObjectURL(new Blob([picture.bytes], { type: picture.type }));
    const choice = select('teach-picture-class');
    choice.replaceChildren(...this.#project.classes.map((one) => new Option(one.name, String(one.id))));
    choice.value = String(picture.classId);
    const name = this.#project.classes.find((one) => one.id === answer)?.name;
    const note = any('teach-picture-note');
    note.hidden = name === undefined;
    note.textContent = name === undefined ? '' : words(answer === picture.classId ? 'teach.heldRight' : 'teach.heldWrong', { name });
    this.#dialog.showModal();
  }
}
