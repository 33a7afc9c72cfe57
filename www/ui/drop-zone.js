// <drop-zone>: takes files and folders dropped anywhere on the page, or pasted, and shows while they hover that they are welcome.
//
// Attribute (state): `hidden` unless files hover. Event: `dropped`, with `detail.files`.

import { filesFrom } from './dropped-files.js';

export class DropZone extends HTMLElement {
  #depth = 0;

  connectedCallback() {
    const withFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes('Files') ?? false;
    document.addEventListener('dragenter', (event) => {
      if (!withFiles(event)) return;
      event.preventDefault();
      this.#depth += 1;
      this.hidden = false;
    });
    document.addEventListener('dragover', (event) => {
      if (!withFiles(event)) return;
      event.preventDefault();
      if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy';
    });
    document.addEventListener('dragleave', (event) => {
      if (!withFiles(event)) return;
      this.#depth = Math.max(0, this.#depth - 1);
      if (this.#depth === 0) this.hidden = true;
    });
    document.addEventListener('drop', (event) => {
      if (!withFiles(event)) return;
      event.preventDefault();
      this.#depth = 0;
      this.hidden = true;
      this.#give(filesFrom(event.dataTransfer));
    });
    document.addEventListener('paste', (event) => this.#give(filesFrom(event.clipboardData)));
  }

  /** @param {Promise<File[]>} given */
  async #give(given) {
    const files = await given;
    if (files.length > 0) this.dispatchEvent(new CustomEvent('dropped', { detail: { files } }));
  }
}

customElements.define('drop-zone', DropZone);
