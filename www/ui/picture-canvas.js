// Small pictures as canvases, whatever a network reads: gray, color, a pen's path, the frames of a clip.

/** @typedef {import('../lib/index.js').Pixels} Pixels */

/** Steps of a pen's path, and what a step's byte of 128 ± 1000 d means. */
const PEN = { steps: 64, values: 3, middle: 128, scale: 1000 };

/** @param {Pixels} picture */
const isPath = ({ width, height, channels }) => width === PEN.values && height === PEN.steps && channels === 1;

/**
 * @param {Pixels} picture
 * @param {number} [top] row to begin with
 * @param {number} [rows]
 */
function pixels({ data, width, height, channels }, top = 0, rows = height) {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = rows;
  const image = new ImageData(width, rows);
  for (let pixel = 0; pixel < width * rows; pixel += 1) {
    const from = (top * width + pixel) * channels;
    for (let channel = 0; channel < 3; channel += 1) {
      image.data[pixel * 4 + channel] = data[from + (channels === 1 ? 0 : channel)] ?? 0;
    }
    image.data[pixel * 4 + 3] = 255;
  }
  canvas.getContext('2d')?.putImageData(image, 0, 0);
  return canvas;
}

/** @param {Pixels} picture */
function path({ data }) {
  /** @type {[number, number, boolean][]} */
  const points = [[0, 0, false]];
  for (let step = 0; step < PEN.steps; step += 1) {
    const [x, y] = points[step] ?? [0, 0];
    const at = step * PEN.values;
    const by = (/** @type {number} */ place) => ((data[at + place] ?? PEN.middle) - PEN.middle) / PEN.scale;
    points.push([x + by(0), y + by(1), (data[at + 2] ?? 0) > 127]);
  }
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 84;
  const context = canvas.getContext('2d');
  if (!context) return canvas;
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const scale = 60 / Math.max(right - left, bottom - top, 0.01);
  const place = (/** @type {[number, number, boolean]} */ [x, y]) =>
    /** @type {const} */ ([42 + (x - (left + right) / 2) * scale, 42 + (y - (top + bottom) / 2) * scale]);
  context.fillRect(0, 0, 84, 84);
  context.strokeStyle = 'white';
  context.lineWidth = 5;
  context.lineCap = context.lineJoin = 'round';
  context.beginPath();
  for (const point of points) {
    if (point[2]) context.lineTo(...place(point));
    else context.moveTo(...place(point));
  }
  context.stroke();
  return canvas;
}

/**
 * The picture as canvases: one, or one for each frame of a clip, which is higher than wide.
 * @param {Pixels} picture
 * @returns {HTMLCanvasElement[]}
 */
export function canvasesOf(picture) {
  if (isPath(picture)) return [path(picture)];
  const { width, height } = picture;
  const nFrames = height % width === 0 ? height / width : 1;
  return Array.from({ length: nFrames }, (_, frame) => pixels(picture, (frame * height) / nFrames, height / nFrames));
}
