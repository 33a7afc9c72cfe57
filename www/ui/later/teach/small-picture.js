// A picture as a project keeps it: small, upright, on white; and whether it is ink on paper rather than a photo. Page and
// worker both make them.

import { drop } from '../../../lib/reading.js';

/** The longest side, in pixels. */
export const LONGEST = 128;
/** A pixel whose channels differ by less is gray. */
const GRAY = 40;

/** @typedef {{ bytes: ArrayBuffer, type: string, drawn: boolean }} Kept */

/** @param {number} width @param {number} height @param {OffscreenCanvas} [canvas] to be used again */
export function canvasOf(width, height, canvas = new OffscreenCanvas(width, height)) {
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('no canvas of this size can be had');
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

/** @param {OffscreenCanvas} canvas @param {OffscreenCanvasRenderingContext2D} context @returns {Promise<Kept>} */
export async function kept(canvas, context) {
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  const drawn = isInk(data);
  drop(data.buffer);
  const blob = await canvas.convertToBlob({ type: drawn ? 'image/png' : 'image/jpeg', quality: 0.92 });
  return { bytes: await blob.arrayBuffer(), type: blob.type, drawn };
}

/** @param {CanvasImageSource} source @param {number} width @param {number} height @param {OffscreenCanvas} [reused] */
export function keptOf(source, width, height, reused) {
  const scale = Math.min(1, LONGEST / Math.max(width, height));
  const { canvas, context } = canvasOf(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)), reused);
  context.imageSmoothingQuality = 'high';
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return kept(canvas, context);
}
