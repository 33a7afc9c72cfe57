// <draw-pad>: where a digit is drawn, with mouse, pen, touch or keys. It keeps the pen's path, not pixels.
//
// Attributes (state): `blank` (nothing on the pad), `drawing` (the pen is down), `keyboard` (the grid cursor shows).
// Event: `changed`, whenever what is on the pad has changed.

/** @typedef {{ x: number, y: number }} Point */
/** @typedef {Point & { pressure: number }} InkPoint */

/** The side of the pad in its own units; strokes are given in these. */
const SIDE = 280;
/** The keyboard's grid, cells a side. */
const GRID = 28;
const CELL = SIDE / GRID;
/** Width of a stroke at middle pressure, in pad units. */
const PEN_WIDTH = 17;

export class DrawPad extends HTMLElement {
  /** @type {InkPoint[][]} */
  #strokes = [];
  /** The strokes that are done. */
  #dry = document.createElement('canvas');
  /** The stroke under the pen, painted anew each frame. */
  #wet = document.createElement('canvas');
  #cursor = document.createElement('span');
  #spoken = document.createElement('span');
  /** What the last clearing took away, for undo. @type {InkPoint[][]} */
  #cleared = [];
  /** @type {HTMLImageElement | null} */
  #picture = null;
  /** @type {number | null} */
  #pointer = null;
  #cell = { column: GRID / 2, row: GRID / 2 };
  #keyPen = false;
  /** What the next frame has to paint. @type {'nothing' | 'wet' | 'all'} */
  #due = /** @type {const} */ ('nothing');

  connectedCallback() {
    if (this.#dry.isConnected) return;
    for (const canvas of [this.#dry, this.#wet]) canvas.setAttribute('aria-hidden', 'true');
    this.#cursor.className = 'pad-cursor';
    this.#spoken.className = 'visually-hidden';
    this.#spoken.setAttribute('role', 'status');
    this.append(this.#dry, this.#wet, this.#cursor, this.#spoken);
    this.addEventListener('pointerdown', this.#pointerDown);
    this.addEventListener('pointermove', this.#pointerMove);
    for (const end of /** @type {const} */ (['pointerup', 'pointercancel', 'lostpointercapture'])) {
      this.addEventListener(end, this.#pointerEnd);
    }
    this.addEventListener('keydown', this.#keyDown);
    this.addEventListener('focus', () => {
      if (this.matches(':focus-visible')) this.toggleAttribute('keyboard', true);
    });
    this.addEventListener('blur', () => {
      this.#liftKeyPen();
      this.toggleAttribute('keyboard', false);
    });
    // iOS Safari scrolls on touch in spite of `touch-action` in some embeddings.
    this.addEventListener('touchstart', (event) => event.preventDefault(), { passive: false });
    new ResizeObserver(() => this.#fit()).observe(this);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#paint('all'));
    this.#placeCursor();
  }

  /** The path of the pen, a list of points for each stroke, in pad units. */
  get strokes() {
    return this.#strokes.map((stroke) => stroke.map(({ x, y }) => ({ x, y })));
  }

  get blank() {
    return this.#strokes.length === 0 && !this.#picture;
  }

  /** Whether a picture lies on the pad instead of strokes. */
  get hasPicture() {
    return this.#picture !== null;
  }

  get canUndo() {
    return !this.blank || this.#cleared.length > 0;
  }

  /** Takes back the last stroke, or the picture, or on a blank pad the clearing. */
  undo() {
    if (!this.canUndo) return;
    if (this.#picture) this.#removePicture();
    else if (this.#strokes.length > 0) this.#strokes.pop();
    else [this.#strokes, this.#cleared] = [this.#cleared, []];
    this.#endStroke();
    this.#paint('all');
    this.#changed();
  }

  /** Empties the pad. */
  clear() {
    if (this.blank) return;
    this.#removePicture();
    this.#cleared = this.#strokes;
    this.#strokes = [];
    this.#endStroke();
    this.#paint('all');
    this.#changed();
  }

  /**
   * Lays a picture on the pad in place of what was drawn. No `changed` event: whoever gives the picture reads it, too.
   * @param {Blob} blob
   * @param {string} name for those who cannot see it
   */
  showPicture(blob, name) {
    this.#removePicture();
    this.#strokes = [];
    this.#endStroke();
    this.#paint('all');
    const picture = document.createElement('img');
    picture.alt = name;
    picture.draggable = false;
    picture.className = 'pad-picture';
    picture.src = URL.createObjectURL(blob);
    this.#picture = picture;
    this.append(picture);
    this.toggleAttribute('blank', false);
  }

  #removePicture() {
    if (!this.#picture) return;
    URL.revokeObjectURL(this.#picture.src);
    this.#picture.remove();
    this.#picture = null;
  }

  #changed() {
    this.toggleAttribute('blank', this.blank);
    this.dispatchEvent(new Event('changed', { bubbles: true }));
  }

  // Pointers

  #pointerDown = (/** @type {PointerEvent} */ event) => {
    if (!event.isPrimary || event.button !== 0 || this.#pointer !== null) return;
    event.preventDefault();
    // First of all: the end of the keyboard's help may move the page.
    const point = this.#pointAt(event);
    this.focus({ preventScroll: true, focusVisible: false });
    this.toggleAttribute('keyboard', false);
    this.#liftKeyPen();
    try {
      this.setPointerCapture(event.pointerId);
    } catch {
      // The pointer is already gone, as with a very quick tap: its point is drawn all the same.
    }
    this.#pointer = event.pointerId;
    this.#beginStroke(point);
  };

  #pointerMove = (/** @type {PointerEvent} */ event) => {
    if (event.pointerId !== this.#pointer) return;
    const coalesced = event.getCoalescedEvents?.() ?? [];
    for (const sample of coalesced.length > 0 ? coalesced : [event]) this.#extendStroke(this.#pointAt(sample));
    this.#changed();
  };

  #pointerEnd = (/** @type {PointerEvent} */ event) => {
    if (event.pointerId === this.#pointer) this.#endStroke();
  };

  /**
   * @param {PointerEvent} event
   * @returns {InkPoint}
   */
  #pointAt(event) {
    const box = this.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * SIDE;
    const y = ((event.clientY - box.top) / box.height) * SIDE;
    // Some pens report 0 while they touch.
    const pressure = event.pressure > 0 ? event.pressure : 0.5;
    return { x: Math.min(Math.max(x, 0), SIDE), y: Math.min(Math.max(y, 0), SIDE), pressure };
  }

  #beginStroke(/** @type {InkPoint} */ point) {
    if (this.#picture) {
      this.#removePicture();
      this.#strokes = [];
    }
    this.#strokes.push([point]);
    this.toggleAttribute('drawing', true);
    this.#paint('all');
    this.#changed();
  }

  #extendStroke(/** @type {InkPoint} */ point) {
    const stroke = this.#strokes.at(-1);
    const last = stroke?.at(-1);
    if (!stroke || !last || (Math.abs(last.x - point.x) < 0.4 && Math.abs(last.y - point.y) < 0.4)) return;
    stroke.push(point);
    this.#paint('wet');
  }

  #endStroke() {
    this.#pointer = null;
    this.#keyPen = false;
    if (!this.hasAttribute('drawing')) return;
    this.toggleAttribute('drawing', false);
    this.#paint('all');
  }

  // Keys

  #keyDown = (/** @type {KeyboardEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const stride = event.shiftKey ? 4 : 1;
    const moves = /** @type {Record<string, [number, number]>} */ ({
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
    });
    const move = moves[event.key];
    if (move) {
      event.preventDefault();
      this.toggleAttribute('keyboard', true);
      this.#moveCursor(move[0] * stride, move[1] * stride);
    } else if (event.key === ' ' || event.key === 'Enter') {
      event.preventDefault();
      this.toggleAttribute('keyboard', true);
      if (event.repeat) return;
      if (this.#keyPen) {
        this.#liftKeyPen();
        this.#say('Pen up');
      } else {
        this.#beginStroke(this.#cellPoint());
        this.#keyPen = true;
        this.#say('Pen down');
      }
    }
  };

  #moveCursor(/** @type {number} */ columns, /** @type {number} */ rows) {
    const clamp = (/** @type {number} */ value) => Math.min(Math.max(value, 0), GRID - 1);
    this.#cell = { column: clamp(this.#cell.column + columns), row: clamp(this.#cell.row + rows) };
    this.#placeCursor();
    if (this.#keyPen) {
      this.#extendStroke(this.#cellPoint());
      this.#changed();
    }
    this.#say(`Column ${this.#cell.column + 1}, row ${this.#cell.row + 1}`);
  }

  #liftKeyPen() {
    if (this.#keyPen) this.#endStroke();
  }

  /** @returns {InkPoint} */
  #cellPoint() {
    return { x: (this.#cell.column + 0.5) * CELL, y: (this.#cell.row + 0.5) * CELL, pressure: 0.5 };
  }

  #placeCursor() {
    this.#cursor.style.setProperty('left', `${((this.#cell.column + 0.5) / GRID) * 100}%`);
    this.#cursor.style.setProperty('top', `${((this.#cell.row + 0.5) / GRID) * 100}%`);
  }

  #say(/** @type {string} */ words) {
    this.#spoken.textContent = words;
  }

  // Paint

  /** Gives the canvases as many pixels as the screen has under them. */
  #fit() {
    const side = Math.round(this.clientWidth * Math.min(devicePixelRatio || 1, 3));
    if (side === 0 || this.#dry.width === side) return;
    for (const canvas of [this.#dry, this.#wet]) canvas.width = canvas.height = side;
    this.#paint('all');
  }

  /** Has the pad painted in the next frame. @param {'wet' | 'all'} what */
  #paint(what) {
    if (this.#due === 'nothing') requestAnimationFrame(() => this.#paintNow());
    if (this.#due !== 'all') this.#due = what;
  }

  #paintNow() {
    const wet = this.hasAttribute('drawing') ? this.#strokes.at(-1) : undefined;
    if (this.#due === 'all') paintStrokes(this.#dry, wet ? this.#strokes.slice(0, -1) : this.#strokes, this);
    paintStrokes(this.#wet, wet ? [wet] : [], this);
    this.#due = 'nothing';
  }
}

/**
 * Paints strokes as smooth lines in the color of the pad.
 * @param {HTMLCanvasElement} canvas emptied first
 * @param {InkPoint[][]} strokes
 * @param {HTMLElement} pad
 */
function paintStrokes(canvas, strokes, pad) {
  const context = canvas.getContext('2d');
  if (!context) return;
  context.setTransform(canvas.width / SIDE, 0, 0, canvas.height / SIDE, 0, 0);
  context.clearRect(0, 0, SIDE, SIDE);
  context.strokeStyle = getComputedStyle(pad).color;
  context.lineCap = 'round';
  context.lineJoin = 'round';
  for (const stroke of strokes) paintStroke(context, stroke);
}

/**
 * A curve through the middles of the segments, its corners at the points; a new path wherever the width changes.
 * @param {CanvasRenderingContext2D} context
 * @param {InkPoint[]} stroke
 */
function paintStroke(context, stroke) {
  const [first] = stroke;
  if (!first) return;
  let width = penWidth(first.pressure);
  let [x, y] = [first.x, first.y];
  const begin = () => {
    context.lineWidth = width;
    context.beginPath();
    context.moveTo(x, y);
  };
  begin();
  for (let index = 1; index < stroke.length; index += 1) {
    const before = stroke[index - 1] ?? first;
    const point = stroke[index] ?? first;
    const wanted = penWidth(point.pressure);
    if (Math.abs(wanted - width) > 0.3) {
      context.stroke();
      width = wanted;
      begin();
    }
    [x, y] = [(before.x + point.x) / 2, (before.y + point.y) / 2];
    context.quadraticCurveTo(before.x, before.y, x, y);
  }
  const last = stroke.at(-1) ?? first;
  context.lineTo(last.x, last.y);
  context.stroke();
}

/** @param {number} pressure 0 to 1 */
function penWidth(pressure) {
  return PEN_WIDTH * (0.6 + 0.8 * pressure);
}

customElements.define('draw-pad', DrawPad);
