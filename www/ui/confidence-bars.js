// <confidence-bars>: one bar for each class with the network's confidence; made once, then only widths and words change.

import { percent } from './format.js';

/** More classes than this are shown as the most probable ones, best first. */
const MOST = 10;

export class ConfidenceBars extends HTMLElement {
  /** @type {{ row: HTMLElement, label: HTMLElement, fill: HTMLElement, value: HTMLElement }[]} */
  #rows = [];
  /** @type {readonly string[]} */
  #labels = [];

  /** @param {readonly string[]} labels in the order of the classes */
  setLabels(labels) {
    this.#labels = labels;
    const list = document.createElement('ul');
    list.className = 'bars';
    this.#rows = labels.slice(0, MOST).map((name) => {
      const row = document.createElement('li');
      const label = document.createElement('span');
      label.className = 'bar-label';
      label.textContent = name;
      const track = document.createElement('span');
      track.className = 'bar-track';
      const fill = document.createElement('span');
      fill.className = 'bar-fill';
      track.append(fill);
      const value = document.createElement('span');
      value.className = 'bar-value';
      row.append(label, track, value);
      list.append(row);
      return { row, label, fill, value };
    });
    this.replaceChildren(list);
    this.show([]);
  }

  /** @param {readonly { label: string, index: number, confidence: number }[]} classes most probable first; none: empty bars */
  show(classes) {
    const inPlace = this.#labels.length <= MOST;
    /** @type {(typeof classes[number] | undefined)[]} */
    const shown = inPlace ? [] : classes.slice(0, MOST);
    if (inPlace) for (const one of classes) shown[one.index] = one;
    this.#rows.forEach(({ row, label, fill, value }, index) => {
      const one = shown[index];
      label.textContent = one?.label ?? (inPlace ? (this.#labels[index] ?? '') : '');
      fill.style.setProperty('--share', String(one?.confidence ?? 0));
      value.textContent = one ? percent(one.confidence) : '';
      row.toggleAttribute('data-top', one !== undefined && one.index === classes[0]?.index);
    });
  }
}

customElements.define('confidence-bars', ConfidenceBars);
