// Pictures of files, strokes and the camera as a project keeps them. Files are made small by workers, which come and go.

import { ClassifierError } from '../../../lib/index.js';
import { words } from '../../words.js';
import { LONGEST, canvasOf, kept, keptOf } from './small-picture.js';

/** @typedef {import('./small-picture.js').Kept} Kept */
/** @typedef {import('./picture-worker.js').Arrived} Arrived */
/** @typedef {import('./picture-worker.js').Made} Made */

/** The most workers: one decodes while another packs. */
const MOST_WORKERS = 2;
/** Pictures on their way at the same time. */
const AHEAD = 6;
/** In ms without work after which they end. */
const IDLE = 3000;

export { keptOf };

class PictureMaker {
  /** @type {Map<number, Worker>} */
  #workers = new Map();
  /** @type {Map<number, { resolve: (made: Made) => void, reject: (error: unknown) => void }>} */
  #waiting = new Map();
  #nextId = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #idle;

  /** @param {Arrived} file @returns {Promise<Made>} */
  make(file) {
    clearTimeout(this.#idle);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker(id % MOST_WORKERS).postMessage({ id, file });
    });
  }

  /** @param {number} place */
  #worker(place) {
    const there = this.#workers.get(place);
    if (there) return there;
    const worker = new Worker(new URL('./picture-worker.js', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data: { id, answer } }) => {
      this.#waiting.get(id)?.resolve(answer);
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) this.#idle = setTimeout(() => this.#end(), IDLE);
    };
    worker.onerror = () => {
      for (const { reject } of this.#waiting.values()) reject(new ClassifierError('image', words('teach.noRoom')));
      this.#end();
    };
    this.#workers.set(place, worker);
    return worker;
  }

  /** Nothing more comes soon: their memory is wanted for other things. */
  rest() {
    if (this.#waiting.size > 0) return;
    clearTimeout(this.#idle);
    this.#end();
  }

  #end() {
    for (const worker of this.#workers.values()) worker.terminate();
    this.#workers.clear();
    this.#waiting.clear();
  }
}

const maker = new PictureMaker();

/** @param {Arrived} file @returns {Promise<Kept>} */
export async function keptArrived(file) {
  const made = await maker.make(file);
  if ('kept' in made) return made.kept;
  if ('refused' in made) throw new ClassifierError('image', words(made.refused));
  throw new ClassifierError(/** @type {'image'} */ (made.code), made.failed);
}

/**
 * Each of the files as a picture, or why it is none, in the order they came.
 * @param {import('./arriving-files.js').Arriving[]} arriving
 */
export async function* keptInOrder(arriving) {
  /** @type {Promise<{ name: string, className: string, picture?: Kept, error?: unknown }>[]} */
  const ahead = [];
  const begin = async (/** @type {import('./arriving-files.js').Arriving} */ { name, className, open }) => {
    try {
      return { name, className, picture: await keptArrived(await open()) };
    } catch (error) {
      return { name, className, error };
    }
  };
  for (const one of arriving) {
    ahead.push(begin(one));
    const [first] = ahead;
    if (ahead.length < AHEAD || !first) continue;
    yield await first;
    ahead.shift();
  }
  for (const one of ahead) yield await one;
  if (arriving.length > AHEAD) maker.rest();
}

/** @param {Blob} file */
export const keptFile = (file) => keptArrived({ blob: file, packed: false });

/**
 * @param {{ x: number, y: number }[][]} strokes
 * @param {number} side of the pad, in the strokes' unit
 */
export function keptStrokes(strokes, side) {
  const { canvas, context } = canvasOf(LONGEST, LONGEST);
  context.scale(LONGEST / side, LONGEST / side);
  context.lineWidth = side * 0.055;
  context.lineCap = context.lineJoin = 'round';
  for (const stroke of strokes) {
    const [first] = stroke;
    if (!first) continue;
    context.beginPath();
    context.moveTo(first.x, first.y);
    for (const { x, y } of stroke) context.lineTo(x, y);
    context.stroke();
  }
  return kept(canvas, context);
}
