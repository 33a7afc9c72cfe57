// Chosen, dropped and pasted files as pictures with the name of their class: folders, and folders in archives, name it.

import { filesOf, isArchive, unzipped } from '../../../lib/reading.js';
import { isHidden } from '../photos/photo-files.js';

/** @typedef {import('./picture-worker.js').Arrived} Arrived */
/** A file to become a picture; `className` is empty where no folder says it. @typedef {{ name: string, className: string, open: () => Promise<Arrived> }} Arriving */

/** Bytes a file of a project may unpack to. */
const MOST_BYTES = 64 * 2 ** 20;
/** What an archive holds beside pictures. */
const PICTURE = /\.(png|jpe?g|webp|gif|bmp|avif|heic|heif)$/i;
export const MANIFEST = 'project.json';

/** The folder a file lies in. @param {string} path */
function folderOf(path) {
  return path.split('/').at(-2) ?? '';
}

/** What is in an archive, by path. @typedef {Map<string, () => Promise<Arrived>>} Contents */

/** @param {Arrived} file */
export async function bytesOf({ blob, packed }) {
  return packed ? (await unzipped(blob, MOST_BYTES, true)).buffer : blob.arrayBuffer();
}

/**
 * @param {File[]} files
 * @returns {Promise<{ arriving: Arriving[], project: Contents | null }>} `project`: one of the files is a saved one
 */
export async function arrivals(files) {
  /** @type {Arriving[]} */
  const arriving = [];
  for (const file of files) {
    if (isHidden(file)) continue;
    if (!(await isArchive(file))) {
      arriving.push({ name: file.name, className: folderOf(file.webkitRelativePath), open: async () => ({ blob: file, packed: false }) });
      continue;
    }
    const inside = new Map((await filesOf(file)).map((one) => [one.name, () => one.wire()]));
    if (inside.has(MANIFEST)) return { arriving: [], project: inside };
    for (const [path, open] of inside) {
      if (!PICTURE.test(path) || /(^|\/)(\.|__MACOSX\/)/.test(path)) continue;
      arriving.push({ name: path, className: folderOf(path), open });
    }
  }
  return { arriving, project: null };
}
