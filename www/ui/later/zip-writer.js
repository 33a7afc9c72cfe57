// A zip of a few files, stored as they are.

/** CRC-32 of each byte. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** @param {Uint8Array} bytes */
function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) crc = (crc >>> 8) ^ (TABLE[(crc ^ byte) & 255] ?? 0);
  return ~crc >>> 0;
}

/** Little-endian numbers, each with its length. @param {[bytes: 2 | 4, value: number][]} fields */
function record(fields) {
  const bytes = new Uint8Array(fields.reduce((sum, [length]) => sum + length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [length, value] of fields) {
    if (length === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += length;
  }
  return bytes;
}

/** The longest it keeps the page busy, in ms. */
const SLICE = 12;
/** Parts that become one piece: the browser's from then on, no more the page's. */
const MOST_PARTS = 150;

/** Lets the page do what waits. */
export const othersTurn = () => new Promise((resolve) => setTimeout(resolve));

/**
 * @param {{ name: string, bytes: Uint8Array<ArrayBuffer> }[]} files
 * @returns {Promise<Blob>}
 */
export async function zip(files) {
  let breathedAt = performance.now();
  /** @type {Blob[]} */
  const pieces = [];
  /** @type {Uint8Array<ArrayBuffer>[]} */
  let parts = [];
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const directory = [];
  let offset = 0;
  for (const { name, bytes } of files) {
    const title = new TextEncoder().encode(name);
    // Version 2.0, names in UTF-8, stored, 1 January 1980, checksum, sizes, the name's length, nothing extra.
    /** @type {[2 | 4, number][]} */
    const common = [[2, 20], [2, 0x0800], [2, 0], [2, 0], [2, 0x21], [4, crc32(bytes)], [4, bytes.length], [4, bytes.length], [2, title.length], [2, 0]];
    const head = record([[4, 0x04034b50], ...common]);
    parts.push(head, title, bytes);
    directory.push(record([[4, 0x02014b50], [2, 20], ...common, [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]]), title);
    offset += head.length + title.length + bytes.length;
    if (parts.length >= MOST_PARTS) {
      pieces.push(new Blob(parts));
      parts = [];
    }
    if (performance.now() - breathedAt < SLICE) continue;
    await othersTurn();
    breathedAt = performance.now();
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const end = record([[4, 0x06054b50], [2, 0], [2, 0], [2, files.length], [2, files.length], [4, size], [4, offset], [2, 0]]);
  return new Blob([...pieces, ...parts, ...directory, end], { type: 'application/zip' });
}
