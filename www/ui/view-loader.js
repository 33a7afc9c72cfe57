// A view that loads when it is first shown: its markup `ui/later/NAME.html`, its style `css/later/NAME.css` and its module
// `ui/later/NAME-view.js`, which exports `open(page)`.

import { any } from './dom.js';
import { errorWords, notify } from './notices.js';
import { translate, words } from './words.js';

/**
 * What a view may ask of the page.
 * @typedef {object} PageParts
 * @property {() => import('../lib/index.js').Classifier | null} padNetwork the network that reads the Draw pad
 * @property {() => import('./ink.js').InkPoint[][]} padInk the strokes of the digit at hand there
 * @property {(network: Blob, name: string) => Promise<void>} usePadNetwork puts a network on the Draw pad and shows it
 * @property {(made: import('../lib/index.js').LabelledPixels) => Promise<void>} addToTraining adds pictures that were made to
 *   the data of the Train view, and shows it
 *
 * What the page asks of an opened view.
 * @typedef {object} OpenedView
 * @property {(link?: string) => void} [shown] the view is shown (again), with what stands in the address after `?`
 * @property {() => void} [left] another view is shown now
 * @property {(files: File[]) => void} [dropped] takes files that were dropped or pasted while the view is shown
 */

/** @typedef {{ open: (page: PageParts) => OpenedView | Promise<OpenedView> }} ViewModule */

/** Modules by name: written out, so that tools see them. @type {Record<string, () => Promise<ViewModule>>} */
const MODULES = {
  photos: () => import('./later/photos-view.js'),
  teach: () => import('./later/teach-view.js'),
  inside: () => import('./later/inside-view.js'),
  generate: () => import('./later/generate-view.js'),
};

export const LATER_VIEWS = Object.keys(MODULES);

const ROOT = new URL('../', import.meta.url);

export class LaterView {
  #name;
  #page;
  /** @type {Promise<OpenedView | null> | null} */
  #opening = null;
  #isShown = false;

  /**
   * @param {string} name
   * @param {PageParts} page
   */
  constructor(name, page) {
    this.#name = name;
    this.#page = page;
  }

  /** @param {string} [link] */
  async show(link) {
    this.#isShown = true;
    this.#opening ??= this.#open();
    const view = await this.#opening;
    if (this.#isShown) view?.shown?.(link);
  }

  async leave() {
    if (!this.#isShown) return;
    this.#isShown = false;
    (await this.#opening)?.left?.();
  }

  /** @param {File[]} files @returns {Promise<boolean>} whether the view takes files */
  async drop(files) {
    const view = await this.#opening;
    view?.dropped?.(files);
    return view?.dropped !== undefined;
  }

  /** @returns {Promise<OpenedView | null>} null when it could not be loaded, which is said */
  async #open() {
    const name = this.#name;
    const section = any(`view-${name}`);
    try {
      const [module, markup] = await Promise.all([
        MODULES[name]?.() ?? Promise.reject(new Error(`there is no view ${name}`)),
        fetchText(`ui/later/${name}.html`),
        loadStyle(`css/later/${name}.css`),
      ]);
      section.innerHTML = markup;
      translate(section);
      const view = await module.open(this.#page);
      section.dataset['open'] = '';
      return view;
    } catch (error) {
      this.#opening = null;
      notify(words('page.viewFailed', { why: errorWords(error) }));
      return null;
    }
  }
}

/** @param {string} path */
async function fetchText(path) {
  const response = await fetch(new URL(path, ROOT));
  if (!response.ok) throw new Error(`${path} did not arrive (${response.status}).`);
  return response.text();
}

/** Loads a style sheet once. @param {string} path */
export function loadStyle(path) {
  const { href } = new URL(path, ROOT);
  if (document.querySelector(`link[href="${href}"]`)) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const style = document.createElement('link');
    style.rel = 'stylesheet';
    style.href = href;
    style.addEventListener('load', () => resolve(undefined));
    style.addEventListener('error', () => {
      style.remove();
      reject(new Error(`${path} did not arrive.`));
    });
    document.head.append(style);
  });
}
