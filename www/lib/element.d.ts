/** `<image-classifier>` and `<digit-pad>`. Importing this defines both, where there is a page. */
import type { ImageSource, Prediction, StrokePoint } from './index.js';

/** What both elements share. They fire `prediction` (a `CustomEvent` with the {@link Prediction}), `change`, and `error`. */
interface ModelElement extends HTMLElement {
  /** The model file's address. */
  src: string;
  name: string;
  readonly form: HTMLFormElement | null;
  /** The label of the first answer: what the form is sent. */
  value: string;
  /** The newest answer. */
  readonly prediction: Prediction | null;
  clear(): void;
}

/**
 * `<image-classifier src="model.safetensors" top-k="3">`: a picture is chosen, dropped, or lies inside as `<img>`, `<canvas>`
 * or `<video>`.
 *
 * Parts: `drop`, `picture`, `prompt`, `input`, `results`, `row`, `label`, `confidence`, `message`. Custom properties:
 * `--ocelli-accent`, `--ocelli-bar`, `--ocelli-line`.
 */
export interface ImageClassifier extends ModelElement {
  /** How many answers are shown; 3 unless said. */
  topK: number;
  /** What the picture shows; told in the element too. */
  classify(source: ImageSource): Promise<Prediction>;
}

/**
 * `<digit-pad name="digit">`: a digit is drawn with pen, finger or mouse, or typed. Without `src`, the network that comes
 * with the package reads it.
 *
 * Parts: `pad`, `foot`, `answer`, `clear`, `message`. Custom properties: `--ocelli-ink`, `--ocelli-paper`, `--ocelli-line`,
 * `--ocelli-accent`.
 */
export interface DigitPad extends ModelElement {
  /** The path of the pen, in shares of the pad's side. */
  readonly strokes: StrokePoint[][];
}

export declare const ImageClassifier: { new (): ImageClassifier; prototype: ImageClassifier };
export declare const DigitPad: { new (): DigitPad; prototype: DigitPad };

declare global {
  interface HTMLElementTagNameMap {
    'image-classifier': ImageClassifier;
    'digit-pad': DigitPad;
  }
}
