// <pixel-picture>: one small picture, each of its pixels drawn large. <pixel-strip>: a row of such pictures.

import { canvasesOf } from './picture-canvas.js';

/** @typedef {import('../lib/index.js').Pixels} Pixels */

export class PixelPicture extends HTMLElement {
  connectedCallback() {
    if (!this.firstElementChild) this.show(null, this.getAttribute('aria-label') ?? '');
  }

  /**
   * @param {Pixels | null} picture
   * @param {string} words what it shows
   */
  show(picture, words) {
    this.toggleAttribute('empty', picture === null);
    this.setAttribute('aria-label', words);
    const [canvas = document.createElement('canvas')] = picture ? canvasesOf(picture) : [];
    canvas.setAttribute('aria-hidden', 'true');
    this.replaceChildren(canvas);
  }
}

export class PixelStrip extends HTMLElement {
  /** @param {readonly Pixels[]} pictures of which each frame is shown */
  show(pictures) {
    this.replaceChildren(...pictures.flatMap(canvasesOf));
  }
}

customElements.define('pixel-picture', PixelPicture);
customElements.define('pixel-strip', PixelStrip);
