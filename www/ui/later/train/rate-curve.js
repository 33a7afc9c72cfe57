// The loss over the learning rate, which climbs by equal factors: its axis counts powers of ten.

import { loss } from '../../format.js';
import { words } from '../../words.js';

/** Of the drawing, in its own units. */
const [WIDTH, HEIGHT] = [320, 170];
const EDGE = { left: 40, right: 8, top: 8, bottom: 24 };

/**
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number>} attributes
 * @param {string} [text]
 */
function draw(tag, attributes, text = '') {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.textContent = text;
  return element;
}

/** A power of ten as people write it. @param {number} power */
const powerOfTen = (power) => (power >= -3 && power <= 1 ? String(+(10 ** power).toPrecision(1)) : `1e${power}`);

/**
 * @param {import('../../../lib/index.js').RateRange['rows']} rows
 * @param {number} suggestion
 */
export function rateCurve(rows, suggestion) {
  const powers = rows.map(({ learningRate }) => Math.log10(learningRate));
  const [low, high] = [powers[0] ?? -6, powers.at(-1) ?? 1];
  const losses = rows.map((row) => row.loss);
  const start = losses[0] ?? 1;
  const least = Math.min(...losses);
  // The steep end would press the rest flat.
  const most = Math.max(start, least + 1.5 * (start - least));
  const x = (/** @type {number} */ power) => EDGE.left + ((power - low) / (high - low || 1)) * (WIDTH - EDGE.left - EDGE.right);
  const y = (/** @type {number} */ value) => EDGE.top + ((most - Math.min(value, most)) / (most - least || 1)) * (HEIGHT - EDGE.top - EDGE.bottom);
  const svg = draw('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: 'rate-curve', role: 'img' });
  svg.setAttribute('aria-label', words('train.findCurve', { low: loss(start), least: loss(least), rate: String(+suggestion.toPrecision(2)) }));
  for (let power = Math.ceil(low); power <= high; power += 1) {
    svg.append(draw('line', { class: 'grid', x1: x(power), x2: x(power), y1: EDGE.top, y2: HEIGHT - EDGE.bottom }));
    svg.append(draw('text', { x: x(power), y: HEIGHT - 8, 'text-anchor': 'middle' }, powerOfTen(power)));
  }
  for (const value of [least, most]) svg.append(draw('text', { x: EDGE.left - 6, y: y(value) + 4, 'text-anchor': 'end' }, loss(value)));
  const marked = x(Math.log10(suggestion));
  svg.append(draw('line', { class: 'mark', x1: marked, x2: marked, y1: EDGE.top, y2: HEIGHT - EDGE.bottom }));
  const points = rows.map((row, i) => `${x(powers[i] ?? 0).toFixed(1)},${y(row.loss).toFixed(1)}`).join(' ');
  svg.append(draw('polyline', { points }));
  return svg;
}
