// What can be done with a chart of curves: a logarithmic scale, a look at a part of it, its numbers and its picture.

import { saveFile } from '../../dom.js';
import { make } from '../../option-field.js';
import { words } from '../../words.js';

/** @typedef {import('../../curve-chart.js').CurveChart} CurveChart */

/** Around the curves in the picture, in its own pixels. */
const MARGIN = 24;
/** Height of the picture's heading. */
const HEAD = 56;

/**
 * A field of a CSV file, quoted where it must be.
 * @param {string | number | null | undefined} value
 */
export function csvField(value) {
  const text = String(value ?? '');
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * The points of a chart as CSV: its own, then those of each other run.
 * @param {Pick<CurveChart, 'points' | 'others'>} chart
 */
export function csvOf({ points, others }) {
  const lines = [['run', 'epoch', 'training', 'validation']];
  for (const { epoch, training, validation } of points) {
    if (training !== null || validation !== null) lines.push(['', String(epoch), String(training ?? ''), String(validation ?? '')]);
  }
  for (const { label, points: own } of others) {
    for (const { epoch, value } of own) lines.push([label, String(epoch), String(value), '']);
  }
  return `${lines.map((line) => line.map(csvField).join(',')).join('\r\n')}\r\n`;
}

/**
 * The chart as it is seen, with its heading.
 * @param {CurveChart} chart
 * @returns {Promise<Blob | null>}
 */
function pictureOf(chart) {
  const curves = chart.canvas;
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');
  if (!curves || !context) return Promise.resolve(null);
  const ratio = curves.width / (curves.clientWidth || curves.width);
  canvas.width = curves.width + 2 * MARGIN * ratio;
  canvas.height = curves.height + (MARGIN + HEAD) * ratio;
  const style = getComputedStyle(chart);
  const color = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  context.scale(ratio, ratio);
  context.fillStyle = color('--surface');
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = style.color;
  context.font = '600 16px system-ui, sans-serif';
  context.fillText(chart.getAttribute('heading') ?? '', MARGIN, 28);
  context.font = '13px system-ui, sans-serif';
  let left = MARGIN;
  for (const [kind, name] of [['--training', chart.getAttribute('first')], ['--validation', chart.getAttribute('second')]]) {
    context.strokeStyle = color(kind ?? '');
    context.lineWidth = 2;
    context.setLineDash(kind === '--validation' ? [6, 4] : []);
    context.beginPath();
    context.moveTo(left, 44);
    context.lineTo(left + 24, 44);
    context.stroke();
    context.fillText(name ?? '', left + 30, 48);
    left += 54 + context.measureText(name ?? '').width;
  }
  context.drawImage(curves, MARGIN, HEAD, curves.width / ratio, curves.height / ratio);
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
}

/**
 * Puts the tools below a chart.
 * @param {CurveChart} chart
 */
export function addChartTools(chart) {
  const heading = chart.getAttribute('heading') ?? '';
  const tool = (/** @type {string} */ name, /** @type {string} */ text, /** @type {() => void} */ run) => {
    const button = make('button', { type: 'button', class: 'quiet', 'data-tool': name }, text);
    button.addEventListener('click', run);
    return button;
  };
  const log = tool('log', words('train.logScale'), () => {
    chart.isLog = !chart.isLog;
    log.setAttribute('aria-pressed', String(chart.isLog));
  });
  log.setAttribute('aria-pressed', 'false');
  const whole = tool('whole', words('train.wholeRun'), () => {
    chart.zoom(null);
    closer.focus();
  });
  const closer = tool('closer', words('train.laterHalf'), () => {
    const [from, to] = chart.shown;
    chart.zoom([(from + to) / 2, to]);
  });
  const fileName = `ocelli-${chart.id.replace('chart-', '')}`;
  const csv = tool('csv', words('train.saveCsv'), () => saveFile(new Blob([csvOf(chart)], { type: 'text/csv' }), `${fileName}.csv`));
  const png = tool('png', words('train.savePng'), async () => {
    const picture = await pictureOf(chart);
    if (picture) saveFile(picture, `${fileName}.png`);
  });
  const follow = () => (whole.hidden = !chart.isZoomed);
  chart.addEventListener('zoomed', follow);
  follow();
  const tools = make('div', { class: 'chart-tools', role: 'group', 'aria-label': words('train.chartTools', { heading }) });
  if (chart.getAttribute('kind') === 'loss') tools.append(log);
  tools.append(closer, whole, csv, png);
  chart.append(tools);
}
