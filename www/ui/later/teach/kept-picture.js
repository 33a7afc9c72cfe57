// A picture as a project keeps it: small, upright, on white; and whether it is ink on paper rather than a photo.

import { ClassifierError } from '../../../lib/index.js';
import { refusal } from '../photos/photo-files.js';
import { words } from '../../words.js';

/** The longest side, in pixels. */
const LONGEST = 128;
/** A pixel whose channels differ by less is gray. */
const GRAY = 40;

/** @typedef {{ bytes: ArrayBuffer, type: string, drawn: boolean }} Kept */

/** @param {number} width @param {number} height */
function canvasOf(width, height) {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new ClassifierError('image', words('teach.noRoom'));
  context.fillStyle = 'white';
  context.fillRect(0, 0, width, height);
  return { canvas, context };
}

/**
 * Nearly all of it is gray, and nearly all of one brightness: ink on paper, or chalk on a board.
 * @param {Uint8ClampedArray} pixels RGBA
 */
function isInk(pixels) {
  const levels = new Uint32Array(8);
  let nGray = 0;
  for (let at = 0; at < pixels.length; at += 4) {
    const [red, green, blue] = [pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0];
    if (Math.max(red, green, blue) - Math.min(red, green, blue) < GRAY) nGray += 1;
    const level = (red + green + blue) / 96;
    levels[Math.floor(level)] = (levels[Math.floor(level)] ?? 0) + 1;
  }
  const n = pixels.length / 4;
  const ground = Math.max(...levels.map((_, level) => (levels[level] ?? 0) + (levels[level + 1] ?? 0)));
  return nGray > 0.97 * n && ground > 0.7 * n;
}

/** @param {HTMLCanvasElement} canvas @param {CanvasRenderingContext2D} context @returns {Promise<Kept>} */
async function kept(canvas, context) {
  const drawn = isInk(context.getImageData(0, 0, canvas.width, canvas.height).data);
  const type = drawn ? 'image/png' : 'image/jpeg';
  /** @type {Blob | null} */
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, type, 0.92));
  if (!blob) throw new ClassifierError('image', words('teach.noRoom'));
  return { bytes: await blob.arrayBuffer(), type: blob.type, drawn };
}

/** @param {CanvasImageSource} source @param {number} width @param {number} height */
export function keptOf(source, width, height) {
  const scale = Math.min(1, LONGEST / Math.max(width, height));
  const { canvas, context } = canvasOf(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)));
  context.imageSmoothingQuality = 'high';
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return kept(canvas, context);
}

/** @param {Blob} file */
export async function keptFile(file) {
  const refused = await refusal(file);
  if (refused) throw new ClassifierError('image', words(refused));
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' }).catch((error) => {
    throw new ClassifierError('image', words('teach.noPicture'), { cause: error });
  });
  try {
    return await keptOf(bitmap, bitmap.width, bitmap.height);
  } finally {
    bitmap.close();
  }
}

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
