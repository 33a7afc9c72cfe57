// What the network can bear: the picture at hand disturbed, and the accuracy on the sample as a disturbance grows.

import '../../curve-chart.js';
import { className } from '../../class-names.js';
import { any, button, byId, input, select } from '../../dom.js';
import { percent } from '../../format.js';
import { errorCode, errorWords, notify } from '../../notices.js';
import { fetchSample } from '../../train-data.js';
import { words } from '../../words.js';
import { paintPicture } from './paint.js';

/** @typedef {import('../../../lib/index.js').Classifier} Classifier */
/** @typedef {import('../../../lib/index.js').DisturbanceKind} Kind */

/** The strongest of each kind, at the right end of the slider. @type {Record<Kind, number>} */
const MOST = { noise: 0.8, shift: 10, rotation: 90, blur: 4, fgsm: 0.4, pgd: 0.4 };
/** Points of a curve, and pictures it is measured on. */
const [POINTS, PICTURES] = [9, 500];

export class RobustnessPanel {
  #network;
  #picture;
  /** @type {AbortController | null} */
  #measuring = null;
  #turn = 0;
  /** The last two measurements, the newer first. @type {import('../../../lib/index.js').RobustnessPoint[][]} */
  #curves = [[], []];
  #chart = /** @type {import('../../curve-chart.js').CurveChart} */ (document.createElement('curve-chart'));

  /**
   * @param {() => Classifier | null} network
   * @param {() => import('../../../lib/index.js').Pixels | null} picture as the network sees it
   */
  constructor(network, picture) {
    this.#network = network;
    this.#picture = picture;
    for (const [name, text] of [['heading', words('inside.accuracy')], ['kind', 'share'], ['first', words('inside.now')], ['second', words('inside.before')], ['along', words('inside.strength')]]) {
      this.#chart.setAttribute(name ?? '', text ?? '');
    }
    this.#chart.hidden = true;
    any('inside-curve').before(this.#chart);
    input('inside-strength').addEventListener('input', () => this.show());
    select('inside-kind').addEventListener('change', () => this.show());
    button('inside-measure').addEventListener('click', () => this.#measure());
  }

  get #kind() {
    return /** @type {Kind} */ (select('inside-kind').value);
  }

  /** Disturbs the picture at hand. */
  async show() {
    const [network, picture] = [this.#network(), this.#picture()];
    const slider = input('inside-strength');
    const strength = (MOST[this.#kind] * Number(slider.value)) / Number(slider.max);
    slider.setAttribute('aria-valuetext', told(this.#kind, strength));
    const turn = ++this.#turn;
    if (!network || !picture) return;
    const disturbed = await network.disturb(picture, { kind: this.#kind, strength }).catch(() => null);
    const [top] = disturbed?.prediction.classes ?? [];
    if (!disturbed || !top || turn !== this.#turn) return;
    const canvas = byId('inside-disturbed', HTMLCanvasElement);
    paintPicture(canvas, disturbed.picture);
    const answer = words('inside.disturbedAnswer', { strength: told(this.#kind, strength), label: className(top.label), share: percent(top.confidence) });
    any('inside-disturbed-answer').textContent = answer;
    canvas.setAttribute('aria-label', answer);
  }

  /** Forgets what was measured of another network. */
  clear() {
    this.#measuring?.abort();
    this.#curves = [[], []];
    this.#chart.reset(100);
    this.#chart.hidden = byId('inside-curve', HTMLTableElement).hidden = true;
  }

  async #measure() {
    if (this.#measuring) {
      this.#measuring.abort();
      return;
    }
    const network = this.#network();
    if (!network) return;
    const bar = byId('inside-progress', HTMLProgressElement);
    const kind = this.#kind;
    this.#measuring = new AbortController();
    const { signal } = this.#measuring;
    button('inside-measure').textContent = words('inside.cancel');
    this.#curves = [[], this.#curves[0] ?? []];
    this.#chart.hidden = false;
    this.#chart.reset(100);
    bar.value = 0;
    bar.hidden = false;
    try {
      const { source } = await fetchSample();
      await network.setDataset(source, { signal });
      const strengths = Array.from({ length: POINTS }, (_, i) => (MOST[kind] * i) / (POINTS - 1));
      const points = await network.robustness({ kind, strengths, nExamples: PICTURES }, (progress) => {
        bar.value = progress.share;
        this.#fill(kind, progress.points);
      }, signal);
      this.#fill(kind, points);
    } catch (error) {
      if (errorCode(error) !== 'aborted') notify(errorWords(error));
    } finally {
      this.#measuring = null;
      bar.hidden = true;
      button('inside-measure').textContent = words('inside.measure');
    }
  }

  /** @param {Kind} kind @param {import('../../../lib/index.js').RobustnessPoint[]} points */
  #fill(kind, points) {
    const table = byId('inside-curve', HTMLTableElement);
    table.hidden = points.length === 0;
    this.#curves[0] = points;
    const [now = [], before = []] = this.#curves;
    for (let i = 0; i < Math.max(now.length, before.length); i += 1) {
      this.#chart.add({ epoch: (100 * i) / (POINTS - 1), training: now[i]?.accuracy ?? null, validation: before[i]?.accuracy ?? null });
    }
    table.tBodies[0]?.replaceChildren(
      ...points.map(({ strength, accuracy }) => {
        const row = document.createElement('tr');
        const head = document.createElement('th');
        head.scope = 'row';
        head.textContent = told(kind, strength);
        row.append(head);
        const cell = row.insertCell();
        cell.textContent = percent(accuracy, 1);
        cell.style.setProperty('--share', `${accuracy * 100}%`);
        return row;
      }),
    );
  }
}

/** @param {Kind} kind @param {number} strength */
function told(kind, strength) {
  if (kind === 'rotation') return `${Math.round(strength)}°`;
  if (kind === 'shift' || kind === 'blur') return words('inside.pixels', { n: Math.round(strength * 10) / 10 });
  return percent(strength, 1);
}
