// The Inside view: a picture goes through a network, and every layer shows what it made of it.

import { Classifier } from '../../lib/index.js';
import { className } from '../class-names.js';
import { any, button, byId, input, onFiles, select } from '../dom.js';
import { DrawPad } from '../draw-pad.js';
import { count, percent } from '../format.js';
import { SIDE } from '../ink.js';
import { errorCode, errorWords, notify } from '../notices.js';
import { canvasesOf } from '../picture-canvas.js';
import { fetchSample } from '../train-data.js';
import { words } from '../words.js';
import { LayerPanel } from './inside/layer-panel.js';
import { paintChannel, paintPicture } from './inside/paint.js';
import { RobustnessPanel } from './inside/robustness-panel.js';
import { Wires } from './inside/wires.js';

/** @typedef {import('../../lib/index.js').ImageSource} ImageSource */
/** @typedef {import('../../lib/index.js').Pixels} Pixels */
/** @typedef {import('../ink.js').InkPoint} InkPoint */

/** Channels in a layer's row of the diagram. */
const STRIP = 8;

/** @param {import('../view-loader.js').PageParts} page @returns {import('../view-loader.js').OpenedView} */
export function open(page) {
  const view = new InsideView(page);
  return { shown: () => view.shown(), dropped: ([file]) => file && view.take(file) };
}

class InsideView {
  #pad = byId('inside-pad', DrawPad);
  #page;
  /** The strokes that were taken over from the Draw pad last. @type {InkPoint[][]} */
  #taken = [];
  /** A copy: what is asked of it here disturbs no other view. @type {Classifier | null} */
  #network = null;
  /** What the copy is of. @type {Classifier | null} */
  #copied = null;
  /** @type {ImageSource | null} */
  #source = null;
  /** The example on the pad as a picture like any other, for networks that read no digits. @type {File | null} */
  #exampleFile = null;
  /** @type {Pixels | null} */
  #seen = null;
  #layer = 1;
  #busy = false;
  #waiting = false;
  #example = 0;
  #panel = new LayerPanel();
  #wires = new Wires(any('inside-layers'));
  #robustness = new RobustnessPanel(() => this.#network, () => this.#seen);

  /** @param {import('../view-loader.js').PageParts} page */
  constructor(page) {
    this.#page = page;
    this.#pad.addEventListener('changed', () => {
      this.#source = this.#drawn();
      this.#flow();
    });
    button('inside-clear').addEventListener('click', () => {
      this.#pad.clear();
      this.#source = null;
      this.#flow();
    });
    button('inside-example').addEventListener('click', () => this.#showExample());
    onFiles(input('inside-picture'), ([file]) => file && this.take(file));
    onFiles(input('inside-file'), ([file]) => file && this.take(file));
    button('inside-color').addEventListener('click', () => this.#useColor());
    for (const id of ['inside-class', 'inside-method']) any(id).addEventListener('change', () => this.#explain());
  }

  /** Whether the network reads pictures like those of the sample. */
  get #readsDigits() {
    return this.#network?.info.inputShape.join() === '28,28,1';
  }

  /** What is drawn on the pad: as strokes, or for a network that reads none as a picture on white. @returns {ImageSource | null} */
  #drawn() {
    if (this.#pad.blank) return null;
    if (this.#readsDigits) return { strokes: this.#pad.strokes };
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 280;
    const context = canvas.getContext('2d');
    if (!context) return null;
    context.fillStyle = 'white';
    context.fillRect(0, 0, 280, 280);
    context.lineWidth = 17;
    context.lineCap = context.lineJoin = 'round';
    for (const stroke of this.#pad.strokes) {
      context.beginPath();
      for (const { x, y } of stroke) context.lineTo(x, y);
      context.stroke();
    }
    return canvas;
  }

  /** Follows the Draw pad: what is drawn there anew, and its network until another one is chosen here. */
  async shown() {
    this.#takeInk();
    const network = this.#page.padNetwork();
    if (!network || network === this.#copied || (this.#network && !this.#copied)) return;
    try {
      const copy = await Classifier.load(await network.save(), { training: true });
      this.#copied = network;
      await this.#use(copy, words('inside.padNetwork'));
      if (!this.#source) await this.#showExample();
    } catch (error) {
      notify(errorWords(error));
    }
  }

  /** What was drawn on the Draw pad since the last look, in the middle of the pad. */
  #takeInk() {
    const ink = this.#page.padInk();
    if (ink.length === 0 || (ink.length === this.#taken.length && ink.every((stroke, place) => stroke === this.#taken[place]))) return;
    this.#taken = ink;
    const [xs, ys] = [ink.flat().map(({ x }) => x), ink.flat().map(({ y }) => y)];
    const middle = (/** @type {number[]} */ at) => (Math.min(...at) + Math.max(...at)) / 2;
    const [dx, dy] = [SIDE / 2 - middle(xs), SIDE / 2 - middle(ys)];
    this.#pad.showInk(ink.map((stroke) => stroke.map((point) => ({ ...point, x: point.x + dx, y: point.y + dy }))));
  }

  /** The network of the Photos view. */
  async #useColor() {
    try {
      const network = await Classifier.load(new URL('../../models/photos.safetensors', import.meta.url), { training: true });
      this.#copied = null;
      await this.#use(network, words('inside.color'));
    } catch (error) {
      notify(errorWords(error));
    }
  }

  /** A picture or a network. @param {File} file */
  async take(file) {
    try {
      if (file.name.toLowerCase().endsWith('.safetensors')) {
        const network = await Classifier.load(file, { training: true });
        this.#copied = null;
        await this.#use(network, file.name);
      } else {
        this.#pad.showPicture(file, file.name);
        this.#source = file;
        await this.#flow();
      }
    } catch (error) {
      notify(errorWords(error));
    }
  }

  /** @param {Classifier} network @param {string} name */
  async #use(network, name) {
    this.#network?.close();
    this.#network = network;
    any('inside-network').textContent = name;
    this.#robustness.clear();
    // The sample's digits fit no other network.
    button('inside-example').hidden = button('inside-measure').hidden = !this.#readsDigits;
    if (!this.#pad.blank && !this.#pad.picture) this.#source = this.#drawn();
    else if (typeof this.#source === 'object' && this.#source && 'prepared' in this.#source) this.#source = this.#exampleFile;
    const { labels, layers } = network.info;
    const answered = new Option(words('inside.answered'), '');
    select('inside-class').replaceChildren(answered, ...labels.map((label, index) => new Option(className(label), String(index))));
    const first = layers.findIndex(({ type }) => type.includes('conv'));
    this.#layer = Math.max(first, 0);
    any('inside-layers').replaceChildren(...layers.map((_, index) => this.#row(index)));
    this.#wires.show(layers);
    await this.#flow();
  }

  /** One layer of the diagram. @param {number} index */
  #row(index) {
    const row = document.createElement('li');
    const layer = this.#network?.info.layers[index];
    if (!layer) return row;
    const face = document.createElement('button');
    face.type = 'button';
    const facts = document.createElement('small');
    const from = layer.inputs.filter((id) => id !== index - 1).map((id) => this.#network?.info.layers[id]?.name ?? '');
    facts.textContent = [
      layer.outputShape.join(' × '),
      ...(layer.nParameters > 0 ? [words('inside.parameters', { n: layer.nParameters })] : []),
      ...(layer.multiplyAdds > 0 ? [words('inside.multiplyAdds', { count: count(layer.multiplyAdds) })] : []),
      ...(from.length > 0 ? [words('inside.from', { layers: from.join(', ') })] : []),
    ].join(' · ');
    const name = document.createElement('span');
    name.textContent = layer.name;
    face.append(name, facts, document.createElement('canvas'));
    face.addEventListener('click', () => {
      this.#layer = index;
      this.#mark();
      if (this.#network && this.#seen) this.#panel.show(this.#network, index, this.#seen).catch(() => undefined);
    });
    row.append(face);
    return row;
  }

  #mark() {
    for (const [index, row] of [...any('inside-layers').children].entries()) {
      row.querySelector('button')?.setAttribute('aria-pressed', String(index === this.#layer));
    }
    this.#wires.mark(this.#layer);
  }

  async #showExample() {
    const network = this.#network;
    if (!network) return;
    try {
      const { source } = await fetchSample();
      await network.setDataset(source);
      const { picture } = await network.example((this.#example * 37 + 11) % 10_000);
      this.#example += 1;
      const [canvas] = canvasesOf(picture);
      const blob = await new Promise((/** @type {(blob: Blob | null) => void} */ resolve) => canvas ? canvas.toBlob(resolve) : resolve(null));
      this.#exampleFile = blob && new File([blob], 'example.png', { type: blob.type });
      if (this.#exampleFile) this.#pad.showPicture(this.#exampleFile, words('inside.example'));
      this.#source = picture;
      await this.#flow();
    } catch (error) {
      notify(errorWords(error));
    }
  }

  /** Lets the newest picture flow through; one at a time. */
  async #flow() {
    if (this.#busy) {
      this.#waiting = true;
      return;
    }
    this.#busy = true;
    try {
      do {
        this.#waiting = false;
        await this.#compute();
      } while (this.#waiting);
    } catch (error) {
      if (!['closed', 'aborted'].includes(errorCode(error) ?? '')) notify(errorWords(error));
    } finally {
      this.#busy = false;
    }
  }

  async #compute() {
    const network = this.#network;
    if (!network) return;
    const prediction = this.#source ? await network.predict(this.#source) : null;
    const [top] = prediction?.classes ?? [];
    this.#seen = prediction?.input ? { ...prediction.input, prepared: true } : null;
    any('inside-answer').textContent = top ? words('inside.answer', { label: className(top.label), share: percent(top.confidence) }) : words('inside.nothing');
    if (!this.#seen) return;
    const seen = this.#seen;
    this.#mark();
    await this.#panel.show(network, this.#layer, seen);
    await this.#explain();
    await this.#robustness.show();
    for (const [index, layer] of network.info.layers.entries()) {
      if (this.#waiting) return;
      const canvas = any('inside-layers').children[index]?.querySelector('canvas');
      const output = await network.activations(seen, { layer: layer.name });
      if (canvas && output) paintStrip(canvas, output);
    }
    any('view-inside').dataset['flowed'] = String(Number(any('view-inside').dataset['flowed'] ?? 0) + 1);
  }

  async #explain() {
    const [network, seen] = [this.#network, this.#seen];
    if (!network || !seen) return;
    const chosen = select('inside-class').value;
    const method = /** @type {import('../../lib/index.js').ExplainMethod} */ (select('inside-method').value);
    const canvas = byId('inside-heat', HTMLCanvasElement);
    try {
      const map = await network.explain(seen, { method, ...(chosen !== '' && { classIndex: Number(chosen) }) });
      if (!map || method !== select('inside-method').value) return;
      paintPicture(canvas, map.input, map.data);
      canvas.setAttribute('aria-label', words('inside.heat', { label: className(network.info.labels[map.classIndex] ?? '') }));
    } catch (error) {
      if (errorCode(error) === 'unsupported') select('inside-method').value = 'saliency';
      else throw error;
    }
  }
}

/** The first channels side by side. @param {HTMLCanvasElement} canvas @param {import('../../lib/index.js').Activations} output */
function paintStrip(canvas, { data, shape }) {
  if (shape.length !== 3) {
    paintChannel(canvas, data, [1, data.length, 1], 0);
    canvas.style.setProperty('height', '12px');
    return;
  }
  const [height = 1, width = 1, channels = 1] = shape;
  const n = Math.min(channels, STRIP);
  canvas.width = STRIP * (width + 1);
  canvas.height = height;
  const tile = document.createElement('canvas');
  for (let channel = 0; channel < n; channel += 1) {
    paintChannel(tile, data, [height, width, channels], channel);
    canvas.getContext('2d')?.drawImage(tile, channel * (width + 1), 0);
  }
}
