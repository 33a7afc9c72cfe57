// The page's elements by id, with their type checked once.

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export function byId(id, type) {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`the page has no ${type.name} "${id}"`);
  return element;
}

/** @param {string} id */
export const button = (id) => byId(id, HTMLButtonElement);
/** @param {string} id */
export const input = (id) => byId(id, HTMLInputElement);
/** @param {string} id */
export const select = (id) => byId(id, HTMLSelectElement);
/** @param {string} id */
export const any = (id) => byId(id, HTMLElement);

/**
 * Calls back with the files a file input was given, and empties it, so that the same file can be chosen again.
 * @param {HTMLInputElement} field
 * @param {(files: File[]) => void} chosen
 */
export function onFiles(field, chosen) {
  field.addEventListener('change', () => {
    const files = [...(field.files ?? [])];
    field.value = '';
    if (files.length > 0) chosen(files);
  });
}

/** For the browser to have begun to save a file, in ms. */
const SAVED_BY = 60_000;

/** Hands the visitor a file to keep. @param {Blob} file @param {string} name */
export function saveFile(file, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), SAVED_BY);
}
