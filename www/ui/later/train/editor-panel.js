// A network as text, one layer a line: shapes, parameters, work and memory of each as it is typed, and what is wrong at
// its line.

import { Classifier } from '../../../lib/index.js';
import { specOf } from '../../chosen-network.js';
import { any } from '../../dom.js';
import { bytes, count } from '../../format.js';
import { errorWords, notify } from '../../notices.js';
import { make } from '../../option-field.js';
import { words } from '../../words.js';
import { badLine, layersOf, linesOf } from './layer-lines.js';

/** @typedef {import('../../../lib/index.js').ModelSpec} ModelSpec */
/** @typedef {import('../../../lib/index.js').ModelInfo} ModelInfo */
/** @typedef {import('../../train-labs.js').Lab} Lab */

/** Milliseconds without a key before the text is looked at. */
const REST = 350;
/** Bytes of a number. */
const NUMBER = 4;

/** @param {HTMLElement} box @param {Lab} lab */
export function open(box, lab) {
  new EditorPanel(box, lab);
}

/**
 * Builds a network and lets it go.
 * @param {ModelSpec} spec
 * @returns {Promise<ModelInfo>}
 */
async function inspect(spec) {
  const network = await Classifier.create(spec);
  const { info } = network;
  network.close();
  return info;
}

class EditorPanel {
  #lab;
  /** All but the layers. @type {Omit<ModelSpec, 'layers'> | null} */
  #rest = null;
  /** What the text says, if it is a network. @type {ModelSpec | null} */
  #spec = null;
  #text = make('textarea', { id: 'editor-text', rows: '12', spellcheck: 'false', autocomplete: 'off', autocapitalize: 'off', wrap: 'off', 'aria-describedby': 'editor-error' });
  #error = make('p', { class: 'field-error', id: 'editor-error', role: 'alert' });
  #use = make('button', { type: 'button', class: 'primary', id: 'editor-use' }, words('train.editorUse'));
  #total = make('p', { id: 'editor-total', role: 'status' });
  #rows = make('tbody', {});
  #scroll;
  #timer = 0;
  /** Looks at the text: one that comes late is of an older text. */
  #turn = 0;

  /** @param {HTMLElement} box @param {Lab} lab */
  constructor(box, lab) {
    this.#lab = lab;
    const fetch = make('button', { type: 'button', id: 'editor-fetch' }, words('train.editorFetch'));
    const head = ['layer', 'shape', 'parameters', 'multiplyAdds', 'memory'];
    const table = make('table', { class: 'epochs layer-table' }, make('thead', {}, make('tr', {}, ...head.map((name) => make('th', { scope: 'col' }, words(`train.column-${name}`))))), this.#rows);
    this.#scroll = make('div', { class: 'table-scroll', tabindex: '0', role: 'group', 'aria-label': words('train.editorTable') }, table);
    const label = make('label', { for: 'editor-text' }, words('train.editorText'));
    box.append(
      make('p', { class: 'hint' }, words('train.editorAbout')),
      make('div', { class: 'field' }, label, this.#text, this.#error),
      make('div', { class: 'row' }, this.#use, fetch),
      this.#total,
      this.#scroll,
    );
    this.#scroll.hidden = true;
    this.#use.disabled = true;
    fetch.addEventListener('click', () => this.#fetch());
    this.#use.addEventListener('click', () => this.#give());
    this.#text.addEventListener('input', () => {
      clearTimeout(this.#timer);
      this.#turn += 1;
      this.#use.disabled = true;
      this.#timer = setTimeout(() => this.#look(), REST);
    });
    this.#fetch();
  }

  /** Begins with the network that the form says. */
  async #fetch() {
    try {
      const network = await this.#lab.network();
      const { layers, ...rest } = specOf(await (await network.save()).arrayBuffer());
      network.close();
      this.#rest = rest;
      this.#text.value = linesOf(layers);
      await this.#look();
    } catch (error) {
      notify(errorWords(error));
    }
  }

  /** Says what the text comes to. */
  async #look() {
    if (!this.#rest) return;
    this.#turn += 1;
    const turn = this.#turn;
    const { layers, places, wrong } = layersOf(this.#text.value);
    if (wrong !== null) {
      this.#fail(words('train.editorJson', { line: String(wrong), example: '{"type":"relu"}' }), wrong);
      return;
    }
    const spec = { ...this.#rest, layers };
    try {
      const info = await inspect(spec);
      if (turn === this.#turn) this.#show(spec, info);
    } catch (error) {
      const why = errorWords(error);
      const place = await badLine(layers.length, String(error instanceof Error ? error.message : error), async (n) => {
        await inspect({ ...spec, layers: layers.slice(0, n) });
      });
      const line = places[place - 1];
      if (turn === this.#turn) this.#fail(line === undefined ? why : words('train.editorLine', { line: String(line), why }), line ?? null);
    }
  }

  /** @param {string} told @param {number | null} line */
  #fail(told, line) {
    this.#spec = null;
    this.#use.disabled = true;
    this.#error.textContent = told;
    this.#text.setAttribute('aria-invalid', 'true');
    this.#text.dataset['line'] = String(line ?? '');
    this.#total.textContent = '';
    this.#scroll.hidden = true;
  }

  /** @param {ModelSpec} spec @param {ModelInfo} info */
  #show(spec, info) {
    this.#spec = spec;
    this.#use.disabled = false;
    this.#error.textContent = '';
    this.#text.setAttribute('aria-invalid', 'false');
    const memoryOf = (/** @type {{ outputShape: number[] }} */ { outputShape }) => NUMBER * outputShape.reduce((product, size) => product * size, 1);
    const memory = bytes(info.layers.reduce((sum, layer) => sum + memoryOf(layer), 0));
    this.#total.textContent = words('train.editorTotal', { parameters: info.nParameters, multiplyAdds: info.multiplyAdds, memory });
    this.#rows.replaceChildren(
      ...info.layers.map((layer) => {
        const cells = [layer.outputShape.join(' × '), count(layer.nParameters), count(layer.multiplyAdds), bytes(memoryOf(layer))];
        return make('tr', {}, make('th', { scope: 'row' }, layer.name), ...cells.map((text) => make('td', {}, text)));
      }),
    );
    this.#scroll.hidden = false;
  }

  #give() {
    if (!this.#spec) return;
    this.#lab.choose(this.#spec);
    notify(words('train.editorReady'), { kind: 'done' });
    any('start').focus();
  }
}
