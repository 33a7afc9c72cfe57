// Strokes of ink: how they are painted, and whether an eraser meets them.

/** @typedef {{ x: number, y: number }} Point */
/** What a pen left: `width` is the pen's, in the pad's units at middle pressure. @typedef {Point & { pressure: number, width: number }} InkPoint */

/** The side of the pad in its own units; strokes are given in these. */
export const SIDE = 280;
/** How far around its middle an eraser reaches, in pad units, beyond the ink's own half width. */
const ERASER_REACH = 6;

/**
 * Paints strokes as smooth lines in the color of the pad.
 * @param {HTMLCanvasElement} canvas emptied first
 * @param {InkPoint[][]} strokes
 * @param {HTMLElement} pad
 */
export function paintStrokes(canvas, strokes, pad) {
  const context = canvas.getContext('2d');
  if (!context) return;
  context.setTransform(canvas.width / SIDE, 0, 0, canvas.height / SIDE, 0, 0);
  context.clearRect(0, 0, SIDE, SIDE);
  context.strokeStyle = getComputedStyle(pad).color;
  context.lineCap = 'round';
  context.lineJoin = 'round';
  for (const stroke of strokes) paintStroke(context, stroke);
}

/**
 * A curve through the middles of the segments, its corners at the points; a new path wherever the width changes.
 * @param {CanvasRenderingContext2D} context
 * @param {InkPoint[]} stroke
 */
function paintStroke(context, stroke) {
  const [first] = stroke;
  if (!first) return;
  let width = inkWidth(first);
  let [x, y] = [first.x, first.y];
  const begin = () => {
    context.lineWidth = width;
    context.beginPath();
    context.moveTo(x, y);
  };
  begin();
  for (let index = 1; index < stroke.length; index += 1) {
    const before = stroke[index - 1] ?? first;
    const point = stroke[index] ?? first;
    const wanted = inkWidth(point);
    if (Math.abs(wanted - width) > 0.3) {
      context.stroke();
      width = wanted;
      begin();
    }
    [x, y] = [(before.x + point.x) / 2, (before.y + point.y) / 2];
    context.quadraticCurveTo(before.x, before.y, x, y);
  }
  const last = stroke.at(-1) ?? first;
  context.lineTo(last.x, last.y);
  context.stroke();
}

/** @param {InkPoint} point its pressure from 0 to 1 */
function inkWidth({ pressure, width }) {
  return width * (0.6 + 0.8 * pressure);
}

/**
 * Whether an eraser that goes from one point to another meets a stroke.
 * @param {InkPoint[]} stroke
 * @param {Point} from
 * @param {Point} to
 */
export function isMet(stroke, from, to) {
  const [first] = stroke;
  if (!first) return false;
  const reach = ERASER_REACH + first.width / 2;
  return stroke.some((point, index) => segmentDistance(stroke[index - 1] ?? point, point, from, to) < reach);
}

/**
 * The least distance of the segments a–b and c–d.
 * @param {Point} a @param {Point} b @param {Point} c @param {Point} d
 */
function segmentDistance(a, b, c, d) {
  const side = (/** @type {Point} */ p, /** @type {Point} */ q, /** @type {Point} */ r) =>
    (q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x);
  if (side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0) return 0;
  return Math.min(pointDistance(a, c, d), pointDistance(b, c, d), pointDistance(c, a, b), pointDistance(d, a, b));
}

/** The distance of p from the segment a–b. @param {Point} p @param {Point} a @param {Point} b */
function pointDistance(p, a, b) {
  const [x, y] = [b.x - a.x, b.y - a.y];
  const length = x * x + y * y;
  const share = length > 0 ? Math.min(Math.max(((p.x - a.x) * x + (p.y - a.y) * y) / length, 0), 1) : 0;
  return Math.hypot(p.x - a.x - share * x, p.y - a.y - share * y);
}
