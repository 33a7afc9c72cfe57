// @ts-check
/** `<image-classifier>`: a picture is chosen, dropped, or lies in the element, and is told by name. */

import { ModelElement } from './element-base.js';
import { textOf } from './errors.js';

const OUTLINE = `
label part=drop
  img part=picture hidden alt=
  slot
  span part=prompt
    slot name=prompt | Choose a picture, or drop one here
  input part=input type=file accept=image/*
ol part=results aria-live=polite
p part=message role=status`;

const STYLE = `
:host { display: inline-block; vertical-align: top; inline-size: 18rem; max-inline-size: 100%; --ocelli-line: GrayText; --ocelli-accent: #0b7a75; --ocelli-bar: color-mix(in srgb, var(--ocelli-accent) 30%, transparent); font: inherit; color: CanvasText; }
:host([hidden]) { display: none; }
[part=drop] { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0.5rem; justify-items: center; padding: 1rem; border: 2px dashed var(--ocelli-line); border-radius: 0.75rem; text-align: center; cursor: pointer; }
[part=drop].over { border-color: var(--ocelli-accent); border-style: solid; }
[part=picture] { max-inline-size: 100%; max-block-size: 14rem; border-radius: 0.5rem; }
[part=picture][hidden] { display: none; }
::slotted(*) { max-inline-size: 100%; }
[part=input] { font: inherit; max-inline-size: 100%; }
:focus-visible { outline: 3px solid var(--ocelli-accent); outline-offset: 2px; }
[part=results] { list-style: none; margin: 0.75rem 0 0; padding: 0; display: grid; gap: 0.25rem; }
[part=results]:empty { display: none; }
[part=row] { display: flex; justify-content: space-between; gap: 1rem; padding: 0.375rem 0.625rem; border-radius: 0.375rem; background: linear-gradient(var(--ocelli-bar) 0 0) 0 0 / var(--share) 100% no-repeat; }
[part=row]:first-child { font-weight: 600; }
[part=message] { margin: 0.5rem 0 0; }
[part=message]:empty { display: none; }
`;

/** @typedef {HTMLImageElement | HTMLVideoElement | HTMLCanvasElement} PictureElement */

export class ImageClassifier extends ModelElement {
  /** Answers to an older picture are not shown. */
  #turn = 0;

  constructor() {
    super(OUTLINE, STYLE);
    const drop = this.partNamed('drop');
    const input = /** @type {HTMLInputElement} */ (this.partNamed('input'));
    input.addEventListener('change', () => this.#take(input.files?.[0]));
    drop.addEventListener('dragover', (event) => {
      event.preventDefault();
      drop.classList.add('over');
    });
    drop.addEventListener('dragleave', () => drop.classList.remove('over'));
    drop.addEventListener('drop', (event) => {
      event.preventDefault();
      drop.classList.remove('over');
      this.#take(event.dataTransfer?.files[0]);
    });
    drop.querySelector('slot')?.addEventListener('slotchange', () => this.#readContent());
    // A picture inside may load later, or be another one later; its event does not bubble.
    this.addEventListener('load', () => this.#readContent(), true);
  }

  /** How many answers are shown; 3 unless said. */
  get topK() {
    const value = Number.parseInt(this.getAttribute('top-k') ?? '', 10);
    return value >= 1 ? value : 3;
  }

  set topK(value) {
    this.setAttribute('top-k', String(value));
  }

  clear() {
    super.clear();
    this.#turn += 1;
    const input = /** @type {HTMLInputElement} */ (this.partNamed('input'));
    input.value = '';
    this.#show(null);
    this.partNamed('results').replaceChildren();
    this.partNamed('message').textContent = '';
  }

  /**
   * What the picture shows; told in the element too.
   * @param {import('./index.d.ts').ImageSource} source
   */
  async classify(source) {
    const turn = ++this.#turn;
    this.partNamed('message').textContent = '';
    try {
      const prediction = await this.ask(source, { topK: this.topK });
      if (turn === this.#turn) this.#tell(prediction);
      return prediction;
    } catch (error) {
      if (turn === this.#turn) {
        this.partNamed('results').replaceChildren();
        this.partNamed('message').textContent = textOf(error);
      }
      throw error;
    }
  }

  /** @param {File | undefined} file */
  #take(file) {
    if (!file || this.matches(':disabled')) return;
    this.#show(file);
    this.classify(file).then(() => this.dispatchEvent(new Event('change', { bubbles: true })), (error) => this.tellError(error));
  }

  #readContent() {
    const element = /** @type {PictureElement | null} */ (this.querySelector('img, canvas, video'));
    if (!element || (element instanceof HTMLImageElement && !element.complete)) return;
    this.classify(element).catch((error) => this.tellError(error));
  }

  /** @param {File | null} file */
  #show(file) {
    const picture = /** @type {HTMLImageElement} */ (this.partNamed('picture'));
    if (picture.src) URL.revokeObjectURL(picture.src);
    picture.hidden = !file;
    if (!file) return picture.removeAttribute('src');
    picture.alt = file.name;
    picture.src = URL.createObjectURL(file);
  }

  /** @param {import('./index.d.ts').Prediction} prediction */
  #tell({ classes, blank }) {
    if (blank) this.partNamed('message').textContent = 'There is nothing to see in this picture.';
    const rows = classes.map(({ label, confidence }) => {
      const row = document.createElement('li');
      row.setAttribute('part', 'row');
      row.style.setProperty('--share', `${100 * confidence}%`);
      for (const [part, text] of [['label', label], ['confidence', `${Math.round(100 * confidence)} %`]]) {
        const cell = document.createElement('span');
        cell.setAttribute('part', String(part));
        cell.textContent = String(text);
        row.append(cell);
      }
      return row;
    });
    this.partNamed('results').replaceChildren(...rows);
  }
}
