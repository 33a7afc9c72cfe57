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
  const values = Array.from({ length: width * height }, (_, at) => color(at % width, Math.floor(at / width))).flat();
  return png(width, height, Uint8Array.from(values), 2, 3);
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
