// @ts-check
/** `<digit-pad>`: a digit is drawn, read while it is drawn, and is a value of the form. */

import { ModelElement } from './element-base.js';

/** @typedef {import('./index.d.ts').StrokePoint} StrokePoint */

const OUTLINE = `
canvas part=pad tabindex=0 role=application aria-label=Draw_a_digit,_or_type_it
div part=foot
  output part=answer aria-live=polite
  button part=clear type=button | Clear
p part=message role=status`;

const STYLE = `
:host { display: inline-block; vertical-align: top; inline-size: 14rem; --ocelli-ink: CanvasText; --ocelli-paper: Canvas; --ocelli-line: GrayText; --ocelli-accent: #0b7a75; color: var(--ocelli-ink); font: inherit; }
:host([hidden]) { display: none; }
canvas { display: block; inline-size: 100%; aspect-ratio: 1; touch-action: none; cursor: crosshair; background: var(--ocelli-paper); border: 1px solid var(--ocelli-line); border-radius: 0.75rem; box-sizing: border-box; }
:focus-visible { outline: 3px solid var(--ocelli-accent); outline-offset: 2px; }
[part=foot] { display: flex; justify-content: space-between; align-items: center; gap: 1rem; margin-block-start: 0.5rem; min-block-size: 2.75rem; }
[part=answer] { font-size: 1.25rem; font-weight: 600; }
[part=clear] { font: inherit; min-block-size: 2.75rem; padding-inline: 1rem; }
[part=message] { margin: 0; }
[part=message]:empty { display: none; }
`;

export class DigitPad extends ModelElement {
  /** In shares of the pad's side. @type {StrokePoint[][]} */
  #strokes = [];
  /** @type {number | null} */
  #pointer = null;

  constructor() {
    super(OUTLINE, STYLE);
    const pad = this.#pad;
    pad.addEventListener('pointerdown', this.#down);
    pad.addEventListener('pointermove', this.#move);
    pad.addEventListener('pointerup', this.#up);
    pad.addEventListener('pointercancel', this.#up);
    pad.addEventListener('keydown', this.#key);
    this.partNamed('clear').addEventListener('click', () => {
      this.clear();
      this.dispatchEvent(new Event('change', { bubbles: true }));
    });
    new ResizeObserver(() => this.#paint()).observe(pad);
  }

  /** The network that comes with the package. */
  get modelAddress() {
    return this.src || new URL('./models/digits.safetensors', import.meta.url);
  }

  get #pad() {
    return /** @type {HTMLCanvasElement} */ (this.partNamed('pad'));
  }

  /** The path of the pen. */
  get strokes() {
    return this.#strokes.map((stroke) => stroke.map(({ x, y }) => ({ x, y })));
  }

  clear() {
    super.clear();
    this.#strokes = [];
    this.partNamed('answer').textContent = '';
    this.partNamed('message').textContent = '';
    this.#paint();
  }

  #down = (/** @type {PointerEvent} */ event) => {
    if (!event.isPrimary || event.button !== 0 || this.matches(':disabled')) return;
    event.preventDefault();
    this.#pad.focus({ preventScroll: true });
    this.#pad.setPointerCapture(event.pointerId);
    this.#pointer = event.pointerId;
    this.#strokes.push([this.#point(event)]);
    this.#paint();
    this.#read();
  };

  #move = (/** @type {PointerEvent} */ event) => {
    if (event.pointerId !== this.#pointer) return;
    const events = event.getCoalescedEvents?.() ?? [];
    this.#strokes.at(-1)?.push(...(events.length > 0 ? events : [event]).map((each) => this.#point(each)));
    this.#paint();
    this.#read();
  };

  #up = (/** @type {PointerEvent} */ event) => {
    if (event.pointerId !== this.#pointer) return;
    this.#pointer = null;
    this.#read().then(() => this.dispatchEvent(new Event('change', { bubbles: true })));
  };

  /** A key with a label's name answers for the drawing. */
  #key = async (/** @type {KeyboardEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || this.matches(':disabled')) return;
    if (['Escape', 'Delete', 'Backspace'].includes(event.key)) this.clear();
    else if (/^\d$/.test(event.key)) {
      this.clear();
      this.value = event.key;
      this.partNamed('answer').textContent = event.key;
    } else return;
    event.preventDefault();
    this.dispatchEvent(new Event('change', { bubbles: true }));
  };

  async #read() {
    const strokes = this.#strokes;
    try {
      const { classes } = await this.ask({ strokes: this.strokes }, { topK: 3, latest: true });
      if (strokes !== this.#strokes) return this.clear();
      const [first] = classes;
      this.partNamed('answer').textContent = first ? `${first.label} · ${Math.round(100 * first.confidence)} %` : '';
    } catch (error) {
      const { code, message } = /** @type {import('./errors.js').ClassifierError} */ (error);
      if (code !== 'superseded' && code !== 'closed' && code !== 'aborted') this.partNamed('message').textContent = message;
    }
  }

  /** @param {PointerEvent} event */
  #point(event) {
    const { left, top, width, height } = this.#pad.getBoundingClientRect();
    return { x: (event.clientX - left) / (width || 1), y: (event.clientY - top) / (height || 1) };
  }

  #paint() {
    const pad = this.#pad;
    const side = Math.max(1, Math.round(pad.clientWidth * devicePixelRatio));
    if (pad.width !== side || pad.height !== side) pad.width = pad.height = side;
    const context = pad.getContext('2d');
    if (!context) return;
    context.clearRect(0, 0, side, side);
    context.strokeStyle = getComputedStyle(this).color;
    context.lineWidth = side * 0.06;
    context.lineCap = context.lineJoin = 'round';
    for (const stroke of this.#strokes) {
      context.beginPath();
      for (const { x, y } of [...stroke.slice(0, 1), ...stroke]) context.lineTo(x * side, y * side);
      context.stroke();
    }
  }
}
