// The results in words: for the table, and to copy.

import { JOBS } from './networks.js';

/** @typedef {import('./measure.js').Case} Case */
/** @typedef {import('./measure.js').Row} Row */

/** @param {Case} task */
export function nameOf({ job, task, batch, workers }) {
  const [title = job] = (JOBS[job]?.title ?? job).split(',');
  if (task === 'predict') return `${title}: predict ${batch === 1 ? 'one picture' : `${batch} pictures`}`;
  return `${title}: train on ${batch} pictures, ${workers} ${workers === 1 ? 'worker' : 'workers'}`;
}

/** @param {number} milliseconds */
export function time(milliseconds) {
  return `${milliseconds >= 100 ? milliseconds.toFixed(0) : milliseconds.toPrecision(3)} ms`;
}

/** @param {Row} row */
export const range = ({ min, max }) => `${time(min).replace(' ms', '')} – ${time(max)}`;

/** @param {Row} row */
export const imagesPerSecond = ({ batch, median }) => Math.round((1000 * batch) / median).toLocaleString('en');

/** What this device tells of itself. */
export function device() {
  const cores = navigator.hardwareConcurrency ? `${navigator.hardwareConcurrency} processors` : 'processors unknown';
  return `${navigator.userAgent}; ${cores}; ${new Date().toISOString().slice(0, 10)}`;
}

/** @param {Row[]} rows */
export function markdown(rows) {
  const lines = rows.map((row) => `| ${nameOf(row)} | ${time(row.median)} | ${range(row)} | ${imagesPerSecond(row)} |`);
  const [first] = rows;
  return [`Ocelli, ${first?.version ?? ''}: ${device()}`, '', '| | median | range | images/s |', '|---|---|---|---|', ...lines, ''].join('\n');
}

/** @param {Row[]} rows */
export const json = (rows) => `${JSON.stringify(rows, null, 1)}\n`;
