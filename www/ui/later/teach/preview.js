// How a picture is varied: itself as the network sees it, and some of the ways it learns from it.

import { any, button, byId } from '../../dom.js';
import { errorWords } from '../../notices.js';
import { PixelPicture } from '../../pixel-picture.js';
import { words } from '../../words.js';

/** @typedef {import('./project.js').Project} Project */

/** The picture itself and so many varied ones, less one. */
const N_VIEWS = 6;

export class Preview {
  #project;
  #teacher;
  #more = byId('teach-varied', HTMLDetailsElement);
  #row = any('teach-varied-row');
  /** The picture looked at, of those that may be. */
  #turn = 0;
  /** What is shown, so that it is not made anew. */
  #shown = '';

  /** @param {Project} project @param {import('./lesson.js').Teacher} teacher */
  constructor(project, teacher) {
    this.#project = project;
    this.#teacher = teacher;
    this.#more.addEventListener('toggle', () => this.show());
    button('teach-varied-other').addEventListener('click', () => {
      this.#turn += 1;
      this.show();
    });
  }

  /** Shows it if somebody looks. */
  async show() {
    const { pictures, settings } = this.#project;
    this.#more.hidden = !settings.augment || pictures.size === 0;
    if (this.#more.hidden || !this.#more.open) return;
    const ids = [...pictures.keys()];
    // The newest first; each further one from elsewhere among them.
    const picture = pictures.get(ids[(ids.length - 1 + this.#turn * Math.max(1, Math.floor(ids.length * 0.382))) % ids.length] ?? 0);
    if (!picture) return;
    const key = `${picture.id} ${settings.backbone}`;
    if (key === this.#shown) return;
    this.#shown = key;
    button('teach-varied-other').disabled = ids.length < 2;
    const state = any('teach-varied-state');
    try {
      const views = await this.#teacher.views(this.#project, picture, N_VIEWS);
      if (this.#shown !== key) return;
      state.textContent = views.length === 0 ? words('teach.variedBlank') : '';
      this.#row.replaceChildren(
        ...views.map((pixels, view) => {
          const item = document.createElement('li');
          const shown = new PixelPicture();
          shown.setAttribute('role', 'img');
          shown.show(pixels, words(view === 0 ? 'teach.variedNone' : 'teach.variedNth', { n: view }));
          item.append(shown);
          return item;
        }),
      );
    } catch (error) {
      this.#shown = '';
      state.textContent = errorWords(error);
    }
  }
}
