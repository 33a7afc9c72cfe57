// The benchmark page: choose, start, stop, copy.

import { any, button, byId } from '../ui/dom.js';
import { missingFeature } from '../ui/support.js';
import { casesOf, measure } from './measure.js';
import { JOBS } from './networks.js';
import { device, imagesPerSecond, json, markdown, nameOf, range, time } from './words.js';

/** @type {import('./measure.js').Row[]} */
let rows = [];
/** @type {AbortController | null} */
let running = null;

const progress = byId('progress', HTMLProgressElement);
const text = byId('text', HTMLTextAreaElement);

for (const [job, { title }] of Object.entries(JOBS)) {
  const label = document.createElement('label');
  const box = Object.assign(document.createElement('input'), { type: 'checkbox', name: job, checked: true });
  label.append(box, title);
  any('jobs').append(label);
}

const missing = missingFeature();
if (missing) {
  any('state').textContent = `This browser has no ${missing}, which Ocelli computes with.`;
  button('start').disabled = true;
}

any('choice').addEventListener('submit', (event) => {
  event.preventDefault();
  if (!running) run();
});
button('stop').addEventListener('click', () => running?.abort());
button('copy-markdown').addEventListener('click', () => copy(markdown(rows)));
button('copy-json').addEventListener('click', () => copy(json(rows)));

async function run() {
  const boxes = [...document.querySelectorAll('#jobs input')].filter((box) => box instanceof HTMLInputElement);
  const cases = casesOf(boxes.filter(({ checked }) => checked).map(({ name }) => name));
  if (cases.length === 0) {
    any('state').textContent = 'Choose at least one network.';
    return;
  }
  running = new AbortController();
  rows = [];
  any('rows').replaceChildren();
  any('device').textContent = device();
  show({ busy: true });
  let outcome = 'Done.';
  try {
    for (const [index, task] of cases.entries()) {
      progress.value = index / cases.length;
      any('state').textContent = `${index + 1} of ${cases.length}. ${nameOf(task)}`;
      const row = await measure(task, running.signal);
      running.signal.throwIfAborted();
      rows.push(row);
      addRow(row);
    }
  } catch (error) {
    const stopped = running.signal.aborted;
    outcome = stopped ? 'Stopped.' : `It went wrong: ${error instanceof Error ? error.message : error}`;
  }
  running = null;
  any('state').textContent = outcome;
  show({ busy: false });
}

/** @param {{ busy: boolean }} state */
function show({ busy }) {
  document.documentElement.dataset['state'] = busy ? 'running' : 'idle';
  button('start').hidden = busy;
  button('stop').hidden = !busy;
  progress.hidden = !busy;
  for (const box of document.querySelectorAll('#jobs input')) box.toggleAttribute('disabled', busy);
  any('results').hidden = rows.length === 0 && !busy;
  any('copying').hidden = busy || rows.length === 0;
  any('copied').textContent = '';
  text.hidden = any('text-label').hidden = true;
}

/** @param {import('./measure.js').Row} row */
function addRow(row) {
  const line = document.createElement('tr');
  const name = Object.assign(document.createElement('th'), { scope: 'row', textContent: nameOf(row) });
  const cells = [time(row.median), range(row), imagesPerSecond(row)];
  line.append(name, ...cells.map((textContent) => Object.assign(document.createElement('td'), { textContent })));
  any('rows').append(line);
}

/** To the clipboard; where the browser forbids it, to a field to copy from. @param {string} result */
async function copy(result) {
  text.value = result;
  try {
    await navigator.clipboard.writeText(result);
    any('copied').textContent = 'Copied.';
  } catch {
    any('copied').textContent = 'The browser does not let the page copy. Here it is, selected:';
    text.hidden = any('text-label').hidden = false;
    text.select();
  }
}
