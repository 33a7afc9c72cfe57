// What a chosen or dropped file is, where it is no photo that can be read: known formats are refused by name.

/** First bytes, and the key of the words that refuse them. */
const REFUSED = /** @type {const} */ ([
  [/^.{4}ftyp(heic|heix|hevc|heim|heis|mif1|msf1)/s, 'photos.refused-heic'],
  [/^\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)?<svg/is, 'photos.refused-svg'],
  [/^%PDF/, 'photos.refused-pdf'],
  [/^(II\*\0|MM\0\*)/, 'photos.refused-tiff'],
  [/^.{4}ftyp(?!avif|avis)/s, 'photos.refused-video'],
  [/^.E\xdf\xa3/s, 'photos.refused-video'], // Matroska and WebM
]);

/** The key of the words that refuse a file, or null where decoding decides. @param {Blob} file */
export async function refusal(file) {
  if (file.size === 0) return 'photos.refused-empty';
  const start = new Uint8Array(await file.slice(0, 256).arrayBuffer());
  const text = String.fromCharCode(...start);
  return REFUSED.find(([pattern]) => pattern.test(text))?.[1] ?? null;
}

/** Files of a folder that nobody means by "photos". @param {File} file */
export function isHidden(file) {
  return /(^|\/)(\.|thumbs\.db$|desktop\.ini$)/i.test(file.webkitRelativePath || file.name);
}
