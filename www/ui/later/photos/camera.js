// The camera: a live picture, and photos taken of it as files.

import { any, button, byId } from '../../dom.js';
import { notify } from '../../notices.js';
import { words } from '../../words.js';

export class Camera {
  #video = byId('camera-picture', HTMLVideoElement);
  /** @type {MediaStream | null} */
  #stream = null;
  #nTaken = 0;

  /** @param {(photo: File) => void} taken */
  constructor(taken) {
    button('photo-camera').addEventListener('click', () => this.#start());
    button('camera-close').addEventListener('click', () => {
      this.stop();
      button('photo-camera').focus();
    });
    button('camera-take').addEventListener('click', async () => {
      const photo = await this.#take();
      if (photo) taken(photo);
    });
    button('photo-camera').hidden = !navigator.mediaDevices?.getUserMedia;
  }

  async #start() {
    if (this.#stream) return;
    button('photo-camera').disabled = true;
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
      this.#video.srcObject = this.#stream;
      any('camera').hidden = false;
      await this.#video.play();
      button('camera-take').focus();
    } catch (error) {
      this.stop();
      const refused = error instanceof DOMException && error.name === 'NotAllowedError';
      notify(words(refused ? 'photos.cameraRefused' : 'photos.cameraMissing'));
    } finally {
      button('photo-camera').disabled = false;
    }
  }

  async #take() {
    const { videoWidth, videoHeight } = this.#video;
    if (!this.#stream || videoWidth === 0) return null;
    const canvas = document.createElement('canvas');
    canvas.width = videoWidth;
    canvas.height = videoHeight;
    canvas.getContext('2d')?.drawImage(this.#video, 0, 0);
    /** @type {Blob | null} */
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
    this.#nTaken += 1;
    return blob && new File([blob], words('photos.takenName', { n: this.#nTaken }), { type: 'image/png' });
  }

  /** Lets go of the camera. */
  stop() {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
    this.#video.srcObject = null;
    any('camera').hidden = true;
  }
}
