// The files of a drop or of the clipboard, those in dropped folders among them.

/** The most files that are taken at once. */
const MOST = 100_000;

/** @param {FileSystemEntry} entry @returns {Promise<File[]>} */
async function filesOf(entry) {
  if (entry.isFile) {
    const one = /** @type {FileSystemFileEntry} */ (entry);
    /** @type {File} */
    const file = await new Promise((resolve, reject) => one.file(resolve, reject));
    // As a folder chooser says it: a dropped file knows only its own name.
    Object.defineProperty(file, 'webkitRelativePath', { value: entry.fullPath.replace(/^\//, ''), configurable: true });
    return [file];
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  /** @type {File[]} */
  const files = [];
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const part = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (part.length === 0 || files.length >= MOST) return files;
    for (const inner of part) files.push(...(await filesOf(inner)));
  }
}

/**
 * To be called while the event is handled: afterwards what it carries is gone.
 * @param {DataTransfer | null} transfer
 * @returns {Promise<File[]>}
 */
export async function filesFrom(transfer) {
  const plain = [...(transfer?.files ?? [])];
  const entries = [...(transfer?.items ?? [])].map((item) => (item.kind === 'file' ? (item.webkitGetAsEntry?.() ?? null) : null));
  if (!entries.some((entry) => entry?.isDirectory)) return plain;
  const found = entries.filter((entry) => entry !== null);
  return (await Promise.all(found.map(filesOf))).flat();
}
