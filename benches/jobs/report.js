// The figures as Markdown: a table for each task, with our ratio to the fastest peer.

import { JOBS } from '../../www/bench/networks.js';

/** @typedef {import('./turns.js').Row} Row */

/**
 * @param {Row[]} rows
 * @param {{ machine: string, date: string, findings: string[], remarks: string[], quick: boolean }} about
 */
export function report(rows, { machine, date, findings, remarks, quick }) {
  const names = [...new Map(rows.map(({ subject, version }) => [subject, `${subject} ${version}`])).values()];
  const lines = [
    `Measured on ${date}: ${machine}; ${names.join(', ')}.${quick ? ' A quick run: figures are rough.' : ''}`,
    '',
  ];
  const tasks = [...new Set(rows.map(({ task }) => task))];
  for (const task of tasks) lines.push(...table(task, rows.filter((row) => row.task === task)), '');
  if (findings.length > 0) lines.push(...findings, '');
  if (remarks.length > 0) lines.push('Left out:', '', ...remarks.map((remark) => `- ${remark}`), '');
  return lines.join('\n');
}

const TITLES = new Map([
  ['predict', 'Prediction, ms a batch'],
  ['train', 'Training, ms a step'],
  ['memory-train', "Memory of WebAssembly after training, MB"],
  ['memory-predict', 'Memory of WebAssembly after a prediction, MB'],
  ['cold-start', 'Navigation to the first prediction with an empty cache, ms'],
  ['transfer', 'Script and wasm transferred for it, kB gzipped'],
  ['to-99', 'MNIST from nothing to 99 %, seconds'],
]);

/** @param {string} task @param {Row[]} rows */
function table(task, rows) {
  const subjects = [...new Set(rows.map(({ subject }) => subject))];
  const ratio = subjects.includes('ocelli') && subjects.length > 1;
  const head = ['', ...subjects, ...(ratio ? ['times as fast as the fastest other in the browser', 'as PyTorch'] : [])];
  const lines = [`**${TITLES.get(task) ?? task}**`, '', line(head), line(head.map(() => '---'))];
  const cases = [...new Set(rows.map(keyOf))];
  for (const key of cases) {
    const of = rows.filter((row) => keyOf(row) === key);
    const find = (/** @type {string} */ name) => of.find(({ subject }) => subject === name);
    const cells = subjects.map((name) => cell(find(name)));
    const ours = find('ocelli');
    if (ratio) {
      const browser = of.filter(({ subject }) => subject !== 'ocelli' && subject !== 'pytorch');
      const fastest = browser.reduce((best, row) => (best && best.median <= row.median ? best : row), browser[0]);
      cells.push(times(ours, fastest), times(ours, find('pytorch')));
    }
    lines.push(line([of[0] ? title(of[0]) : '', ...cells]));
  }
  return lines;
}

/** @param {Row} row */
const keyOf = ({ job, optimizer, batch, workers }) => [job, optimizer, batch, workers].join();

/** @param {Row} row */
function title({ job, task, optimizer, batch, workers }) {
  const parts = [job, ...(optimizer ? [optimizer] : [])];
  if (task === 'predict' || task === 'train') parts.push(`batch ${batch}`);
  if (task === 'train' || task === 'to-99') parts.push(`${workers} worker${workers > 1 ? 's' : ''}`);
  return `${parts.join(', ')}${JOBS[job] && batch === 1 && task === 'predict' ? ` (${JOBS[job].title})` : ''}`;
}

/** @param {Row | undefined} row */
function cell(row) {
  if (!row) return '–';
  const spread = row.runs > 1 ? ` (${short(row.min)}–${short(row.max)})` : '';
  return `${short(row.median)}${spread}`;
}

/** @param {number} value */
const short = (value) => Number(value.toPrecision(3)).toLocaleString('en', { maximumSignificantDigits: 3 });

/** @param {Row | undefined} ours @param {Row | undefined} other */
const times = (ours, other) => (ours && other ? `${(other.median / ours.median).toFixed(2)}×` : '–');

/** @param {string[]} cells */
const line = (cells) => `| ${cells.join(' | ')} |`;
