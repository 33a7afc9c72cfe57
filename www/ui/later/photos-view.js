// The Photos view: files, a folder, the camera or the clipboard; a table of answers; one photo with a square to move.

import '../confidence-bars.js';
import '../pixel-picture.js';
import { className, named } from '../class-names.js';
import { ConfidenceBars } from '../confidence-bars.js';
import { any, button, byId, input, onFiles, saveFile } from '../dom.js';
import { percent } from '../format.js';
import { clearNotices, errorCode, errorWords, notify } from '../notices.js';
import { PixelPicture } from '../pixel-picture.js';
import { words } from '../words.js';
import { Camera } from './photos/camera.js';
import { CropBox } from './photos/crop-box.js';
import { PaperPanel } from './photos/paper-panel.js';
import { isHidden } from './photos/photo-files.js';
import { PhotoNetworks } from './photos/photo-networks.js';
import { photoOf, read, upright, uprightForShow } from './photos/photo-reader.js';
import { PhotoWhy } from './photos/photo-why.js';
import { ResultTable, csvOf } from './photos/result-table.js';

/** @typedef {import('./photos/photo-reader.js').Photo} Photo */

/** @param {import('../view-loader.js').PageParts} page @returns {import('../view-loader.js').OpenedView} */
export function open(page) {
  const view = new PhotosView(page);
  return { left: () => view.leave(), dropped: (files) => view.add(files) };
}

class PhotosView {
  #networks;
  #camera = new Camera((photo) => this.add([photo]));
  #table = new ResultTable((photo) => this.#choose(photo));
  #crop = byId('photo-crop', CropBox);
  #bars = byId('photo-bars', ConfidenceBars);
  #paper = new PaperPanel();
  #why = new PhotoWhy((heat) => this.#crop.cover(heat));
  /** Photos that wait for their answer. @type {Photo[]} */
  #waiting = [];
  /** @type {AbortController | null} */
  #reading = null;
  /** Another network was chosen while photos were read. */
  #again = false;
  /** The photo shown large. @type {{ photo: Photo, bitmap: ImageBitmap } | null} */
  #shown = null;
  /** Photos asked for: one that comes late does not replace a later one. */
  #turn = 0;
  #cropping = false;
  #cropAgain = false;

  /** @param {import('../view-loader.js').PageParts} page */
  constructor(page) {
    this.#networks = new PhotoNetworks(page.padNetwork, () => this.#readAgain());
    onFiles(input('photo-files'), (files) => this.add(files));
    onFiles(input('photo-folder'), (files) => this.add(files));
    any('photo-folder-label').hidden = !('webkitdirectory' in input('photo-folder'));
    button('photo-cancel').addEventListener('click', () => this.#reading?.abort());
    button('photo-clear').addEventListener('click', () => this.#clear());
    button('photo-csv').addEventListener('click', () => this.#saveCsv());
    button('photo-back').addEventListener('click', () => this.#table.showMarked());
    this.#crop.addEventListener('cropped', () => this.#readCrop());
    button('crop-whole').addEventListener('click', () => this.#crop.middle());
    button('crop-smaller').addEventListener('click', () => this.#crop.resize(1 / 1.15));
    button('crop-larger').addEventListener('click', () => this.#crop.resize(1.15));
    this.#networks.current().catch((error) => notify(errorWords(error)));
  }

  leave() {
    this.#camera.stop();
  }

  /** Takes files: photos to classify, or a network to classify them with. @param {File[]} files */
  add(files) {
    clearNotices();
    const [network] = files.filter(({ name }) => name.toLowerCase().endsWith('.safetensors'));
    if (network) {
      this.#networks.load(network);
      return;
    }
    const photos = files.filter((file) => !isHidden(file)).map(photoOf);
    if (photos.length === 0) {
      if (files.length > 0) notify(words('photos.nothing'));
      return;
    }
    const wasEmpty = this.#table.photos.length === 0;
    this.#table.add(photos);
    this.#waiting.push(...photos);
    this.#layOut();
    const [first] = photos;
    if (first && (wasEmpty || photos.length === 1)) this.#show(first);
    this.#read();
  }

  /** Shows a photo large, and comes to it where it lies below the table. @param {Photo} photo */
  async #choose(photo) {
    await this.#show(photo);
    const { top } = any('photo-one').getBoundingClientRect();
    if (top > innerHeight / 2) any('photo-one').scrollIntoView({ block: 'start' });
  }

  // The table

  /** All answers anew, by another network. */
  #readAgain() {
    this.#waiting = [...this.#table.photos];
    if (this.#shown) this.#show(this.#shown.photo);
    this.#again = this.#reading !== null;
    this.#reading?.abort();
    this.#read();
  }

  /** Goes through the photos that wait. @returns {Promise<void>} */
  async #read() {
    if (this.#reading) return;
    const { signal } = (this.#reading = new AbortController());
    this.#layOut();
    try {
      const classifier = await this.#networks.current();
      const asPaper = this.#networks.readsPaper;
      // Numbers are too many to choose from.
      this.#table.setLabels(asPaper ? [] : classifier.info.labels);
      for (let [photo] = this.#waiting; photo; [photo] = this.#waiting) {
        await read(photo, classifier, signal, asPaper);
        if (signal.aborted) break;
        this.#waiting.shift();
        this.#table.changed(photo);
        if (photo === this.#shown?.photo) this.#showPaper();
        this.#layOut();
      }
    } catch (error) {
      if (errorCode(error) !== 'aborted') notify(errorWords(error));
    }
    this.#reading = null;
    if (this.#again) {
      this.#again = false;
      return this.#read();
    }
    for (const photo of this.#waiting.splice(0)) {
      photo.problem = words('photos.cancelled');
      this.#table.changed(photo);
    }
    this.#layOut();
  }

  #clear() {
    this.#waiting = [];
    this.#reading?.abort();
    this.#table.clear();
    this.#turn += 1;
    this.#shown?.bitmap.close();
    this.#shown = null;
    any('photo-one').hidden = true;
    this.#layOut();
  }

  #layOut() {
    const n = this.#table.photos.length;
    const done = n - this.#waiting.length;
    any('photo-empty').hidden = n > 0;
    any('photo-work').hidden = n === 0;
    byId('photo-progress', HTMLProgressElement).value = n > 0 ? done / n : 0;
    any('photo-progress').hidden = this.#reading === null;
    button('photo-cancel').hidden = this.#reading === null;
    button('photo-csv').disabled = done === 0;
    any('photo-state').textContent = this.#reading ? words('photos.state-running', { done, n }) : words('photos.state-done', { n: done });
  }

  #saveCsv() {
    saveFile(new Blob([csvOf(this.#table.photos)], { type: 'text/csv' }), 'ocelli-photos.csv');
  }

  // One photo

  /** @param {Photo} photo */
  async #show(photo) {
    this.#turn += 1;
    const turn = this.#turn;
    try {
      const bitmap = await (this.#networks.readsPaper ? uprightForShow(photo.file) : upright(photo.file));
      if (turn !== this.#turn) return bitmap.close();
      this.#shown?.bitmap.close();
      this.#shown = { photo, bitmap };
    } catch {
      // Its row says what is wrong with it.
      return;
    }
    any('photo-one').hidden = false;
    any('photo-one-title').textContent = photo.name.split('/').at(-1) ?? photo.name;
    this.#table.mark(photo);
    const asPaper = this.#networks.readsPaper;
    any('photo-square').hidden = any('photo-why').hidden = asPaper;
    any('photo-paper').hidden = !asPaper;
    any('photo-answers').hidden = false;
    if (asPaper) {
      this.#paper.clear();
      this.#bars.setLabels((await this.#networks.current()).info.labels);
      this.#showPaper();
    } else this.#crop.show(this.#shown.bitmap);
  }

  /** The shown photo's digits, once they are read. */
  #showPaper() {
    const shown = this.#shown;
    if (shown?.photo.page && this.#networks.readsPaper) this.#paper.show(shown.photo.page, shown.bitmap);
  }

  /** Classifies what is in the square; while it moves, the newest square counts. */
  async #readCrop() {
    if (this.#cropping) {
      this.#cropAgain = true;
      return;
    }
    if (this.#networks.readsPaper) return;
    this.#cropping = true;
    try {
      do {
        this.#cropAgain = false;
        const shown = this.#shown;
        if (!shown) break;
        const { x, y, side } = this.#crop.crop;
        const classifier = await this.#networks.current();
        const part = await createImageBitmap(shown.bitmap, Math.round(x), Math.round(y), Math.max(1, Math.round(side)), Math.max(1, Math.round(side)));
        const { labels } = classifier.info;
        const prediction = await classifier.predict(part, { topK: labels.length, latest: true });
        part.close();
        if (shown !== this.#shown) continue;
        this.#bars.setLabels(labels.map(className));
        this.#bars.show(named(prediction.classes));
        const [top] = prediction.classes;
        const answer = byId('photo-answer', HTMLOutputElement);
        answer.textContent = top ? words('photos.answer', { label: className(top.label), confidence: percent(top.confidence) }) : words('photos.blank');
        answer.dataset['label'] = top?.label ?? '';
        this.#why.ask(classifier, prediction.input);
        byId('photo-seen', PixelPicture).show(prediction.input, words('photos.seenLabel'));
      } while (this.#cropAgain);
    } catch (error) {
      const code = errorCode(error);
      if (code !== 'superseded' && code !== 'closed') notify(errorWords(error));
    } finally {
      this.#cropping = false;
    }
  }
}
