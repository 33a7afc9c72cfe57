// Ten digits as a person's pen might go, in a box from 0 to 1.

/** @typedef {[number, number]} Point */

/**
 * Points on an ellipse from one angle to another, in degrees, clockwise from the right.
 * @returns {Point[]}
 */
function arc(/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ rx, /** @type {number} */ ry, /** @type {number} */ from, /** @type {number} */ to) {
  const n = Math.max(6, Math.ceil(Math.abs(to - from) / 12));
  return Array.from({ length: n + 1 }, (_, index) => {
    const angle = ((from + ((to - from) * index) / n) * Math.PI) / 180;
    return [x + rx * Math.cos(angle), y + ry * Math.sin(angle)];
  });
}

/** @type {Point[][][]} */
const DIGITS = [
  [arc(0.5, 0.5, 0.2, 0.3, -80, 290)],
  [[[0.44, 0.28], [0.52, 0.2], [0.51, 0.5], [0.5, 0.8]]],
  [[...arc(0.5, 0.36, 0.18, 0.16, -160, 40), [0.32, 0.78], [0.5, 0.78], [0.72, 0.77]]],
  [[...arc(0.48, 0.34, 0.18, 0.15, -150, 80), ...arc(0.48, 0.64, 0.2, 0.16, -80, 150)]],
  [
    [[0.36, 0.2], [0.32, 0.5], [0.5, 0.51], [0.68, 0.49]],
    [[0.62, 0.22], [0.6, 0.5], [0.58, 0.82]],
  ],
  [[[0.66, 0.2], [0.4, 0.21], [0.38, 0.45], ...arc(0.47, 0.61, 0.19, 0.18, -110, 140)]],
  [[[0.6, 0.18], [0.44, 0.34], ...arc(0.5, 0.64, 0.16, 0.17, -170, 190)]],
  [[[0.32, 0.24], [0.5, 0.23], [0.68, 0.22], [0.58, 0.45], [0.48, 0.8]]],
  [[...arc(0.5, 0.35, 0.14, 0.15, 60, -220), ...arc(0.5, 0.66, 0.17, 0.16, -120, 240), [0.56, 0.5], [0.61, 0.44]]],
  [[...arc(0.48, 0.36, 0.15, 0.15, -20, -380), [0.62, 0.5], [0.6, 0.66], [0.57, 0.82]]],
];

/**
 * The strokes of a digit, somewhere on the pad in some size, in steps as small as a pen's.
 * @param {number} digit
 * @param {{ x?: number, y?: number, size?: number }} [place] its middle and size
 * @returns {Point[][]}
 */
export function strokesOf(digit, { x = 0.5, y = 0.5, size = 1 } = {}) {
  return (DIGITS[digit] ?? []).map((stroke) =>
    densely(stroke).map(([u, v]) => /** @type {Point} */ ([x + (u - 0.5) * size, y + (v - 0.5) * size])),
  );
}

/** @returns {Point[]} */
function densely(/** @type {Point[]} */ stroke) {
  return stroke.flatMap((point, index) => {
    const before = stroke[index - 1];
    if (!before) return [point];
    const n = Math.max(1, Math.ceil(Math.hypot(point[0] - before[0], point[1] - before[1]) / 0.04));
    return Array.from({ length: n }, (_, step) => {
      const share = (step + 1) / n;
      return /** @type {Point} */ ([before[0] + (point[0] - before[0]) * share, before[1] + (point[1] - before[1]) * share]);
    });
  });
}
