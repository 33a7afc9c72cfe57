// Chromium (over CDP) and Firefox (over WebDriver BiDi), by puppeteer-core, which brings no browser of its own.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer from 'puppeteer-core';
import { watch } from './watch.js';

const CHROMIUM_ARGS = [
  // Chromium's sandbox cannot run as root, which is what containers are.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-dev-shm-usage',
  '--no-first-run',
  // A camera with a picture of its own, permitted at once.
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
];
const FIREFOX_PREFERENCES = { 'app.update.enabled': false, 'browser.shell.checkDefaultBrowser': false };

/**
 * @param {string} engine `chromium` or `firefox`
 * @param {{ dark?: boolean }} options
 * @returns {Promise<import('./engines.js').Tab>}
 */
export async function openPuppeteer(engine, { dark = false }) {
  const firefox = engine === 'firefox';
  const userDataDir = await mkdtemp(join(tmpdir(), `ocelli-${engine}-`));
  const browser = await puppeteer.launch({
    browser: firefox ? 'firefox' : 'chrome',
    executablePath: firefox ? (process.env.FIREFOX ?? '/usr/bin/firefox-esr') : (process.env.CHROME ?? '/usr/bin/chromium'),
    headless: true,
    userDataDir,
    args: firefox ? [] : CHROMIUM_ARGS,
    extraPrefsFirefox: { ...FIREFOX_PREFERENCES, 'layout.css.prefers-color-scheme.content-override': dark ? 0 : 1 },
    defaultViewport: { width: 1280, height: 900 },
    protocolTimeout: 180_000,
  });
  const [page = await browser.newPage()] = await browser.pages();
  if (!firefox) await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }]);
  await page.evaluateOnNewDocument(watch);
  /** @type {Set<string>} */
  const urls = new Set();
  /** @type {string[]} */
  const console = [];
  page.on('request', (request) => urls.add(request.url()));
  page.on('console', (message) => {
    // The page's files have no favicon.ico, which is not the page's fault.
    if (message.type() === 'error' && !message.location().url?.endsWith('favicon.ico')) console.push(message.text());
  });
  page.on('pageerror', (error) => console.push(String(error)));
  const { mouse, touchscreen } = page;

  return {
    async open(url) {
      await page.goto(url, { waitUntil: 'load' });
    },
    run: (source) => page.evaluate(source),
    async pointer(path, kind = 'mouse') {
      let [x, y, isDown] = [0, 0, false];
      for (const step of path) {
        if (step.type === 'move') [x, y] = [step.x, step.y];
        if (kind === 'touch') {
          if (step.type === 'down') await touchscreen.touchStart(x, y);
          else if (step.type === 'up') await touchscreen.touchEnd();
          else if (isDown) await touchscreen.touchMove(x, y);
        } else if (step.type === 'move') await mouse.move(x, y);
        else if (step.type === 'down') await mouse.down();
        else await mouse.up();
        if (step.type !== 'move') isDown = step.type === 'down';
      }
    },
    click: (selector) => page.click(selector),
    async press(key, held = []) {
      for (const other of held) await page.keyboard.down(other);
      await page.keyboard.press(/** @type {import('puppeteer-core').KeyInput} */ (key));
      for (const other of held) await page.keyboard.up(other);
    },
    async choose(selector, paths) {
      const input = /** @type {import('puppeteer-core').ElementHandle<HTMLInputElement> | null} */ (await page.$(selector));
      if (!input) throw new Error(`there is no ${selector}`);
      await input.uploadFile(...paths);
      await input.dispose();
    },
    ...(!firefox && {
      process: browser.process()?.pid ?? 0,
      async drop(/** @type {string} */ selector, /** @type {string[]} */ files) {
        const { x = 0, y = 0 } = (await (await page.$(selector))?.clickablePoint()) ?? {};
        const session = await page.createCDPSession();
        const data = { items: [], files, dragOperationsMask: 1 };
        for (const type of /** @type {const} */ (['dragEnter', 'dragOver', 'drop'])) await session.send('Input.dispatchDragEvent', { type, x, y, data });
        await session.detach();
      },
      async paste() {
        await page.keyboard.down('Control');
        await page.keyboard.press('KeyV', { commands: ['Paste'] });
        await page.keyboard.up('Control');
      },
      allow: (/** @type {string} */ origin) => browser.defaultBrowserContext().overridePermissions(origin, ['clipboard-read', 'clipboard-sanitized-write']),
    }),
    resize: (width, height) => page.setViewport({ width, height }),
    urls: async () => [...urls],
    async problems() {
      const inPage = await page.evaluate('globalThis.ocelliProblems ?? []');
      return [...console.map((text) => `console: ${text}`), .../** @type {string[]} */ (inPage)];
    },
    screenshot: () => page.screenshot(),
    async close() {
      await browser.close();
      await rm(userDataDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
