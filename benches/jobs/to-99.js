// MNIST from nothing to 99 % of its test digits, in the tab, by the recipe that was chosen on validation digits.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { spread } from './turns.js';

/** MNIST's folder in OCELLI_DATA; `null` where it is not. */
export function mnistFolder() {
  const folder = join(process.env['OCELLI_DATA'] ?? '', 'mnist');
  return process.env['OCELLI_DATA'] && existsSync(join(folder, 'train-images-idx3-ubyte.gz')) ? folder : null;
}

/** Runs that each number of workers gets, with seeds from 1. */
const RUNS = 3;

/**
 * Seconds from the data set being there to the end of training, and the accuracy that came of it.
 * @param {import('puppeteer-core').Browser} browser
 * @param {string} url
 * @param {string} version of ours
 * @param {(line: string) => void} tell
 * @returns {Promise<{ rows: import('./turns.js').Row[], lines: string[] }>}
 */
export async function to99(browser, url, version, tell) {
  if (!mnistFolder()) {
    tell('to-99 is left out: OCELLI_DATA names no folder with MNIST');
    return { rows: [], lines: [] };
  }
  const page = await browser.newPage();
  await page.goto(`${url}/jobs/page/to-99.html`);
  await page.waitForFunction('globalThis.to99');
  /** @type {Map<number, { seconds: number, accuracy: number, hash: string }[]>} */
  const results = new Map([[1, []], [2, []]]);
  for (let seed = 1; seed <= RUNS; seed += 1) {
    for (const [workers, list] of results) {
      list.push(/** @type {any} */ (await page.evaluate(`globalThis.to99(${workers}, ${seed})`)));
    }
  }
  await page.close();
  const lines = [];
  const rows = [];
  for (const [workers, list] of results) {
    const times = spread(list.map(({ seconds }) => seconds));
    rows.push({ job: 'to-99', task: 'to-99', batch: 0, workers, subject: 'ocelli', version, unit: 's', ...times });
    const told = list.map(({ accuracy }) => `${(100 * accuracy).toFixed(2)} %`).join(', ');
    lines.push(`Test accuracy of seeds 1 to ${RUNS}, ${workers} worker${workers > 1 ? 's' : ''}: ${told}.`);
  }
  const [one, two] = [...results.values()];
  const same = one?.every(({ hash }, index) => hash === two?.[index]?.hash);
  lines.push(same ? 'One and two workers came to the same weights, bit for bit.' : 'ONE AND TWO WORKERS CAME TO DIFFERENT WEIGHTS.');
  return { rows, lines };
}
