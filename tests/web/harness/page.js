// The page in a tab of its own server, and what the tests do on it again and again.

import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { draw, inPage, openTab, until } from './engines.js';
import { strokesOf } from './digits.js';
import { SITE, SiteServer } from './server.js';

/** Why tests that read with the digit network cannot run; `false` when they can. */
export const NO_DIGIT_NETWORK = existsSync(join(SITE, 'models/digits.safetensors'))
  ? false
  : 'www/models/digits.safetensors is not there';

/** @typedef {{ label: string, confidence: number }} Answer */

export class Page {
  server = new SiteServer();
  /** @type {import('./engines.js').Tab} */
  tab;
  /** Files for the page's inputs. */
  folder = '';

  /** @param {import('./engines.js').Tab} tab */
  constructor(tab) {
    this.tab = tab;
  }

  /**
   * Opens the page and waits until it is ready.
   * @param {{ dark?: boolean, hash?: string }} [options]
   */
  static async open({ dark, hash = '' } = {}) {
    const page = new Page(await openTab({ dark }));
    try {
      page.folder = await mkdtemp(join(tmpdir(), 'ocelli-files-'));
      await page.server.start();
      await page.tab.open(page.server.url + hash);
      await page.ready();
    } catch (error) {
      await page.close();
      throw error;
    }
    return page;
  }

  ready() {
    return until(this.tab, 'the page', () => document.documentElement.dataset['ready'] === '');
  }

  async close() {
    await this.tab.close();
    await this.server.stop();
    if (this.folder) await rm(this.folder, { recursive: true, force: true });
  }

  /** @param {string} name @param {Uint8Array | string} content */
  async file(name, content) {
    const path = join(this.folder, name);
    await writeFile(path, content);
    return path;
  }

  /**
   * Clears the pad and draws a digit.
   * @param {number} digit
   * @param {Parameters<typeof strokesOf>[1]} [place]
   */
  async drawDigit(digit, place) {
    await this.clear();
    await draw(this.tab, '#pad', strokesOf(digit, place));
  }

  async clear() {
    await inPage(this.tab, () => document.getElementById('clear')?.click());
    await until(this.tab, 'the empty answer', () => {
      const output = document.getElementById('top-prediction');
      return output?.dataset['label'] === undefined && output?.textContent === '';
    });
  }

  /** Shows the Teach view, and waits until what was kept of it is there. */
  async showTeach() {
    await this.show('teach');
    await until(this.tab, 'the view', () => document.getElementById('view-teach')?.dataset['open'] === '');
  }

  /**
   * Waits for the answer to what is on the pad, no older one.
   * @returns {Promise<Answer>}
   */
  async answer() {
    return until(this.tab, 'the answer', async () => {
      const read = () => ({ .../** @type {HTMLElement} */ (document.getElementById('top-prediction')).dataset });
      const before = JSON.stringify(read());
      // The answer is the newest one when it does not change any more.
      await new Promise((resolve) => setTimeout(resolve, 150));
      const { label, confidence } = read();
      return label !== undefined && before === JSON.stringify(read()) && { label, confidence: Number(confidence) };
    });
  }

  /**
   * Catches what the page saves from now on, as `globalThis.savedFile` there: a browser would show its downloads, WebKit's
   * in a bar that leaves the page less and less room.
   */
  async catchDownloads() {
    await inPage(this.tab, () => {
      const memory = /** @type {any} */ (globalThis);
      memory.savedFile = null;
      if (memory.catchesDownloads) return;
      memory.catchesDownloads = true;
      // Small pictures get addresses too: only what a link saves counts.
      const create = URL.createObjectURL;
      /** @type {Map<string, Blob>} */
      const blobs = new Map();
      URL.createObjectURL = (object) => {
        const url = create.call(URL, object);
        if (object instanceof Blob) blobs.set(url, object);
        return url;
      };
      const revoke = URL.revokeObjectURL;
      URL.revokeObjectURL = (url) => {
        blobs.delete(url);
        revoke.call(URL, url);
      };
      const { click } = HTMLAnchorElement.prototype;
      HTMLAnchorElement.prototype.click = function () {
        if (!this.download) return click.call(this);
        memory.savedFile = blobs.get(this.href) ?? null;
      };
    });
  }

  /** The messages shown. @returns {Promise<string>} */
  async notices() {
    return inPage(this.tab, () => document.getElementById('notices')?.innerText ?? '');
  }

  /** Waits for a message. @returns {Promise<string>} */
  async notice() {
    return until(this.tab, 'a message', () => document.querySelector('#notices .notice p')?.textContent);
  }

  /** Removes all messages, by their own buttons. */
  async dismissAll() {
    await inPage(this.tab, () => {
      for (const notice of document.querySelectorAll('#notices .notice')) {
        /** @type {HTMLElement | null} */ (notice.querySelector('button:last-of-type'))?.click();
      }
    });
  }

  /** @param {'draw' | 'photos' | 'teach' | 'train' | 'inside' | 'generate'} view */
  async show(view) {
    await this.tab.click(`a[data-view="${view}"]`);
    await until(this.tab, `the view ${view}`, (/** @type {string} */ id) => document.getElementById(id)?.hidden === false, `view-${view}`);
  }

  /**
   * Gives a form field its value as a person does.
   * @param {string} id
   * @param {string} value
   */
  async set(id, value) {
    await inPage(
      this.tab,
      (/** @type {string} */ id, /** @type {string} */ value) => {
        const field = /** @type {HTMLInputElement} */ (document.getElementById(id));
        field.value = value;
        field.dispatchEvent(new Event('input', { bubbles: true }));
        field.dispatchEvent(new Event('change', { bubbles: true }));
      },
      id,
      value,
    );
  }
}
