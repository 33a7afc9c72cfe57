// A few examples and what the trained network takes them for; clips are played.

import { any } from '../dom.js';
import { percent } from '../format.js';
import { make } from '../option-field.js';
import { canvasesOf } from '../picture-canvas.js';

/** Examples shown. */
const N_TRIALS = 12;
/** Milliseconds of a frame of a clip. */
const FRAME = 180;

/**
 * Frames one after the other in one canvas; all side by side where motion is not wanted.
 * @param {HTMLCanvasElement[]} frames
 */
function shown(frames) {
  const [first] = frames;
  if (frames.length < 2 || !first || matchMedia('(prefers-reduced-motion: reduce)').matches) {
    return make('div', { class: 'frames' }, ...frames);
  }
  const screen = make('canvas', {});
  screen.width = first.width;
  screen.height = first.height;
  let frame = 0;
  const timer = setInterval(() => {
    if (frame > 0 && !screen.isConnected) clearInterval(timer);
    else if (screen.checkVisibility()) screen.getContext('2d')?.drawImage(frames[frame % frames.length] ?? first, 0, 0);
    frame += 1;
  }, FRAME);
  return make('div', { class: 'frames' }, screen);
}

/**
 * @param {import('../../lib/index.js').Classifier} classifier
 * @param {number} nExamples of its data set
 */
export async function showTrials(classifier, nExamples) {
  const list = any('trials');
  const { labels } = classifier.info;
  const stride = Math.max(1, Math.floor(nExamples / N_TRIALS));
  const items = [];
  for (let index = 0; index < nExamples && items.length < N_TRIALS; index += stride + 1) {
    const { picture, classIndex } = await classifier.example(index);
    const [top] = (await classifier.predict(picture, { topK: 1 })).classes;
    if (!top) continue;
    const right = top.index === classIndex;
    const read = make('span', { class: 'trial-read' }, `${right ? '✓' : '✗'} ${top.label}`);
    const words = right ? `rightly, ${percent(top.confidence)} confidence` : `wrongly: it is ${labels[classIndex]}`;
    read.append(make('span', { class: right ? 'visually-hidden' : 'trial-note' }, right ? `, ${words}` : ` is ${labels[classIndex]}`));
    items.push(make('li', { 'data-right': String(right), title: `Read as ${top.label} ${words}` }, shown(canvasesOf(picture)), read));
  }
  list.replaceChildren(...items);
  any('trials-part').hidden = items.length === 0;
}
