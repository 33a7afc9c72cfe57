// Parts of the Train view that are loaded when they are first opened: each is a `<details>` of the page.

import { any, button } from './dom.js';
import { errorWords, notify } from './notices.js';
import { loadStyle } from './view-loader.js';
import { words } from './words.js';

/**
 * What such a part may ask of the view.
 * @typedef {object} Lab
 * @property {() => import('../lib/index.js').TrainOptions | null} options of the form; null when a field is wrong
 * @property {() => Promise<import('../lib/index.js').Classifier>} network a fresh one as the form says, with the data, in a
 *   worker of its own
 * @property {(options: import('../lib/index.js').TrainOptions) => void} take puts options into the form
 * @property {(spec: import('../lib/index.js').ModelSpec) => void} choose makes a network of own layers the one to train
 * @property {() => { network: import('../lib/index.js').Classifier | null, learns: boolean, imagesPerSecond: number }} learner the
 *   network of the view, and whether it learns just now
 * @property {(network: Blob, name: string) => Promise<void>} use puts a network on the Draw pad
 */

/** By the id of the part. @type {Record<string, () => Promise<{ open: (box: HTMLElement, lab: Lab) => void | Promise<void> }>>} */
const MODULES = {
  live: () => import('./later/train/live-panel.js'),
  editor: () => import('./later/train/editor-panel.js'),
  search: () => import('./later/train/search-panel.js'),
  race: () => import('./later/train/race-panel.js'),
};

/** @param {Lab} lab */
export function openLabs(lab) {
  button('find-rate').addEventListener('click', async () => {
    try {
      const { findRate } = await import('./later/train/find-rate.js');
      await findRate(any('first-options'), lab);
    } catch (error) {
      notify(words('train.labFailed', { why: errorWords(error) }));
    }
  });
  for (const [id, load] of Object.entries(MODULES)) {
    const box = any(id);
    let isOpen = false;
    box.addEventListener('toggle', async () => {
      if (isOpen) return;
      isOpen = true;
      try {
        const [module] = await Promise.all([load(), loadStyle('css/later/train.css')]);
        await module.open(box, lab);
      } catch (error) {
        isOpen = false;
        notify(words('train.labFailed', { why: errorWords(error) }));
      }
    });
  }
}
