// One browser, whichever engine: OCELLI_ENGINE is `chromium` (unless said), `firefox` or `webkit`.

import { openPuppeteer } from './puppeteer.js';
import { openWebKit } from './webkit.js';

export const ENGINE = process.env.OCELLI_ENGINE ?? 'chromium';

/**
 * A browser with one tab, the small common interface the tests are written against.
 * @typedef {object} Tab
 * @property {(url: string) => Promise<void>} open
 * @property {(source: string) => Promise<any>} run awaits an expression of the page, returns its JSON value
 * @property {(path: Step[], kind?: 'mouse' | 'touch') => Promise<void>} pointer real pointer events; in CSS pixels of
 *   the viewport
 * @property {(selector: string) => Promise<void>} click
 * @property {(key: string, held?: ('Control' | 'Shift')[]) => Promise<void>} press a key, named as `KeyboardEvent.key`,
 *   while others are held
 * @property {(selector: string, paths: string[]) => Promise<void>} choose files into a file input
 * @property {(selector: string, paths: string[]) => Promise<void>} [drop] files and folders onto an element; Chromium only
 * @property {() => Promise<void>} [paste] what is on the clipboard, by its keys; Chromium only
 * @property {(origin: string) => Promise<void>} [allow] the clipboard to pages from there; Chromium only
 * @property {number} [process] the browser's number among the system's; Chromium only
 * @property {(width: number, height: number) => Promise<void>} resize the viewport
 * @property {() => Promise<string[]>} urls of all that was asked for
 * @property {() => Promise<string[]>} problems what went wrong: errors, also in the console, and CSP violations
 * @property {() => Promise<Uint8Array>} screenshot PNG
 * @property {() => Promise<void>} close
 *
 * @typedef {{ type: 'move', x: number, y: number } | { type: 'down' } | { type: 'up' }} Step
 */

/** Longest wait for a condition, in seconds. */
const PATIENCE = 30;

/**
 * Starts the engine with one tab.
 * @param {{ dark?: boolean }} [options]
 * @returns {Promise<Tab>}
 */
export function openTab(options = {}) {
  return ENGINE === 'webkit' ? openWebKit() : openPuppeteer(ENGINE, options);
}

/**
 * Runs a function in the page with JSON arguments, awaits it, returns its JSON value.
 * @param {Tab} tab
 * @param {Function} body sees nothing of this file
 * @param {...any} args
 */
export function inPage(tab, body, ...args) {
  return tab.run(`(${body})(...${JSON.stringify(args)})`);
}

/**
 * Waits until a function in the page returns something true; returns that.
 * @param {Tab} tab
 * @param {string} what for the error, as in "the prediction"
 * @param {Function} condition
 * @param {...any} args
 */
export function until(tab, what, condition, ...args) {
  return within(PATIENCE, tab, what, condition, ...args);
}

/**
 * As `until`, for what may take longer.
 * @param {number} seconds
 * @param {Tab} tab
 * @param {string} what
 * @param {Function} condition
 * @param {...any} args
 */
export async function within(seconds, tab, what, condition, ...args) {
  const deadline = Date.now() + seconds * 1000;
  while (Date.now() < deadline) {
    // A second at a time in the page: short turns, few messages.
    const value = await tab.run(`(async () => {
      const end = performance.now() + 1000;
      for (;;) {
        const value = await (${condition})(...${JSON.stringify(args)});
        if (value || performance.now() > end) return value || null;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })()`);
    if (value) return value;
  }
  const page = await inPage(tab, () => ({
    notices: document.getElementById('notices')?.innerText,
    answer: document.getElementById('top-prediction')?.innerText,
    training: document.getElementById('run-state')?.innerText,
  }));
  const state = JSON.stringify({ ...page, problems: await tab.problems() });
  throw new Error(`${what} did not come in ${seconds} s: ${state}`);
}

/**
 * Draws on an element with the pointer.
 * @param {Tab} tab
 * @param {string} selector
 * @param {[number, number][][]} strokes points from 0 to 1 across the element
 * @param {'mouse' | 'touch'} [kind]
 */
export async function draw(tab, selector, strokes, kind = 'mouse') {
  // A view that has just been shown may still be moving: the element is where it is seen twice, on the screen.
  const box = await until(
    tab,
    `a place for ${selector}`,
    async (/** @type {string} */ selector) => {
      const element = /** @type {Element} */ (document.querySelector(selector));
      element.scrollIntoView({ block: 'center', behavior: 'instant' });
      const place = () => {
        const { x, y, width, height } = element.getBoundingClientRect();
        return { x, y, width, height };
      };
      const before = place();
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      const { x, y, width, height } = place();
      const isStill = x === before.x && y === before.y && width === before.width;
      const isSeen = width > 0 && x >= 0 && y >= 0 && x + width <= innerWidth && y + height <= innerHeight;
      return isStill && isSeen ? { x, y, width, height } : null;
    },
    selector,
  );
  /** @type {Step[]} */
  const steps = [];
  for (const stroke of strokes) {
    stroke.forEach(([x, y], index) => {
      steps.push({ type: 'move', x: Math.round(box.x + x * box.width), y: Math.round(box.y + y * box.height) });
      if (index === 0) steps.push({ type: 'down' });
    });
    steps.push({ type: 'up' });
  }
  await tab.pointer(steps, kind);
}
