// One tap on what it is, when the answer is wrong: the network learns it. What that takes is loaded with the first tap.

import { any, button, saveFile } from './dom.js';
import { errorWords, notify } from './notices.js';
import { words } from './words.js';

/** @typedef {import('../lib/index.js').Classifier} Classifier */
/** @typedef {import('./answer-panel.js').Part} Part */

/** More labels than this are no row of buttons. */
const MOST = 10;
/** Whether corrections were ever kept here: their module is not loaded only to find none. */
const KEPT = 'ocelli-corrections-kept';

const load = () => import('./later/corrections.js');

export class CorrectPanel {
  #on;
  /** @type {Classifier | null} */
  #classifier = null;
  #isBusy = false;

  /**
   * @param {object} on
   * @param {() => { part: Part, strokes: { x: number, y: number }[][] } | null} on.answer what would be corrected now
   * @param {() => void} on.changed the network answers otherwise now
   */
  constructor(on) {
    this.#on = on;
    button('correct-undo').addEventListener('click', () => this.#undo());
    button('correct-export').addEventListener('click', () => this.#export());
    button('correct-forget').addEventListener('click', () => this.#forget());
    if (localStorage.getItem(KEPT)) this.#showKept();
  }

  /** @param {Classifier} classifier */
  setNetwork(classifier) {
    this.#classifier = classifier;
    const { labels, inputShape } = classifier.info;
    const fits = labels.length <= MOST && labels.every((label) => /^\d$/.test(label)) && inputShape.join() === '28,28,1';
    this.#tell('');
    button('correct-undo').hidden = true;
    any('correct-labels').replaceChildren(
      ...(fits ? labels : []).map((label, classIndex) => {
        const choice = document.createElement('button');
        choice.type = 'button';
        choice.textContent = label;
        choice.setAttribute('aria-label', words('draw.itIs', { label }));
        choice.addEventListener('click', () => this.#correct(classIndex));
        return choice;
      }),
    );
  }

  /** @param {boolean} isAnswered whether there is anything to correct */
  show(isAnswered) {
    const kept = !any('correct-kept').hidden;
    const can = isAnswered && any('correct-labels').childElementCount > 0;
    any('correct-title').hidden = any('correct-labels').hidden = !can;
    any('correct').hidden = !can && !kept && any('correct-words').textContent === '';
  }

  #tell(/** @type {string} */ text) {
    any('correct-words').textContent = text;
  }

  /** @param {(classifier: Classifier) => Promise<void>} work one at a time */
  async #alone(work) {
    const classifier = this.#classifier;
    if (!classifier || this.#isBusy) return;
    this.#isBusy = true;
    any('correct').setAttribute('aria-busy', 'true');
    try {
      await work(classifier);
      if (classifier === this.#classifier) this.#on.changed();
    } catch (error) {
      this.#tell('');
      notify(words('draw.correctFailed', { why: errorWords(error) }));
    } finally {
      this.#isBusy = false;
      any('correct').removeAttribute('aria-busy');
    }
  }

  #correct(/** @type {number} */ classIndex) {
    const answer = this.#on.answer();
    if (!answer) return;
    return this.#alone(async (classifier) => {
      const { correct } = await load();
      const { milliseconds } = await correct(classifier, answer.part, classIndex, answer.strokes, (text) => this.#tell(text));
      any('correct').dataset['milliseconds'] = milliseconds.toFixed(1);
      button('correct-undo').hidden = false;
      localStorage.setItem(KEPT, '1');
      await this.#showKept();
    });
  }

  #undo() {
    return this.#alone(async (classifier) => {
      const { takeBack } = await load();
      const left = await takeBack(classifier, (text) => this.#tell(text));
      button('correct-undo').hidden = left === 0;
      await this.#showKept();
    });
  }

  async #showKept() {
    const { countKept } = await load();
    const n = await countKept().catch(() => 0);
    any('correct-kept').hidden = n === 0;
    any('correct-count').textContent = words('draw.kept', { n });
    if (n === 0) localStorage.removeItem(KEPT);
    else any('correct').hidden = false;
  }

  #export() {
    return this.#alone(async () => {
      const { exportAll } = await load();
      saveFile(await exportAll(), 'ocelli-corrections.zip');
    });
  }

  #forget() {
    return this.#alone(async () => {
      const { forgetAll } = await load();
      await forgetAll();
      await this.#showKept();
    });
  }
}
