// A look inside the network while it learns: figures, a table of its layers, its filters, and what a layer makes of an
// example. Asked for again and again while it is open and seen, and more rarely where a look takes long.

import { any } from '../../dom.js';
import { bytes, count } from '../../format.js';
import { errorCode, errorWords } from '../../notices.js';
import { make } from '../../option-field.js';
import { canvasesOf } from '../../picture-canvas.js';
import { loadStyle } from '../../view-loader.js';
import { words } from '../../words.js';
import { LiveTable } from './live-table.js';
import { channelTiles, filterTiles } from './live-tiles.js';

/** @typedef {import('../../../lib/index.js').Classifier} Classifier */
/** @typedef {import('../../../lib/index.js').Internals} Internals */
/** @typedef {import('../../train-labs.js').Lab} Lab */

/** Milliseconds between two looks at least, and how many times as long as a look takes: so it costs at most 3 percent. */
const [PAUSE, TIMES] = [1000, 32];
/** Examples to choose from, and those that a look is at where there are so many. */
const [EXAMPLES, MOST] = [20, 64];
const FIGURES = ['forward', 'backward', 'speed', 'memory'];

/** @param {HTMLElement} box @param {Lab} lab */
export async function open(box, lab) {
  await loadStyle('css/later/train-live.css');
  new LivePanel(box, lab);
}

class LivePanel {
  #box;
  #lab;
  #state = make('p', { id: 'live-state', class: 'hint' });
  /** @type {Record<string, HTMLElement>} */
  #figures = Object.fromEntries(FIGURES.map((name) => [name, make('dd', { id: `live-${name}` }, '–')]));
  #table = new LiveTable();
  #filters = picker('live-filters', words('train.liveFilters'));
  #plane = picker('live-plane', words('train.livePlane'));
  #layers = picker('live-layer', words('train.liveLayer'));
  #filterTiles = make('div', { class: 'live-tiles', role: 'img' });
  #layerTiles = make('div', { class: 'live-tiles', role: 'img' });
  #picture = make('div', { class: 'live-example', role: 'img', 'aria-label': words('train.liveExample') });
  #next = make('button', { type: 'button', class: 'quiet', id: 'live-next' }, words('train.liveNext'));
  #shown = make('div', { class: 'live-shown' });
  #timer = 0;
  #looking = false;
  /** @type {Classifier | null} */
  #network = null;
  /** @type {import('../../../lib/index.js').Pixels | null} */
  #example = null;
  #index = 0;

  /** @param {HTMLElement} box @param {Lab} lab */
  constructor(box, lab) {
    this.#box = box;
    this.#lab = lab;
    const figures = FIGURES.map((name) => make('div', {}, make('dt', { id: `live-${name}-title` }, words(`train.live-${name}`, { n: MOST })), this.#figures[name] ?? ''));
    const example = make('div', { class: 'live-row' }, this.#picture, this.#layers.element, this.#next);
    this.#shown.append(
      make('dl', { class: 'figures' }, ...figures),
      this.#table.element,
      make('div', { id: 'live-filters-part' }, make('div', { class: 'live-row' }, this.#filters.element, this.#plane.element), this.#filterTiles, make('p', { class: 'hint' }, words('train.liveFiltersAbout'))),
      make('div', {}, example, this.#layerTiles, make('p', { class: 'hint' }, words('train.liveLayerAbout'))),
    );
    this.#shown.hidden = true;
    box.append(make('p', { class: 'hint' }, words('train.liveAbout')), this.#state, this.#shown);
    box.addEventListener('toggle', () => this.#soon(0));
    for (const { select } of [this.#filters, this.#plane, this.#layers]) select.addEventListener('change', () => this.#soon(0));
    this.#filters.select.addEventListener('change', () => (this.#plane.select.value = '0'));
    this.#next.addEventListener('click', () => {
      this.#index = (this.#index + 1) % EXAMPLES;
      this.#example = null;
      this.#soon(0);
    });
    this.#soon(0);
  }

  /** @param {number} milliseconds until the next look */
  #soon(milliseconds) {
    clearTimeout(this.#timer);
    this.#timer = 0;
    if (this.#box.hasAttribute('open')) this.#timer = setTimeout(() => this.#look(), milliseconds);
  }

  async #look() {
    if (this.#looking) return;
    this.#looking = true;
    let pause = PAUSE;
    try {
      if (!document.hidden && !any('view-train').hidden) pause = Math.max(PAUSE, TIMES * (await this.#show()));
    } catch (error) {
      // A network that was closed meanwhile has another in its place.
      if (!['closed', 'aborted', 'crashed'].includes(errorCode(error) ?? '')) this.#say(errorWords(error));
    }
    this.#looking = false;
    this.#soon(pause);
  }

  /** @returns {Promise<number>} the milliseconds that the training was held up */
  async #show() {
    const { network, learns, imagesPerSecond } = this.#lab.learner();
    if (!network || (!learns && this.#shown.hidden)) {
      this.#say(words('train.liveNone'));
      return 0;
    }
    if (network !== this.#network) this.#take(network);
    const internals = learns ? await network.internals().catch(ended) : null;
    if (internals) this.#tell(internals, imagesPerSecond);
    this.#say(internals ? words('train.liveStep', { n: count(internals.step) }) : words('train.liveEnded'));
    this.#example ??= await this.#exampleOf(network);
    await this.#draw(network);
    this.#shown.hidden = false;
    return internals?.milliseconds ?? 0;
  }

  /** @param {Classifier} network */
  #take(network) {
    const before = [this.#filters, this.#layers].map(({ select }) => select.value);
    const { layers } = network.info;
    const filters = layers.filter(({ type, nParameters }) => /conv/i.test(type) && nParameters > 0);
    fill(this.#filters.select, filters.map(({ name }) => name), before[0]);
    fill(this.#layers.select, layers.slice(1).map(({ name }) => name), before[1] || filters[0]?.name);
    any('live-filters-part').hidden = filters.length === 0;
    this.#network = network;
    this.#example = null;
    this.#table.clear();
  }

  /** @param {Internals} internals @param {number} imagesPerSecond */
  #tell(internals, imagesPerSecond) {
    const { forward, backward } = this.#table.show(internals);
    const told = {
      forward: words('train.liveMilliseconds', { time: forward.toFixed(1) }),
      backward: words('train.liveMilliseconds', { time: backward.toFixed(1) }),
      speed: imagesPerSecond > 0 ? count(imagesPerSecond) : '–',
      memory: bytes(internals.memoryBytes),
    };
    for (const [name, text] of Object.entries(told)) if (this.#figures[name]) this.#figures[name].textContent = text;
    for (const name of ['forward', 'backward']) any(`live-${name}-title`).textContent = words(`train.live-${name}`, { n: internals.nExamples });
  }

  /** @param {Classifier} network */
  async #exampleOf(network) {
    // There may be fewer.
    const { picture } = await network.example(this.#index).catch(() => network.example((this.#index = 0)));
    this.#picture.replaceChildren(...canvasesOf(picture));
    return picture;
  }

  /** @param {Classifier} network */
  async #draw(network) {
    const [filtersOf, layer] = [this.#filters.select.value, this.#layers.select.value];
    const [parameters, activations] = await Promise.all([
      filtersOf ? network.parameters(filtersOf) : [],
      this.#example && layer ? network.activations(this.#example, { layer }) : null,
    ]);
    const [weights] = parameters;
    if (weights) {
      const nPlanes = await filterTiles(this.#filterTiles, weights, Number(this.#plane.select.value || 0));
      fill(this.#plane.select, Array.from({ length: nPlanes }, (_, plane) => String(plane)), this.#plane.select.value, (plane) => String(Number(plane) + 1));
      this.#plane.element.hidden = nPlanes < 2;
      this.#filterTiles.setAttribute('aria-label', words('train.liveFiltersOf', { name: filtersOf }));
    }
    if (activations) await channelTiles(this.#layerTiles, activations);
    this.#layerTiles.setAttribute('aria-label', words('train.liveLayerOf', { name: layer }));
  }

  /** @param {string} told */
  #say(told) {
    if (this.#state.textContent !== told) this.#state.textContent = told;
  }
}

/** The training may have ended since it was asked. @param {unknown} error */
function ended(error) {
  if (errorCode(error) === 'state') return null;
  throw error;
}

/** @param {string} id @param {string} label */
function picker(id, label) {
  const select = make('select', { id });
  return { select, element: make('div', { class: 'field' }, make('label', { for: id }, label), select) };
}

/**
 * Offers names; the one chosen stays if it is among them.
 * @param {HTMLSelectElement} select
 * @param {string[]} names
 * @param {string} [chosen]
 * @param {(name: string) => string} [print]
 */
function fill(select, names, chosen, print = (name) => name) {
  if (select.options.length !== names.length || names.some((name, i) => select.options[i]?.value !== name)) {
    select.replaceChildren(...names.map((name) => new Option(print(name), name)));
    if (chosen && names.includes(chosen)) select.value = chosen;
  }
}
