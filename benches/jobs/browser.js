// Chromium with one tab for each subject.

import puppeteer from 'puppeteer-core';

const ARGS = [
  // Chromium's sandbox cannot run as root, which is what containers are.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-dev-shm-usage',
  '--no-first-run',
  // A tab that is not in front keeps its speed.
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
];

export function launch() {
  const executablePath = process.env['CHROME'] ?? '/usr/bin/chromium';
  return puppeteer.launch({ browser: 'chrome', executablePath, headless: true, args: ARGS, protocolTimeout: 600_000 });
}

/**
 * A tab that measures one subject.
 * @param {import('puppeteer-core').Browser} browser
 * @param {string} url
 * @param {import('./subjects.js').Subject} subject
 * @returns {Promise<import('./turns.js').Runner & { heap: () => Promise<number>, close: () => Promise<void> }>}
 */
export async function openSubject(browser, url, subject) {
  const page = await browser.newPage();
  await page.goto(`${url}/bench/${subject.name}.html`, { waitUntil: 'load' });
  await page.waitForFunction('globalThis.bench');
  const call = async (/** @type {string} */ name, /** @type {any[]} */ ...args) => {
    const source = `globalThis.bench.${name}(${args.map((arg) => JSON.stringify(arg)).join(', ')})`;
    return /** @type {any} */ (await page.evaluate(source));
  };
  const told = await call('start', subject.module, subject.backend ?? '');
  return {
    name: subject.name,
    version: told ?? subject.version,
    ourWeights: subject.ourWeights ?? false,
    prepare: (task, warmUp) => call('prepare', task, warmUp),
    measure: (budget) => call('measure', budget),
    release: () => call('release'),
    heap: () => call('heap'),
    close: () => page.close(),
  };
}

/**
 * Milliseconds from navigation to the first prediction, in a profile that has never seen anything.
 * @param {import('puppeteer-core').Browser} browser
 * @param {string} url
 * @param {string} name
 */
export async function coldStart(browser, url, name) {
  const context = await browser.createBrowserContext();
  try {
    const page = await context.newPage();
    await page.goto(`${url}/cold/${name}.html`);
    await page.waitForFunction('globalThis.firstPrediction', { timeout: 60_000 });
    return Number(await page.evaluate('globalThis.firstPrediction'));
  } finally {
    await context.close();
  }
}
