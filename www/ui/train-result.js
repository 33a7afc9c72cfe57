// The result of a training: how the network reads, the examples themselves, and what can be done with it.

import { ConfusionTable, confusionWords } from './confusion-table.js';
import { any, button, byId, saveFile } from './dom.js';
import { errorCode, errorWords, notify } from './notices.js';
import { words } from './words.js';

/** @typedef {import('../lib/index.js').Classifier} Classifier */

export class TrainResult {
  /** @type {Classifier | null} */
  #classifier = null;
  #name = '';
  #use;

  /** @param {(network: Blob, name: string) => Promise<void>} use puts a network on the Draw pad */
  constructor(use) {
    this.#use = use;
    button('use-network').addEventListener('click', () => this.#give((file) => this.#use(file, words('train.usedName', { name: this.#name }))));
    button('save-network').addEventListener('click', () => this.#give((file) => saveFile(file, `ocelli-${this.#name}.safetensors`)));
  }

  /**
   * Evaluates a network and shows what it reads.
   * @param {Classifier} classifier
   * @param {string} name
   * @param {boolean} forPad whether the Draw pad can use it
   */
  async show(classifier, name, forPad) {
    const evaluation = await classifier.evaluate();
    const { labels } = classifier.info;
    this.#classifier = classifier;
    this.#name = `${name}-${(evaluation.accuracy * 100).toFixed(2)}`;
    any('result-summary').textContent = confusionWords(evaluation, labels);
    const table = byId('confusion', ConfusionTable);
    table.show(evaluation.confusion, labels);
    button('use-network').hidden = !forPad;
    any('trials-part').hidden = true;
    any('result').hidden = false;
    any('trials').replaceChildren();
    const gallery = this.#showExamples(classifier);
    // A cell chosen before the examples are here waits for them.
    table.onCell = async (actual, predicted) => {
      try {
        await (await gallery)?.cell(actual, predicted);
      } catch (error) {
        // Another training has taken the network's place.
        if (errorCode(error) !== 'closed') notify(errorWords(error));
      }
    };
    return evaluation;
  }

  /**
   * The validation examples themselves.
   * @param {Classifier} classifier
   */
  async #showExamples(classifier) {
    try {
      const [{ ResultGallery }, readings] = await Promise.all([import('./later/result-gallery.js'), classifier.evaluateEach()]);
      return classifier === this.#classifier ? new ResultGallery(classifier, readings) : null;
    } catch (error) {
      // Another training may have taken the network's place.
      if (errorCode(error) !== 'closed' && classifier === this.#classifier) {
        notify(words('train.examplesFailed', { why: errorWords(error) }));
      }
      return null;
    }
  }

  /** @param {(file: Blob) => Promise<void> | void} what is done with the network's file */
  async #give(what) {
    try {
      if (this.#classifier) await what(await this.#classifier.save());
    } catch (error) {
      notify(errorWords(error));
    }
  }
}
