// <confusion-table>: what each digit was taken for, as a table with numbers and shading. <class-balance>: how many
// examples each class has, as small columns.

import { className } from './class-names.js';
import { count, percent } from './format.js';
import { words } from './words.js';

/** A table of more classes than this cannot be read. */
const MOST = 20;

export class ConfusionTable extends HTMLElement {
  /** Called with the class and what it was read as, when a cell that is not empty is chosen. */
  onCell = (/** @type {number} */ _actual, /** @type {number} */ _predicted) => {};

  /**
   * @param {readonly (readonly number[])[]} confusion `[actual][predicted]` counts
   * @param {readonly string[]} labels
   */
  show(confusion, labels) {
    labels = labels.map(className);
    this.replaceChildren();
    if (confusion.length > MOST) return;
    const table = document.createElement('table');
    const caption = table.createCaption();
    caption.textContent = words('train.matrixCaption');
    const head = table.createTHead().insertRow();
    const corner = document.createElement('td');
    head.append(corner);
    for (const label of labels) head.append(this.#header(label, 'col'));
    const body = table.createTBody();
    confusion.forEach((row, actual) => {
      const line = body.insertRow();
      line.append(this.#header(labels[actual] ?? '', 'row'));
      const total = row.reduce((sum, value) => sum + value, 0) || 1;
      row.forEach((value, predicted) => {
        const cell = line.insertCell();
        const pair = { actual: labels[actual] ?? '', predicted: labels[predicted] ?? '', n: value };
        if (value > 0) {
          const choose = document.createElement('button');
          choose.type = 'button';
          choose.textContent = String(value);
          choose.setAttribute('aria-label', words('train.cellShow', pair));
          choose.addEventListener('click', () => this.onCell(actual, predicted));
          cell.append(choose);
        } else cell.textContent = '0';
        const share = value / total;
        // A few mistakes among hundreds must still be seen: errors are shaded by the root of their share.
        const depth = actual === predicted ? share : Math.min(1, Math.sqrt(share) * 1.6);
        cell.className = value === 0 ? 'zero' : actual === predicted ? 'right' : 'wrong';
        cell.style.setProperty('--depth', depth.toFixed(3));
        if (value > 0 && actual !== predicted) cell.title = words('train.cell', pair);
      });
    });
    const scroll = document.createElement('div');
    scroll.className = 'table-scroll';
    scroll.tabIndex = 0;
    scroll.setAttribute('role', 'group');
    scroll.setAttribute('aria-label', words('train.matrix'));
    scroll.append(table);
    this.append(scroll);
  }

  /**
   * @param {string} label
   * @param {'row' | 'col'} scope
   */
  #header(label, scope) {
    const cell = document.createElement('th');
    cell.scope = scope;
    cell.textContent = label;
    return cell;
  }
}

/**
 * A confusion matrix in one or two sentences.
 * @param {{ accuracy: number, nExamples: number, confusion: readonly (readonly number[])[] }} evaluation
 * @param {readonly string[]} labels
 */
export function confusionWords(evaluation, labels) {
  const { accuracy, nExamples, confusion } = evaluation;
  const right = confusion.reduce((sum, row, index) => sum + (row[index] ?? 0), 0);
  const values = { right, all: nExamples, share: percent(accuracy, 2) };
  let worst = { actual: 0, predicted: 0, value: 0 };
  confusion.forEach((row, actual) =>
    row.forEach((value, predicted) => {
      if (actual !== predicted && value > worst.value) worst = { actual, predicted, value };
    }),
  );
  if (worst.value === 0) return words('train.summary', values);
  const { [worst.actual]: actual = '', [worst.predicted]: predicted = '' } = labels.map(className);
  return words('train.summaryWorst', { ...values, actual, predicted, n: worst.value });
}

export class ClassBalance extends HTMLElement {
  /**
   * @param {readonly number[]} counts
   * @param {readonly string[]} labels
   */
  show(counts, labels) {
    labels = labels.map(className);
    this.replaceChildren();
    if (counts.length === 0 || counts.length > MOST) return;
    const most = Math.max(...counts, 1);
    const list = document.createElement('ul');
    list.setAttribute('aria-label', words('train.balance'));
    counts.forEach((value, index) => {
      const item = document.createElement('li');
      const bar = document.createElement('span');
      bar.className = 'balance-bar';
      bar.style.setProperty('--share', String(value / most));
      const label = document.createElement('span');
      label.className = 'balance-label';
      label.textContent = labels[index] ?? String(index);
      const number = document.createElement('span');
      number.className = 'visually-hidden';
      number.textContent = `: ${count(value)}`;
      item.title = `${labels[index] ?? index}: ${count(value)}`;
      item.append(bar, label, number);
      list.append(item);
    });
    this.append(list);
  }
}

customElements.define('confusion-table', ConfusionTable);
customElements.define('class-balance', ClassBalance);
