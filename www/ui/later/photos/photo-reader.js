// Classifies photos one after the other, whatever becomes of each, and can be told to stop.

import { errorCode, errorWords } from '../../notices.js';
import { words } from '../../words.js';
import { refusal } from './photo-files.js';

/** @typedef {import('../../../lib/index.js').Classifier} Classifier */
/** @typedef {import('../../../lib/index.js').ClassScore} ClassScore */
/** @typedef {import('../../../lib/index.js').PagePrediction} PagePrediction */

/**
 * @typedef {object} Photo
 * @property {File} file
 * @property {string} name with its folder, where it came with one
 * @property {HTMLCanvasElement | null} thumb
 * @property {ClassScore | null} top
 * @property {PagePrediction | null} page its digits, where it is one of handwriting
 * @property {string} problem why there is no answer; empty where there is one, or none yet
 */

/** Side of a small picture, in pixels: two for each of the page's. */
const THUMB = 96;

/** @param {File} file @returns {Photo} */
export function photoOf(file) {
  return { file, name: file.webkitRelativePath || file.name, thumb: null, top: null, page: null, problem: '' };
}

/** The photo upright; the browser decodes it apart from the page's own work. @param {Blob} file */
export function upright(file) {
  return createImageBitmap(file, { imageOrientation: 'from-image' });
}

/** The photo upright and as large as it is shown, small enough to be drawn at once. @param {Blob} file */
export function uprightForShow(file) {
  return createImageBitmap(file, { imageOrientation: 'from-image', resizeWidth: 1600, resizeQuality: 'medium' });
}

/** @param {ImageBitmap} bitmap */
function thumbOf(bitmap) {
  const canvas = document.createElement('canvas');
  canvas.className = 'photo-thumb';
  canvas.setAttribute('aria-hidden', 'true');
  canvas.width = canvas.height = THUMB;
  const side = Math.min(bitmap.width, bitmap.height);
  const context = canvas.getContext('2d');
  if (context) {
    context.fillStyle = 'white';
    context.fillRect(0, 0, THUMB, THUMB);
    context.drawImage(bitmap, (bitmap.width - side) / 2, (bitmap.height - side) / 2, side, side, 0, 0, THUMB, THUMB);
  }
  return canvas;
}

/** A small picture, scaled by the browser as it decodes. @param {File} file */
async function thumb(file) {
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image', resizeHeight: 2 * THUMB, resizeQuality: 'medium' });
  try {
    return thumbOf(bitmap);
  } finally {
    bitmap.close();
  }
}

/** All that is written, with the confidence of the least sure digit. @param {PagePrediction} page @returns {ClassScore | null} */
function textOf({ rows }) {
  if (rows.length === 0) return null;
  const confidences = rows.flatMap(({ digits }) => digits.map(({ classes }) => classes[0]?.confidence ?? 0));
  return { label: rows.map(({ text }) => text).join(' / '), index: -1, confidence: Math.min(...confidences) };
}

/**
 * Fills in a photo's answer or problem.
 * @param {Photo} photo
 * @param {Classifier} classifier
 * @param {AbortSignal} signal
 * @param {boolean} asPaper whether it is one of handwriting
 */
export async function read(photo, classifier, signal, asPaper) {
  photo.top = null;
  photo.page = null;
  photo.problem = '';
  try {
    const refused = await refusal(photo.file);
    if (refused) {
      photo.problem = words(refused);
      return;
    }
    if (asPaper) {
      photo.page = await classifier.predictPage(photo.file, { signal });
      photo.top = textOf(photo.page);
    } else {
      const prediction = await classifier.predict(photo.file, { topK: 1, signal });
      photo.top = prediction.classes[0] ?? null;
    }
    if (!photo.top) photo.problem = words('photos.blank');
    photo.thumb ??= await thumb(photo.file).catch(() => null);
  } catch (error) {
    if (errorCode(error) === 'aborted') throw error;
    photo.problem = errorWords(error);
  }
}
