// <pixel-picture>: one small picture, each of its pixels drawn large. <pixel-strip>: a row of such pictures in one canvas.

/**
 * Grey or colour bytes as RGBA.
 * @param {ArrayLike<number>} data height × width × channels
 * @param {number} width
 * @param {number} height
 * @param {number} channels 1 or 3
 */
function toImageData(data, width, height, channels) {
  const image = new ImageData(width, height);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    for (let channel = 0; channel < 3; channel += 1) {
      image.data[pixel * 4 + channel] = data[pixel * channels + (channels === 1 ? 0 : channel)] ?? 0;
    }
    image.data[pixel * 4 + 3] = 255;
  }
  return image;
}

export class PixelPicture extends HTMLElement {
  #canvas = document.createElement('canvas');

  connectedCallback() {
    this.#canvas.setAttribute('aria-hidden', 'true');
    if (!this.#canvas.isConnected) this.append(this.#canvas);
    this.toggleAttribute('empty', true);
  }

  /**
   * @param {{ data: ArrayLike<number>, width: number, height: number, channels: number } | null} picture
   * @param {string} words what it shows
   */
  show(picture, words) {
    this.toggleAttribute('empty', picture === null);
    this.setAttribute('aria-label', words);
    const context = this.#canvas.getContext('2d');
    if (!context) return;
    if (picture) {
      this.#canvas.width = picture.width;
      this.#canvas.height = picture.height;
      context.putImageData(toImageData(picture.data, picture.width, picture.height, picture.channels), 0, 0);
    } else {
      context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    }
  }
}

export class PixelStrip extends HTMLElement {
  /**
   * @param {Uint8Array} pixels the pictures one after the other
   * @param {number} width
   * @param {number} height
   */
  show(pixels, width, height) {
    const size = width * height;
    const count = Math.floor(pixels.length / size);
    this.replaceChildren();
    for (let index = 0; index < count; index += 1) {
      const canvas = document.createElement('canvas');
      canvas.width = width;
      canvas.height = height;
      const picture = pixels.subarray(index * size, (index + 1) * size);
      canvas.getContext('2d')?.putImageData(toImageData(picture, width, height, 1), 0, 0);
      this.append(canvas);
    }
  }
}

customElements.define('pixel-picture', PixelPicture);
customElements.define('pixel-strip', PixelStrip);
