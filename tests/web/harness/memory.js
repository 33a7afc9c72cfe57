// What a tab takes of the machine's memory: of the browser's processes the largest that draws pages, with all its workers, as Linux
// tells it.

import { readFile, readdir } from 'node:fs/promises';

/** Between two looks, in ms. */
const EVERY = 250;

/** @param {string} path */
const textOf = (path) => readFile(path, 'utf8').catch(() => '');

/** The process and all it started. @param {number} root @returns {Promise<number[]>} */
async function processesOf(root) {
  /** @type {Map<number, number>} */
  const parents = new Map();
  for (const name of await readdir('/proc').catch(() => [])) {
    const parent = /^PPid:\s+(\d+)/m.exec(await textOf(`/proc/${name}/status`))?.[1];
    if (/^\d+$/.test(name) && parent) parents.set(Number(name), Number(parent));
  }
  const found = [root];
  for (const one of found) found.push(...[...parents].filter(([, parent]) => parent === one).map(([child]) => child));
  return found;
}

/** Looks after which it is asked anew which processes there are. */
const LOOKS = 12;

/** The most memory at a time since it was made, or since it was last asked for. */
export class TabMemory {
  #root;
  #most = 0;
  #nLooks = 0;
  /** @type {number[]} */
  #pages = [];
  #timer;

  /** @param {number} root the browser's process */
  constructor(root) {
    this.#root = root;
    this.#timer = setInterval(() => this.#look(), EVERY);
  }

  async #look() {
    if (this.#nLooks++ % LOOKS === 0) {
      const all = await processesOf(this.#root);
      const lines = await Promise.all(all.map((id) => textOf(`/proc/${id}/cmdline`)));
      this.#pages = all.filter((_, place) => lines[place]?.includes('--type=renderer'));
    }
    for (const id of this.#pages) {
      const kilobytes = /^VmRSS:\s+(\d+)/m.exec(await textOf(`/proc/${id}/status`))?.[1];
      this.#most = Math.max(this.#most, Number(kilobytes ?? 0) / 1000);
    }
  }

  /** In MB; 0 where the system does not tell. */
  async most() {
    this.#nLooks = 0;
    await this.#look();
    const most = Math.round(this.#most);
    this.#most = 0;
    return most;
  }

  end() {
    clearInterval(this.#timer);
  }
}
