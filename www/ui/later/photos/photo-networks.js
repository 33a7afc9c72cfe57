// The network that reads the photos: the color one that ships, the digit network for photos of paper, the Draw pad's, or a file
// of the visitor's.

import { Classifier } from '../../../lib/index.js';
import { className } from '../../class-names.js';
import { any, input, onFiles, select } from '../../dom.js';
import { count } from '../../format.js';
import { errorWords, notify } from '../../notices.js';
import { words } from '../../words.js';

const COLOR = new URL('../../../models/photos.safetensors', import.meta.url);
const DIGITS = new URL('../../../models/digits.safetensors', import.meta.url);
const CHOICES = /** @type {const} */ (['color', 'paper', 'pad', 'file']);

export class PhotoNetworks {
  #padNetwork;
  #changed;
  #used = 'color';
  /** The visitor's own, once there is one. @type {Classifier | null} */
  #own = null;
  /** Those that ship, once they were asked for. @type {Map<string, Promise<Classifier>>} */
  #shipped = new Map();

  /**
   * @param {() => Classifier | null} padNetwork
   * @param {() => void} changed another network is to be used
   */
  constructor(padNetwork, changed) {
    this.#padNetwork = padNetwork;
    this.#changed = changed;
    for (const choice of CHOICES) select('photo-network').append(new Option(words(`photos.network-${choice}`), choice));
    select('photo-network').addEventListener('change', () => this.#choose());
    onFiles(input('photo-network-file'), ([file]) => file && this.load(file));
  }

  /** Whether a photo is of handwriting, with many digits. */
  get readsPaper() {
    return this.#used === 'paper';
  }

  /** The network in use, loaded if it is not there yet. @returns {Promise<Classifier>} */
  async current() {
    const classifier = await this.#find();
    const { labels, nParameters, inputShape } = classifier.info;
    const [height, width] = inputShape;
    const facts = { n: labels.length, labels: labels.slice(0, 12).map(className).join(words('photos.between')), parameters: count(nParameters), width, height };
    any('photo-network-about').textContent = words(this.readsPaper ? 'photos.aboutPaper' : 'photos.about', facts);
    return classifier;
  }

  /** @param {File} file */
  async load(file) {
    try {
      const loaded = await Classifier.load(file);
      this.#own?.close();
      this.#own = loaded;
      this.#use('file');
    } catch (error) {
      select('photo-network').value = this.#used;
      notify(words('photos.networkFailed', { name: file.name, why: errorWords(error) }));
    }
  }

  #choose() {
    const { value } = select('photo-network');
    if (value === 'file' && !this.#own) {
      select('photo-network').value = this.#used;
      input('photo-network-file').click();
      return;
    }
    this.#use(value);
  }

  /** @param {string} choice */
  #use(choice) {
    this.#used = choice;
    select('photo-network').value = choice;
    this.#changed();
  }

  async #find() {
    if (this.#used === 'file' && this.#own) return this.#own;
    const pad = this.#used === 'pad' && this.#padNetwork();
    if (pad) return pad;
    return this.#ship(this.#used === 'paper' ? DIGITS : COLOR);
  }

  /** @param {URL} url */
  async #ship(url) {
    let network = this.#shipped.get(url.href);
    if (!network) this.#shipped.set(url.href, (network = Classifier.load(url)));
    try {
      return await network;
    } catch (error) {
      this.#shipped.delete(url.href);
      throw error;
    }
  }
}
