// <draw-pad>: where a digit is drawn, with mouse, pen, touch or keys. It keeps the pen's path, not pixels.
//
// Attributes (state): `blank` (nothing on the pad), `drawing` (the pen is down), `erasing` (the pen is an eraser),
// `keyboard` (the grid cursor shows).
// Events: `changed`, whenever what is on the pad has changed; `boxchosen`, with the place of the box as `detail`.

import { History } from './history.js';
import { SIDE, isMet, paintStrokes } from './ink.js';
import { words } from './words.js';

/** @typedef {import('./ink.js').InkPoint} InkPoint */
/** A picture on the pad, with the file it came from. @typedef {{ file: File, image: HTMLImageElement }} Picture */
/** @typedef {{ left: number, top: number, right: number, bottom: number, label: string, chosen: boolean }} Box in pad units */

/** The keyboard's grid, cells a side. */
const GRID = 28;
const CELL = SIDE / GRID;
/** Widths of a stroke at middle pressure, in pad units, and the one to begin with. */
const WIDTHS = { least: 5, usual: 17, most: 29, step: 4 };
/** The eraser's end of a pen, among the buttons of a pointer. */
const ERASER_BUTTON = 5;
/** How far a box stands off its digit, in pad units. */
const MARGIN = 9;

export class DrawPad extends HTMLElement {
  /** @type {InkPoint[][]} */
  #strokes = [];
  /** The strokes that are done. */
  #dry = document.createElement('canvas');
  /** The stroke under the pen, painted anew each frame. */
  #wet = document.createElement('canvas');
  #cursor = document.createElement('span');
  #spoken = document.createElement('span');
  #boxes = document.createElement('div');
  /** @type {History<{ strokes: InkPoint[][], picture: Picture | null }>} */
  #history = new History();
  /** @type {Picture | null} */
  #picture = null;
  #width = WIDTHS.usual;
  /** Where the eraser was last, while it is down. @type {InkPoint | null} */
  #eraser = null;
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
    this.#boxes.className = 'pad-boxes';
    this.append(this.#dry, this.#wet, this.#boxes, this.#cursor, this.#spoken);
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
    this.addEventListener('touchstart', (event) => event.target instanceof HTMLButtonElement || event.preventDefault(), { passive: false });
    new ResizeObserver(() => this.#fit()).observe(this);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#paint('all'));
    this.#placeCursor();
  }

  /** The path of the pen, a list of points for each stroke, in pad units. */
  get strokes() {
    return this.#strokes.map((stroke) => stroke.map(({ x, y }) => ({ x, y })));
  }

  /** The strokes as they were drawn, with pressure and width: to be shown on another pad, not to be changed. */
  get ink() {
    return [...this.#strokes];
  }

  get blank() {
    return this.#strokes.length === 0 && !this.#picture;
  }

  /** The picture that lies on the pad instead of strokes. */
  get picture() {
    return this.#picture?.file ?? null;
  }

  get canUndo() {
    return this.#history.canUndo;
  }

  get canRedo() {
    return this.#history.canRedo;
  }

  /** Takes back the last stroke, erasing, clearing or picture. */
  undo() {
    this.#endStroke();
    this.#restore(this.#history.undo(this.#now()));
  }

  /** Does again what was taken back. */
  redo() {
    this.#endStroke();
    this.#restore(this.#history.redo(this.#now()));
  }

  /** Empties the pad. */
  clear() {
    if (this.blank) return;
    this.#endStroke();
    this.#history.keep(this.#now());
    this.#restore({ strokes: [], picture: null });
  }

  /** Whether the pen takes away instead: whole strokes, wherever it meets them. */
  get erases() {
    return this.hasAttribute('erasing');
  }

  set erases(erases) {
    if (erases === this.erases) return;
    this.#endStroke();
    this.toggleAttribute('erasing', erases);
    this.#say(words(erases ? 'draw.eraserOn' : 'draw.penOn'));
    this.dispatchEvent(new Event('tool'));
  }

  /** How wide the next strokes are, from 1 to 7. For the eye: the network draws the path with a pen of its own. */
  get penWidth() {
    return (this.#width - WIDTHS.least) / WIDTHS.step + 1;
  }

  set penWidth(width) {
    const wanted = WIDTHS.least + (width - 1) * WIDTHS.step;
    this.#width = Math.min(Math.max(wanted, WIDTHS.least), WIDTHS.most);
    this.dispatchEvent(new Event('tool'));
  }

  /**
   * Lays a picture on the pad in place of what was drawn. No `changed` event: whoever gives the picture reads it, too.
   * @param {File} file
   * @param {string} name for those who cannot see it
   */
  showPicture(file, name) {
    this.#endStroke();
    this.#history.keep(this.#now());
    const image = document.createElement('img');
    image.alt = name;
    image.draggable = false;
    image.className = 'pad-picture';
    image.src = URL.createObjectURL(file);
    for (const end of ['load', 'error']) image.addEventListener(end, () => URL.revokeObjectURL(image.src), { once: true });
    this.#lay({ strokes: [], picture: { file, image } });
  }

  /** Lays strokes on the pad, as if they had been drawn there in place of what there was. @param {InkPoint[][]} ink */
  showInk(ink) {
    this.#endStroke();
    this.#history.keep(this.#now());
    this.#restore({ strokes: ink, picture: null });
  }

  /** Frames parts of the drawing, each with a button that shows its label. @param {Box[]} boxes */
  showBoxes(boxes) {
    const share = (/** @type {number} */ at) => `${(Math.min(Math.max(at, 1), SIDE - 1) / SIDE) * 100}%`;
    while (this.#boxes.children.length > boxes.length) this.#boxes.lastElementChild?.remove();
    boxes.forEach(({ left, top, right, bottom, label, chosen }, index) => {
      let frame = /** @type {HTMLElement | undefined} */ (this.#boxes.children[index]);
      if (!frame) {
        frame = document.createElement('div');
        frame.className = 'pad-box';
        const button = document.createElement('button');
        button.type = 'button';
        // The keyboard has the same choice beside the answer.
        button.tabIndex = -1;
        button.setAttribute('aria-hidden', 'true');
        button.addEventListener('pointerdown', (event) => {
          event.stopPropagation();
          event.preventDefault();
        });
        button.addEventListener('click', () => this.dispatchEvent(new CustomEvent('boxchosen', { detail: index })));
        frame.append(button);
        this.#boxes.append(frame);
      }
      frame.style.setProperty('left', share(left - MARGIN));
      frame.style.setProperty('top', share(top - MARGIN));
      frame.style.setProperty('right', share(SIDE - right - MARGIN));
      frame.style.setProperty('bottom', share(SIDE - bottom - MARGIN));
      frame.toggleAttribute('data-chosen', chosen);
      if (frame.firstElementChild) frame.firstElementChild.textContent = label;
    });
  }

  #now() {
    return { strokes: [...this.#strokes], picture: this.#picture };
  }

  /** @param {{ strokes: InkPoint[][], picture: Picture | null }} state */
  #lay({ strokes, picture }) {
    this.#picture?.image.remove();
    this.#strokes = [...strokes];
    this.#picture = picture;
    if (picture) this.append(picture.image);
    this.#paint('all');
    this.toggleAttribute('blank', this.blank);
  }

  /** @param {{ strokes: InkPoint[][], picture: Picture | null } | undefined} state */
  #restore(state) {
    if (!state) return;
    this.#lay(state);
    this.#changed();
  }

  #changed() {
    this.toggleAttribute('blank', this.blank);
    this.dispatchEvent(new Event('changed', { bubbles: true }));
  }

  // Pointers

  #pointerDown = (/** @type {PointerEvent} */ event) => {
    const isEraser = event.button === ERASER_BUTTON;
    if (!event.isPrimary || (event.button !== 0 && !isEraser) || this.#pointer !== null) return;
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
    if (isEraser || this.erases) this.#beginErasing(point);
    else this.#beginStroke(point);
  };

  #pointerMove = (/** @type {PointerEvent} */ event) => {
    if (event.pointerId !== this.#pointer) return;
    const coalesced = event.getCoalescedEvents?.() ?? [];
    for (const sample of coalesced.length > 0 ? coalesced : [event]) this.#goOn(this.#pointAt(sample));
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
    return { x: Math.min(Math.max(x, 0), SIDE), y: Math.min(Math.max(y, 0), SIDE), pressure, width: this.#width };
  }

  #beginStroke(/** @type {InkPoint} */ point) {
    this.#history.keep(this.#now());
    if (this.#picture) this.#lay({ strokes: [], picture: null });
    this.#strokes.push([point]);
    this.toggleAttribute('drawing', true);
    this.#paint('all');
    this.#changed();
  }

  #beginErasing(/** @type {InkPoint} */ point) {
    this.#history.keep(this.#now());
    this.#eraser = point;
    this.#erase(point, point);
  }

  /** The pen, or the eraser, moves. */
  #goOn(/** @type {InkPoint} */ point) {
    if (this.#eraser) {
      this.#erase(this.#eraser, point);
      this.#eraser = point;
    } else {
      this.#extendStroke(point);
      this.#changed();
    }
  }

  #erase(/** @type {InkPoint} */ from, /** @type {InkPoint} */ to) {
    const left = this.#strokes.filter((stroke) => !isMet(stroke, from, to));
    if (left.length === this.#strokes.length) return;
    this.#strokes = left;
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
    if (this.#eraser) {
      this.#eraser = null;
      // Nothing was met: there is nothing to take back.
      if (this.#history.isLast((state) => state.strokes.length === this.#strokes.length)) this.#history.drop();
      this.#changed();
      return;
    }
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
        this.#say(words('draw.penUp'));
      } else {
        if (this.erases) this.#beginErasing(this.#cellPoint());
        else this.#beginStroke(this.#cellPoint());
        this.#keyPen = true;
        this.#say(words('draw.penDown'));
      }
    } else if (event.key === 'e' || event.key === 'E') {
      this.erases = !this.erases;
    } else if (event.key === '[' || event.key === ']') {
      this.penWidth += event.key === ']' ? 1 : -1;
      this.#say(words('draw.widthIs', { n: this.penWidth }));
    }
  };

  #moveCursor(/** @type {number} */ columns, /** @type {number} */ rows) {
    const clamp = (/** @type {number} */ value) => Math.min(Math.max(value, 0), GRID - 1);
    this.#cell = { column: clamp(this.#cell.column + columns), row: clamp(this.#cell.row + rows) };
    this.#placeCursor();
    if (this.#keyPen) {
      this.#goOn(this.#cellPoint());
    }
    this.#say(words('draw.cell', { column: this.#cell.column + 1, row: this.#cell.row + 1 }));
  }

  #liftKeyPen() {
    if (this.#keyPen) this.#endStroke();
  }

  /** @returns {InkPoint} */
  #cellPoint() {
    return { x: (this.#cell.column + 0.5) * CELL, y: (this.#cell.row + 0.5) * CELL, pressure: 0.5, width: this.#width };
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

customElements.define('draw-pad', DrawPad);
