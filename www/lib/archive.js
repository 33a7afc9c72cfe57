// @ts-check
/** ZIP archives (also NumPy's .npz): what is in them, without unpacking it. The browser's own stream does that, later. */

import { ClassifierError } from './errors.js';
import { readBlob } from './files.js';

/**
 * A file on its way to a worker.
 * @typedef {import('./protocol.d.ts').WireFile} WireFile
 */

/** Where the directory ends: 22 bytes, and a comment of at most 65,535. */
const END = 0x06054b50;
const END_LENGTH = 22;
const LONGEST_COMMENT = 0xffff;
const ENTRY = 0x02014b50;
const ENTRY_LENGTH = 46;
const LOCAL = 0x04034b50;
const LOCAL_LENGTH = 30;
/** Entries read before others get their turn. */
const AT_ONCE = 1000;
/** Bytes of the list of contents. */
const MOST_DIRECTORY = 64 * 2 ** 20;
/** What only a longer field could hold. */
const ELSEWHERE = 0xffffffff;

/** @param {Blob} blob @returns {Promise<boolean>} whether it begins as an archive does */
export async function isArchive(blob) {
  const [first, second, third, fourth] = new Uint8Array(await readBlob(blob.slice(0, 4)));
  // An empty archive begins with its end.
  return first === 0x50 && second === 0x4b && ((third === 3 && fourth === 4) || (third === 5 && fourth === 6));
}

/** A file in an archive. */
export class ArchivedFile {
  /** Its path within the archive. @readonly */
  name;
  #archive;
  #place;
  #size;
  #packed;

  /**
   * @param {Blob} archive
   * @param {{ name: string, place: number, size: number, packed: boolean }} entry
   */
  constructor(archive, { name, place, size, packed }) {
    this.name = name;
    this.#archive = archive;
    this.#place = place;
    this.#size = size;
    this.#packed = packed;
  }

  /** @returns {Promise<WireFile>} */
  async wire() {
    const head = view(await readBlob(this.#archive.slice(this.#place, this.#place + LOCAL_LENGTH)));
    if (head.byteLength < LOCAL_LENGTH || head.getUint32(0, true) !== LOCAL) throw broken(`${this.name} is not where it should be`);
    const start = this.#place + LOCAL_LENGTH + head.getUint16(26, true) + head.getUint16(28, true);
    const blob = this.#archive.slice(start, start + this.#size);
    if (blob.size < this.#size) throw broken(`${this.name} is cut off`);
    return { name: this.name, blob, packed: this.#packed };
  }
}

/**
 * The files of an archive, in the order of their names.
 * @param {Blob} archive
 * @returns {Promise<ArchivedFile[]>}
 */
export async function filesOf(archive) {
  const tail = view(await readBlob(archive.slice(Math.max(0, archive.size - END_LENGTH - LONGEST_COMMENT))));
  let end = tail.byteLength - END_LENGTH;
  while (end >= 0 && tail.getUint32(end, true) !== END) end -= 1;
  if (end < 0) throw broken('its list of contents is missing');
  const [length, start] = [tail.getUint32(end + 12, true), tail.getUint32(end + 16, true)];
  if (length === ELSEWHERE || start === ELSEWHERE) throw tooLong();
  if (length > MOST_DIRECTORY) throw new ClassifierError('limit', 'Too large: the archive lists too many files.');
  const directory = view(await readBlob(archive.slice(start, start + length)));
  if (directory.byteLength < length) throw broken('its list of contents is cut off');
  /** @type {ArchivedFile[]} */
  const files = [];
  const text = new TextDecoder();
  for (let at = 0; at < length; ) {
    if (at + ENTRY_LENGTH > length || directory.getUint32(at, true) !== ENTRY) throw broken('its list of contents is damaged');
    const [flags, method] = [directory.getUint16(at + 8, true), directory.getUint16(at + 10, true)];
    const [size, place] = [directory.getUint32(at + 20, true), directory.getUint32(at + 42, true)];
    const nameLength = directory.getUint16(at + 28, true);
    const next = at + ENTRY_LENGTH + nameLength + directory.getUint16(at + 30, true) + directory.getUint16(at + 32, true);
    if (next > length) throw broken('its list of contents is damaged');
    const name = text.decode(new Uint8Array(directory.buffer, at + ENTRY_LENGTH, nameLength));
    at = next;
    if (name.endsWith('/')) continue;
    if (flags & 1) throw new ClassifierError('unsupported', `The archive is locked: ${name} needs a password. Pack it without one.`);
    if (method !== 0 && method !== 8) throw new ClassifierError('unsupported', `${name} is packed in a way that is not read. Pack it as a usual ZIP archive.`);
    if (size === ELSEWHERE || place === ELSEWHERE) throw tooLong();
    if (files.length % AT_ONCE === AT_ONCE - 1) await new Promise((resolve) => setTimeout(resolve));
    files.push(new ArchivedFile(archive, { name, place, size, packed: method === 8 }));
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** @param {ArrayBuffer} buffer */
function view(buffer) {
  return new DataView(buffer);
}

/** @param {string} why */
function broken(why) {
  return new ClassifierError('format', `The archive is damaged: ${why}.`);
}

function tooLong() {
  return new ClassifierError('unsupported', 'An archive of 4 GB or more is not read. Divide it.');
}
