// @ts-check
/** `<image-classifier>` and `<digit-pad>`: importing this defines both, where there is a page. */

import { DigitPad } from './element-digit-pad.js';
import { ImageClassifier } from './element-image-classifier.js';

export { DigitPad, ImageClassifier };

if (globalThis.customElements) {
  if (!customElements.get('image-classifier')) customElements.define('image-classifier', ImageClassifier);
  if (!customElements.get('digit-pad')) customElements.define('digit-pad', DigitPad);
}
