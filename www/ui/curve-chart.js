// <curve-chart>: training and validation over epochs, drawn by uPlot, which is loaded with the first chart.
//
// Attributes: `heading`, `kind` ("loss" or "share"), `first` and `second` (what the curves are of), `along` (of what).
// Points may come as fast as they like: the chart is drawn at most a few times a second, and only while it can be seen.
// Dragging over it zooms in. Its scale can be logarithmic, and curves of other runs can lie thinly beside its own.

import { loss, percent } from './format.js';
import { words } from './words.js';

/** @typedef {import('uplot')} UPlot */
/** @typedef {{ epoch: number, training: number | null, validation: number | null }} CurvePoint */
/**
 * The curve of another run.
 * @typedef {object} OtherCurve
 * @property {string} label short: it stands at the curve's end, too
 * @property {string} color a custom property of the style
 * @property {{ epoch: number, value: number }[]} points
 */

/** Milliseconds between two drawings. */
const PAUSE = 200;

/** @type {Promise<typeof import('uplot')> | null} */
let plotting = null;

/** WebKit in a "C" locale calls its language "c", which `Intl`, and so the plot library while it loads, refuses. */
function nameLanguage() {
  try {
    new Intl.NumberFormat(navigator.language);
  } catch {
    Object.defineProperty(navigator, 'language', { value: 'en', configurable: true });
  }
}

/** The plot library and its style sheet, fetched once. */
function loadPlotting() {
  plotting ??= (async () => {
    const style = document.createElement('link');
    style.rel = 'stylesheet';
    style.href = new URL('../vendor/uPlot.min.css', import.meta.url).href;
    document.head.append(style);
    nameLanguage();
    const module = await import(new URL('../vendor/uPlot.esm.js', import.meta.url).href);
    return module.default;
  })();
  return plotting;
}

export class CurveChart extends HTMLElement {
  static observedAttributes = ['heading', 'first', 'second', 'along'];
  /** @type {import('uplot') | null} */
  #plot = null;
  /** @type {typeof import('uplot') | null} */
  #Plot = null;
  /** @type {OtherCurve[]} */
  #others = [];
  #isLog = false;
  /** The epochs that are shown; null for all. @type {[number, number] | null} */
  #zoom = null;
  /** @type {CurvePoint[]} */
  #points = [{ epoch: 0, training: null, validation: null }];
  #nEpochs = 3;
  #host = document.createElement('div');
  #title = document.createElement('h2');
  #firstName = document.createElement('span');
  #secondName = document.createElement('span');
  #timer = 0;
  #drawn = 0;

  connectedCallback() {
    if (this.#host.isConnected) return;
    const legend = document.createElement('p');
    legend.className = 'legend';
    for (const entry of [this.#firstName, this.#secondName]) legend.append(entry);
    this.#firstName.className = 'legend-training';
    this.#secondName.className = 'legend-validation';
    const head = document.createElement('div');
    head.className = 'chart-head';
    head.append(this.#title, legend);
    this.#host.className = 'chart-host';
    this.#host.setAttribute('role', 'img');
    this.#name();
    this.append(head, this.#host);
    new ResizeObserver(() => this.#fit()).observe(this.#host);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#plot?.redraw());
  }

  /** The words of the page may come after the chart. */
  attributeChangedCallback() {
    if (this.#host.isConnected) this.#name();
  }

  #name() {
    this.#title.textContent = this.#heading;
    this.#firstName.textContent = this.#first;
    this.#secondName.textContent = this.#second;
    this.#describe();
  }

  get #heading() {
    return this.getAttribute('heading') ?? '';
  }

  /** Empties the chart for a run of so many epochs. @param {number} nEpochs */
  reset(nEpochs) {
    this.#points = [{ epoch: 0, training: null, validation: null }];
    this.#nEpochs = nEpochs;
    this.#setZoom(null);
    this.#soon();
  }

  /** The chart's own points. @returns {readonly CurvePoint[]} */
  get points() {
    return this.#points;
  }

  get others() {
    return this.#others;
  }

  /** Curves of other runs. */
  set others(others) {
    const names = (/** @type {OtherCurve[]} */ curves) => curves.map(({ label, color }) => label + color).join();
    const same = names(others) === names(this.#others);
    this.#others = others;
    // Only other points: the plot can stay.
    if (same) this.#soon();
    else this.#again();
  }

  get isLog() {
    return this.#isLog;
  }

  set isLog(isLog) {
    this.#isLog = isLog;
    this.#again();
  }

  /** The epochs that are shown, of all. @returns {[number, number]} */
  get shown() {
    return this.#zoom ?? [0, this.#end];
  }

  get isZoomed() {
    return this.#zoom !== null;
  }

  /** Shows these epochs, or all of them; tells by the event `zoomed`. @param {[number, number] | null} range */
  zoom(range) {
    this.#setZoom(range);
    this.#draw();
  }

  /** What is drawn; null before there is something. @returns {HTMLCanvasElement | null} */
  get canvas() {
    return this.#host.querySelector('canvas');
  }

  get #end() {
    return Math.max(this.#nEpochs, ...this.#others.map(({ points }) => points.at(-1)?.epoch ?? 0));
  }

  /** @param {[number, number] | null} range */
  #setZoom(range) {
    if (range === null && this.#zoom === null) return;
    this.#zoom = range;
    this.dispatchEvent(new Event('zoomed'));
  }

  /** The curves or the scale are others now. */
  #again() {
    this.#plot?.destroy();
    this.#plot = null;
    this.#soon();
  }

  /** What the solid curve is of. */
  get #first() {
    return this.getAttribute('first') ?? words('train.training');
  }

  /** What the dashed curve is of. */
  get #second() {
    return this.getAttribute('second') ?? words('train.validation');
  }

  /** Makes room up to here. @param {number} end */
  extend(end) {
    if (end > this.#nEpochs) this.#nEpochs = end;
  }

  /** @param {CurvePoint} point */
  add(point) {
    // Points come in order, but for an epoch's validation, which may be told after the next epoch has begun.
    const before = this.#points.findLastIndex(({ epoch }) => epoch <= point.epoch);
    const same = this.#points[before];
    if (same && same.epoch === point.epoch) {
      same.training = point.training ?? same.training;
      same.validation = point.validation ?? same.validation;
    } else this.#points.splice(before + 1, 0, point);
    this.#soon();
  }

  #soon() {
    if (this.#timer) return;
    const wait = Math.max(0, PAUSE - (performance.now() - this.#drawn));
    this.#timer = setTimeout(() => {
      requestAnimationFrame(() => {
        this.#timer = 0;
        this.#draw();
      });
    }, wait);
  }

  #draw() {
    this.#drawn = performance.now();
    if (this.#host.clientWidth === 0) return;
    if (!this.#plot) {
      this.#create();
      return;
    }
    this.#plot.setData(this.#data(), false);
    this.#showEpochs();
    this.#describe();
  }

  #showEpochs() {
    const [min, max] = this.shown;
    this.#plot?.setScale('x', { min, max });
  }

  /** @returns {import('uplot').AlignedData} */
  #data() {
    /** A logarithm has no place for zero. @param {number | null} value */
    const placed = (value) => (this.#isLog && !(value && value > 0) ? null : value);
    /** @type {import('uplot').AlignedData} */
    const own = [
      this.#points.map((point) => point.epoch),
      this.#points.map((point) => placed(point.training)),
      this.#points.map((point) => placed(point.validation)),
    ];
    if (!this.#Plot || this.#others.length === 0) return own;
    /** @type {import('uplot').AlignedData[]} */
    const others = this.#others.map(({ points }) => [points.map(({ epoch }) => epoch), points.map(({ value }) => placed(value))]);
    return this.#Plot.join([own, ...others]);
  }

  async #create() {
    const Plot = await loadPlotting().catch(() => null);
    if (!Plot) {
      this.#host.textContent = words('train.noChart');
      return;
    }
    if (this.#plot || this.#host.clientWidth === 0) return;
    this.#Plot = Plot;
    const color = (/** @type {string} */ name) => () => getComputedStyle(this).getPropertyValue(name).trim();
    const share = this.getAttribute('kind') === 'share';
    const print = share ? (/** @type {number} */ value) => percent(value, value > 0.9 && value < 1 ? 1 : 0) : loss;
    const axis = {
      stroke: color('--muted'),
      grid: { stroke: color('--line'), width: 1 },
      ticks: { show: false },
      font: '12px system-ui, sans-serif',
      labelFont: '12px system-ui, sans-serif',
    };
    this.#plot = new Plot(
      {
        ...this.#size(),
        padding: [8, 12, 0, 0],
        cursor: {
          drag: { x: true, y: false, setScale: false },
          points: { size: 7 },
          bind: { dblclick: () => () => this.#whole() },
        },
        legend: { show: false },
        scales: {
          x: { time: false, range: (_, min, max) => [min, max] },
          y: { distr: this.#isLog ? 3 : 1, range: (_, min, max) => this.#range(share, min, max) },
        },
        axes: [
          { ...axis, size: 26, gap: 4, space: 40, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 50000], values: (_, ticks) => ticks.map((tick) => String(tick)) },
          { ...axis, size: 52, space: 32, values: (_, ticks) => ticks.map((tick) => (tick === null ? '' : share ? `${+(tick * 100).toFixed(1)}%` : String(+tick.toPrecision(6)))) },
        ],
        series: [
          { value: (_, value) => String(value) },
          { label: this.#first, stroke: color('--training'), width: 2, spanGaps: true, points: { show: false }, value: (_, value) => print(value) },
          {
            label: this.#second,
            stroke: color('--validation'),
            width: 2,
            dash: [6, 4],
            spanGaps: true,
            points: { show: !this.hasAttribute('along'), size: 8, fill: color('--validation') },
            value: (_, value) => print(value),
          },
          ...this.#others.map((other, index) => ({
            label: other.label,
            stroke: color(other.color),
            width: 1,
            spanGaps: true,
            points: { show: () => this.#others[index]?.points.length === 1, size: 5, fill: color(other.color) },
          })),
        ],
        hooks: { setSelect: [(plot) => this.#selected(plot)], draw: [(plot) => this.#label(plot, color)] },
      },
      this.#data(),
      this.#host,
    );
    this.#showEpochs();
    this.#describe();
  }

  /** A part was marked by dragging. @param {import('uplot')} plot */
  #selected(plot) {
    const { left, width } = plot.select;
    if (width < 4) return;
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.zoom([plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')]);
  }

  /** @returns {null} as the plot wants it of what was handled */
  #whole() {
    this.zoom(null);
    return null;
  }

  /**
   * The names of other curves, at their ends: color alone must not tell them apart.
   * @param {import('uplot')} plot
   * @param {(name: string) => () => string} color
   */
  #label(plot, color) {
    const { ctx, bbox } = plot;
    const ratio = devicePixelRatio || 1;
    ctx.save();
    ctx.font = `${11 * ratio}px system-ui, sans-serif`;
    ctx.textAlign = 'right';
    ctx.textBaseline = 'bottom';
    const labels = this.#others.flatMap(({ label, points, color: name }) => {
      const last = points.findLast(({ epoch }) => epoch <= this.shown[1]);
      if (!last) return [];
      const [x, y] = [plot.valToPos(last.epoch, 'x', true), plot.valToPos(last.value, 'y', true)];
      return x < bbox.left || y < bbox.top || y > bbox.top + bbox.height ? [] : [{ label, name, x, y }];
    });
    // From the lowest up, none over another.
    let highest = Infinity;
    for (const { label, name, x, y } of labels.sort((a, b) => b.y - a.y)) {
      const bottom = Math.min(y - 2 * ratio, highest);
      highest = bottom - 12 * ratio;
      ctx.fillStyle = color(name)();
      ctx.fillText(label, Math.min(x, bbox.left + bbox.width), bottom);
    }
    ctx.restore();
  }

  /**
   * @param {boolean} share
   * @param {number | null} min
   * @param {number | null} max
   * @returns {import('uplot').Range.MinMax}
   */
  #range(share, min, max) {
    if (min === null || max === null || !Number.isFinite(min) || !Number.isFinite(max)) return share ? [0, 1] : [this.#isLog ? 0.1 : 0, 2.5];
    if (this.#isLog) return this.#Plot?.rangeLog(min, max, 10, false) ?? [min, max];
    if (!share) return [0, max * 1.05 || 1];
    const low = Math.max(0, Math.floor(min * 10 - 0.5) / 10);
    return [Math.min(low, 0.9), 1];
  }

  #size() {
    const width = Math.floor(this.#host.clientWidth);
    return { width, height: Math.round(Math.min(Math.max(width * 0.58, 210), 290)) };
  }

  #fit() {
    if (this.#host.clientWidth === 0) return;
    if (this.#plot) this.#plot.setSize(this.#size());
    this.#soon();
  }

  /** Says in words what the lines show. */
  #describe() {
    const print = this.getAttribute('kind') === 'share' ? percent : loss;
    const latest = (/** @type {'training' | 'validation'} */ kind) =>
      this.#points.findLast((point) => point[kind] !== null)?.[kind] ?? null;
    const training = latest('training');
    const validation = latest('validation');
    const parts = [];
    if (training !== null) parts.push(words('train.curvesValue', { name: this.#first, value: print(training) }));
    if (validation !== null) parts.push(words('train.curvesValue', { name: this.#second, value: print(validation) }));
    for (const { label, points } of this.#others) {
      const value = points.at(-1)?.value;
      if (value !== undefined) parts.push(words('train.curvesValue', { name: label, value: print(value) }));
    }
    const along = this.getAttribute('along') ?? words('train.curvesAlong');
    const told = parts.length > 0
      ? words('train.curvesLatest', { heading: this.#heading, along, values: parts.join(', ') })
      : words('train.curvesEmpty', { heading: this.#heading });
    this.#host.setAttribute('aria-label', told);
  }
}

customElements.define('curve-chart', CurveChart);
