// The controls of the run: the buttons that steer it, what can be changed while it learns, and the words on its state.

import { any, button } from './dom.js';
import { errorCode, errorWords, notify } from './notices.js';
import { choiceWords } from './option-texts.js';
import { words } from './words.js';

/** @typedef {import('../lib/index.js').Classifier} Classifier */
/** @typedef {import('../lib/index.js').TrainProgress} TrainProgress */
/** @typedef {'idle' | 'starting' | 'running' | 'paused' | 'finishing'} RunState */

export class RunControls {
  /** @type {RunState} */
  state = 'idle';
  #on;
  /** Whether the form shows what is in force in the run. */
  #isShown = true;
  /** Changes of its options, one after the other. @type {Promise<void>} */
  #changing = Promise.resolve();
  /** The keyboard was on a button of the run that is out of use for the moment. */
  #keepFocus = false;

  /**
   * @param {object} on
   * @param {import('./train-form.js').TrainForm} on.form
   * @param {import('./run-display.js').RunDisplay} on.display
   * @param {() => Classifier | null} on.classifier the network that learns
   */
  constructor(on) {
    this.#on = on;
    button('pause').addEventListener('click', () => (this.state === 'paused' ? this.#resume() : this.#pause()));
    button('step').addEventListener('click', () => this.#step());
    button('step-epoch').addEventListener('click', () => this.#stepEpoch());
    button('stop').addEventListener('click', () => this.#stop());
    any('settings').addEventListener('change', ({ target }) => target instanceof HTMLInputElement && this.#change(target));
  }

  /** Whether a network learns, or is paused. */
  get live() {
    return this.state === 'running' || this.state === 'paused';
  }

  /**
   * The run's state from now on, with words on it.
   * @param {RunState} state
   * @param {string} told
   */
  set(state, told) {
    this.state = state;
    if (state === 'starting') this.#isShown = false;
    const idle = state === 'idle';
    const focused = document.activeElement;
    button('start').hidden = !idle;
    for (const id of ['pause', 'step', 'step-epoch', 'stop']) button(id).hidden = idle;
    button('pause').disabled = button('stop').disabled = !this.live;
    button('step').disabled = button('step-epoch').disabled = state !== 'paused';
    button('pause').textContent = state === 'paused' ? words('train.resume') : words('train.pause');
    button('start').textContent = this.#on.display.any ? words('train.startAgain') : words('train.start');
    any('run-state').textContent = told;
    any('view-train').dataset['state'] = state;
    any('nav-training').hidden = state !== 'running';
    this.#on.form.lock(!idle);
    // A focused button that is gone must not throw the keyboard back to the top of the page.
    if (focused instanceof HTMLButtonElement && (focused.hidden || focused.disabled)) this.#keepFocus = true;
    const next = ['pause', 'start'].map(button).find((other) => !other.hidden && !other.disabled);
    if (this.#keepFocus && next) {
      this.#keepFocus = false;
      const { activeElement } = document;
      if (!any('view-train').hidden && (activeElement === focused || activeElement === document.body)) {
        next.focus({ preventScroll: true });
      }
    }
  }

  /** How far the run is. @param {TrainProgress} progress */
  progress(progress) {
    if (!this.#isShown) this.#on.form.writeLive(progress.inForce);
    this.#isShown = true;
    const told = this.#on.display.progress(progress);
    if (told && this.state === 'running') any('run-state').textContent = told;
  }

  async #pause() {
    await this.#ask(async (classifier) => {
      this.set('paused', words('train.pausing'));
      this.progress(await classifier.pause());
      if (this.state === 'paused') this.set('paused', words('train.paused'));
    });
  }

  async #resume() {
    await this.#ask(async (classifier) => {
      this.set('running', words('train.learning'));
      await classifier.resume();
    });
  }

  async #step() {
    await this.#ask(async (classifier) => {
      button('step').disabled = button('step-epoch').disabled = true;
      try {
        const progress = await classifier.step();
        this.progress(progress);
        if (this.state === 'paused') this.set('paused', words('train.pausedAfter', { n: progress.step }));
      } finally {
        button('step').disabled = button('step-epoch').disabled = this.state !== 'paused';
      }
    });
  }

  async #stepEpoch() {
    await this.#ask(async (classifier) => {
      this.set('running', words('train.toEpochEnd'));
      const progress = await classifier.step({ of: 'epoch' });
      // It may have been paused before, or have ended with the epoch.
      if (this.state !== 'running' || progress.state !== 'running') return;
      this.progress(progress);
      this.set('paused', words('train.pausedAtEpoch', { n: progress.epoch - 1 }));
    });
  }

  async #stop() {
    await this.#ask(async (classifier) => {
      this.set('finishing', words('train.stopping'));
      await classifier.stop();
    });
  }

  /**
   * Asks something of the running network and shows what goes wrong.
   * @param {(classifier: Classifier) => Promise<void>} what
   */
  async #ask(what) {
    const classifier = this.#on.classifier();
    if (!classifier) return;
    try {
      await what(classifier);
    } catch (error) {
      const code = errorCode(error);
      // What was asked of a run that has just ended is no mistake.
      if (code !== 'aborted' && code !== 'crashed' && code !== 'state') notify(errorWords(error));
    }
  }

  /** An option is another while it learns. @param {HTMLInputElement} field */
  async #change(field) {
    if (!this.live) return;
    const change = this.#on.form.readLive(field);
    if (!change) return;
    const { name, value } = change;
    this.#changing = this.#changing.then(() =>
      this.#ask(async (classifier) => {
        this.progress(await classifier.changeTraining({ [name]: value }));
        any('run-state').textContent = told(name, value);
      }),
    );
    await this.#changing;
  }
}

/**
 * Words on an option that is another.
 * @param {keyof import('../lib/index.js').TrainChanges} name
 * @param {number} value
 */
function told(name, value) {
  if (name === 'learningRate') return words('train.rateIs', { rate: String(value) });
  if (name === 'batchSize') return words('train.batchIs', { n: value });
  return words('train.momentumIs', { name: choiceWords(name), value: String(value) });
}
