// <crop-box>: a photo with a square on it that the visitor moves and sizes, by pointer, touch or keys.
//
// Event: `cropped`, whenever the square is another. `crop` is in the photo's own pixels.

/** The least side, as a share of the photo's shorter one. */
const LEAST = 0.08;
/** Reach of the corner that sizes the square, in CSS pixels. */
const REACH = 26;
/** What a key moves, as a share of the square. */
const STEP = 0.05;

/** @typedef {{ x: number, y: number, side: number }} Crop */

export class CropBox extends HTMLElement {
  /** In the photo's pixels. @type {Crop} */
  crop = { x: 0, y: 0, side: 1 };
  #size = { width: 1, height: 1 };
  #frame = document.createElement('div');

  connectedCallback() {
    this.#frame.className = 'crop-frame';
    if (this.#frame.childElementCount === 0) {
      const corner = document.createElement('div');
      corner.className = 'crop-corner';
      this.#frame.append(corner);
    }
    this.addEventListener('pointerdown', (event) => this.#drag(event));
    this.addEventListener('keydown', (event) => this.#key(event));
  }

  /** @param {ImageBitmap} photo stays the caller's */
  show(photo) {
    const canvas = document.createElement('canvas');
    // As large as it is ever shown, on a screen of two pixels a point.
    const scale = Math.min(1, 1120 / photo.width);
    canvas.width = Math.max(1, Math.round(photo.width * scale));
    canvas.height = Math.max(1, Math.round(photo.height * scale));
    const context = canvas.getContext('2d');
    if (context) {
      context.fillStyle = 'white';
      context.fillRect(0, 0, canvas.width, canvas.height);
      context.drawImage(photo, 0, 0, canvas.width, canvas.height);
    }
    this.#size = { width: photo.width, height: photo.height };
    this.replaceChildren(canvas, this.#frame);
    this.middle();
  }

  /** The largest square in the middle, which a network sees unless told otherwise. */
  middle() {
    const { width, height } = this.#size;
    const side = Math.min(width, height);
    this.#set({ x: (width - side) / 2, y: (height - side) / 2, side });
  }

  /** @param {number} factor of the square's side, its middle stays */
  resize(factor) {
    const { x, y, side } = this.crop;
    const now = this.#sound(side * factor);
    this.#set({ x: x + (side - now) / 2, y: y + (side - now) / 2, side: now });
  }

  /** @param {number} side */
  #sound(side) {
    const most = Math.min(this.#size.width, this.#size.height);
    return Math.min(most, Math.max(most * LEAST, 1, side));
  }

  /** @param {Crop} wish */
  #set(wish) {
    const { width, height } = this.#size;
    const side = this.#sound(wish.side);
    const x = Math.min(width - side, Math.max(0, wish.x));
    const y = Math.min(height - side, Math.max(0, wish.y));
    this.crop = { x, y, side };
    const places = { '--x': x / width, '--y': y / height, '--w': side / width, '--h': side / height };
    for (const [name, value] of Object.entries(places)) this.#frame.style.setProperty(name, String(value));
    this.dispatchEvent(new CustomEvent('cropped'));
  }

  /** @param {PointerEvent} start */
  #drag(start) {
    if (start.button !== 0) return;
    start.preventDefault();
    this.focus({ preventScroll: true });
    this.setPointerCapture(start.pointerId);
    const box = this.getBoundingClientRect();
    const scale = this.#size.width / box.width;
    const before = { ...this.crop };
    const corner = { x: box.x + (before.x + before.side) / scale, y: box.y + (before.y + before.side) / scale };
    const sizes = Math.hypot(start.clientX - corner.x, start.clientY - corner.y) < REACH;
    const move = (/** @type {PointerEvent} */ event) => {
      const [dx, dy] = [(event.clientX - start.clientX) * scale, (event.clientY - start.clientY) * scale];
      if (!sizes) return this.#set({ ...before, x: before.x + dx, y: before.y + dy });
      const { width, height } = this.#size;
      const room = Math.min(width - before.x, height - before.y);
      return this.#set({ ...before, side: Math.min(room, before.side + Math.max(dx, dy)) });
    };
    const end = () => {
      this.removeEventListener('pointermove', move);
      this.removeEventListener('pointerup', end);
      this.removeEventListener('pointercancel', end);
    };
    this.addEventListener('pointermove', move);
    this.addEventListener('pointerup', end);
    this.addEventListener('pointercancel', end);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { x, y, side } = this.crop;
    const step = side * STEP * (event.shiftKey ? 4 : 1);
    const moves = /** @type {Record<string, [number, number]>} */ ({
      ArrowLeft: [-step, 0],
      ArrowRight: [step, 0],
      ArrowUp: [0, -step],
      ArrowDown: [0, step],
    });
    const move = moves[event.key];
    if (move) this.#set({ x: x + move[0], y: y + move[1], side });
    else if (event.key === '+' || event.key === '=') this.resize(1.15);
    else if (event.key === '-') this.resize(1 / 1.15);
    else return;
    event.preventDefault();
  }
}

customElements.define('crop-box', CropBox);
