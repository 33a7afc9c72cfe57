// @ts-check
/** What both elements share: a model that lives while they are in the page, a value in a form, an answer told. */

import { ClassifierError, textOf } from './errors.js';
import { Predictor } from './predictor.js';

/** @typedef {import('./index.d.ts').ImageSource} ImageSource */
/** @typedef {import('./index.d.ts').Prediction} Prediction */

/** On a server there are no elements; importing must do no harm there. */
const Base = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {});

export class ModelElement extends Base {
  static formAssociated = true;
  static observedAttributes = ['src'];

  /** The newest answer. @type {Prediction | null} */
  prediction = null;
  #internals = this.attachInternals();
  /** @type {Promise<Predictor> | null} */
  #model = null;
  #loading = new AbortController();
  #value = '';

  /**
   * @param {string} html
   * @param {string} css
   */
  constructor(html, css) {
    super();
    const root = this.attachShadow({ mode: 'open', delegatesFocus: true });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
    // Built node by node: a page may demand Trusted Types of markup.
    root.append(...nodes(html));
  }

  /** The model file's address. */
  get src() {
    return this.getAttribute('src') ?? '';
  }

  set src(address) {
    this.setAttribute('src', String(address));
  }

  get name() {
    return this.getAttribute('name') ?? '';
  }

  set name(name) {
    this.setAttribute('name', String(name));
  }

  get form() {
    return this.#internals.form;
  }

  /** What the form is sent: the label of the first answer. */
  get value() {
    return this.#value;
  }

  set value(value) {
    this.#value = String(value);
    this.#internals.setFormValue(this.#value || null);
  }

  connectedCallback() {
    this.model().catch(() => {}); // told as an event
  }

  disconnectedCallback() {
    // Moved elements are connected again at once.
    queueMicrotask(() => {
      if (!this.isConnected) this.#leave();
    });
  }

  attributeChangedCallback() {
    if (!this.isConnected) return;
    this.#leave();
    this.connectedCallback();
  }

  formResetCallback() {
    this.clear();
  }

  clear() {
    this.prediction = null;
    this.value = '';
  }

  /** Where the model lies unless `src` tells. @returns {URL | string} */
  get modelAddress() {
    return this.src;
  }

  /** The model, loaded once. @returns {Promise<Predictor>} */
  model() {
    if (this.#model) return this.#model;
    const { signal } = (this.#loading = new AbortController());
    const address = this.modelAddress;
    const model = address
      ? Predictor.load(typeof address === 'string' ? new URL(address, this.ownerDocument.baseURI) : address, { signal })
      : Promise.reject(new ClassifierError('config', `<${this.localName}> needs the address of a model in its attribute src.`));
    this.#model = model;
    model.catch((error) => {
      if (this.#model === model) this.#model = null;
      if (!signal.aborted) this.tellError(error);
    });
    return model;
  }

  /**
   * @param {ImageSource} source
   * @param {{ topK: number, latest?: boolean }} options
   * @returns {Promise<Prediction>}
   */
  async ask(source, options) {
    const model = await this.model();
    const prediction = await model.predict(source, options);
    this.prediction = prediction;
    this.value = prediction.classes[0]?.label ?? '';
    this.dispatchEvent(new CustomEvent('prediction', { detail: prediction, bubbles: true, composed: true }));
    return prediction;
  }

  /** @param {unknown} error */
  tellError(error) {
    this.dispatchEvent(Object.assign(new Event('error'), { error, message: textOf(error) }));
  }

  /**
   * @param {string} part
   * @returns {HTMLElement}
   */
  partNamed(part) {
    const found = this.shadowRoot?.querySelector(`[part~="${part}"]`);
    return /** @type {HTMLElement} */ (found);
  }

  #leave() {
    this.#loading.abort();
    this.#model?.then((model) => model.close(), () => {});
    this.#model = null;
  }
}

/**
 * Elements from a list of lines, each `tag attribute=value … | text`, indented by two spaces a level.
 * @param {string} outline
 * @returns {Element[]}
 */
function nodes(outline) {
  /** @type {Element[]} */
  const tops = [];
  /** @type {Element[]} */
  const open = [];
  for (const line of outline.split('\n').filter((line) => line.trim())) {
    const level = line.search(/\S/) / 2;
    const [head = '', text = ''] = line.trim().split(' | ');
    const [tag = 'span', ...attributes] = head.split(' ');
    const element = document.createElement(tag);
    for (const attribute of attributes) {
      const [name = '', value = ''] = attribute.split('=');
      element.setAttribute(name, value.replaceAll('_', ' '));
    }
    element.textContent = text;
    open.length = level;
    if (level > 0) open[level - 1]?.append(element);
    else tops.push(element);
    open.push(element);
  }
  return tops;
}
