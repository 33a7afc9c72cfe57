// <request-counter>: at the foot of the page, how many requests went to the network since the page was ready; opened, each
// of them and what it was for.

import { RequestLog } from './request-log.js';
import { words } from './words.js';

/** What a part of this page is, by its address; the first that fits. @type {[RegExp, string][]} */
const PARTS = [
  [/^lib\/(pkg\/)?decode|^lib\/unzip/, 'decoder'],
  [/^lib\//, 'engine'],
  [/^data\//, 'sample'],
  [/^models\//, 'network'],
  [/^words\//, 'language'],
  [/later\/|^vendor\//, 'view'],
];
/** Lines that are shown; the count is of all. */
const MOST = 300;

export class RequestCounter extends HTMLElement {
  #log = new RequestLog();
  #summary = document.createElement('summary');
  #verdict = document.createElement('p');
  #list = document.createElement('ol');
  #how = document.createElement('p');

  /** Counts from now on. */
  start() {
    const details = document.createElement('details');
    details.append(this.#summary, this.#verdict, this.#list, this.#how);
    this.#list.tabIndex = 0;
    this.#list.setAttribute('aria-label', words('requests.list'));
    this.replaceChildren(details);
    this.#log.addEventListener('changed', () => this.#show());
    this.#log.start();
    this.#show();
  }

  #show() {
    const { asked, nStored, isWhole } = this.#log;
    const nOther = asked.filter(({ isPart }) => !isPart).length;
    const other = nOther > 0 ? ` ${words('requests.other', { n: nOther })}` : '';
    this.#summary.textContent = words('requests.count', { n: asked.length }) + other;
    this.toggleAttribute('data-other', nOther > 0);
    const verdict = nOther > 0 ? 'requests.notParts' : asked.length > 0 ? 'requests.parts' : 'requests.none';
    this.#verdict.textContent = words(verdict);
    for (const one of asked.slice(this.#list.children.length, MOST)) this.#list.append(itemOf(one));
    this.#list.hidden = asked.length === 0;
    const how = [words(isWhole ? 'requests.seen' : 'requests.halfSeen')];
    if (nStored > 0) how.unshift(words('requests.stored', { n: nStored }));
    this.#how.textContent = how.join(' ');
  }
}

/** @param {import('./request-log.js').Asked} asked */
function itemOf({ address, method, isPart, seconds }) {
  const item = document.createElement('li');
  const [, kind] = PARTS.find(([pattern]) => pattern.test(address)) ?? [null, 'page'];
  const what = isPart ? words(`requests.part-${kind}`) : words('requests.notPart', { method });
  item.dataset['address'] = address;
  item.textContent = words('requests.item', { seconds: Number(seconds.toFixed(1)), address, what });
  return item;
}

customElements.define('request-counter', RequestCounter);
