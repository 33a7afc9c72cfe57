// A camera whose pictures can be added, and are answered while it runs.

import { any, byId } from '../../dom.js';
import { notify } from '../../notices.js';
import { words } from '../../words.js';
import { keptOf } from './kept-picture.js';

/** The least between two answers, in ms. */
const PACE = 120;

export class LiveCamera {
  #video = byId('teach-video', HTMLVideoElement);
  /** @type {MediaStream | null} */
  #stream = null;

  /** @param {(picture: import('./kept-picture.js').Kept) => Promise<void>} seen is told of a picture now and then */
  async start(seen) {
    if (this.#stream) return;
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment', width: { ideal: 640 } } });
      this.#stream = stream;
      this.#video.srcObject = stream;
      any('teach-camera').hidden = false;
      await this.#video.play();
      this.#watch(stream, seen);
    } catch (error) {
      this.stop();
      const refused = error instanceof DOMException && error.name === 'NotAllowedError';
      notify(words(refused ? 'photos.cameraRefused' : 'photos.cameraMissing'));
    }
  }

  /** @param {MediaStream} stream @param {(picture: import('./kept-picture.js').Kept) => Promise<void>} seen */
  async #watch(stream, seen) {
    while (this.#stream === stream) {
      const picture = document.hidden ? null : await this.picture();
      if (picture && this.#stream === stream) await seen(picture);
      await new Promise((resolve) => setTimeout(resolve, PACE));
    }
  }

  /** What it sees now; null while it sees nothing. */
  async picture() {
    const { videoWidth, videoHeight } = this.#video;
    return this.#stream && videoWidth > 0 ? keptOf(this.#video, videoWidth, videoHeight) : null;
  }

  /** Lets go of the camera. */
  stop() {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
    this.#video.srcObject = null;
    any('teach-camera').hidden = true;
  }
}
