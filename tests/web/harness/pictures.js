// PNG files, true and false.

import { deflateSync } from 'node:zlib';

/**
 * A gray PNG.
 * @param {number} width
 * @param {number} height
 * @param {Uint8Array} pixels rows from the top; may be fewer than the header says
 */
export function grayPng(width, height, pixels) {
  return png(width, height, pixels, 0, 1);
}

/**
 * A PNG in color.
 * @param {number} width
 * @param {number} height
 * @param {(x: number, y: number) => number[]} color red, green and blue, 0 to 255
 */
export function rgbPng(width, height, color) {
  const values = new Uint8Array(width * height * 3);
  for (let at = 0; at < width * height; at += 1) values.set(color(at % width, Math.floor(at / width)), at * 3);
  return png(width, height, values, 2, 3);
}

/**
 * @param {number} width
 * @param {number} height
 * @param {Uint8Array} pixels
 * @param {number} colorType PNG's
 * @param {number} channels
 */
function png(width, height, pixels, colorType, channels) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  header[9] = colorType;
  const rows = [];
  const rowLength = width * channels;
  for (let at = 0; at < pixels.length; at += rowLength) rows.push(Buffer.from([0]), pixels.subarray(at, at + rowLength));
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/**
 * Strokes as a photo of paper shows them: dark ink on light ground.
 * @param {[number, number][][]} strokes 0 to 1
 * @param {number} side pixels
 */
export function inkOnPaper(strokes, side) {
  const pixels = new Uint8Array(side * side).fill(236);
  const radius = side * 0.03;
  for (const [u, v] of strokes.flat()) {
    const [x, y] = [u * side, v * side];
    for (let row = Math.floor(y - radius); row <= y + radius; row += 1) {
      for (let column = Math.floor(x - radius); column <= x + radius; column += 1) {
        const inside = row >= 0 && column >= 0 && row < side && column < side;
        if (inside && Math.hypot(column - x, row - y) <= radius) pixels[row * side + column] = 40;
      }
    }
  }
  return grayPng(side, side, pixels);
}

/** @param {string} name @param {Buffer} data */
function chunk(name, data) {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const frame = Buffer.alloc(4);
  frame.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([frame, body, sum]);
}

/** The checksum of PNG; Node 20's zlib does not show its own. @param {Buffer} bytes */
function crc32(bytes) {
  let sum = ~0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}

/**
 * A photo of paper, squared where it is written on, lit from the left, turned a little, with a blue pen. The same every time.
 * @param {number} width
 * @param {number} height
 * @param {[number, number][][]} strokes in pixels
 */
export function paperPng(width, height, strokes) {
  const ink = new Uint8Array(width * height);
  const radius = height * 0.0035;
  for (const [x, y] of strokes.flatMap(steps)) {
    for (let row = Math.max(0, Math.ceil(y - radius)); row <= Math.min(height - 1, y + radius); row += 1) {
      const half = Math.sqrt(radius * radius - (row - y) * (row - y));
      ink.fill(1, row * width + Math.ceil(x - half), row * width + Math.floor(x + half) + 1);
    }
  }
  const [square, line] = [height / 24, height / 900];
  let seed = 1;
  return rgbPng(width, height, (x, y) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    const noise = (seed >>> 28) - 8;
    const [u, v] = [x + 0.03 * y, y - 0.03 * x + width];
    const printed = strokes.length > 0 && (u % square < line || v % square < line);
    const light = (0.95 - (0.35 * x) / width) / 255;
    const color = ink[y * width + x] ? [45, 60, 150] : printed ? [175, 195, 225] : [250, 248, 240];
    return color.map((value) => Math.max(0, Math.min(255, value * 255 * light + noise)));
  });
}

/** Points along a stroke, at most two pixels apart. @param {[number, number][]} stroke @returns {[number, number][]} */
function steps(stroke) {
  return stroke.flatMap((point, at) => {
    const [x, y] = point;
    const [fromX, fromY] = stroke[at - 1] ?? point;
    const n = Math.max(1, Math.ceil(Math.hypot(x - fromX, y - fromY) / 2));
    return Array.from({ length: n }, (_, step) => /** @type {[number, number]} */ ([fromX + ((x - fromX) * (step + 1)) / n, fromY + ((y - fromY) * (step + 1)) / n]));
  });
}
