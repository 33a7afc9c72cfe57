// IDX, the format of MNIST: a head of big-endian numbers, then bytes.

/** @param {number[]} sizes @param {number} n */
function withHead(sizes, n) {
  const file = new Uint8Array(4 + 4 * sizes.length + n);
  const view = new DataView(file.buffer);
  // Unsigned bytes, so many dimensions.
  view.setUint32(0, 0x0800 + sizes.length);
  sizes.forEach((size, index) => view.setUint32(4 + 4 * index, size));
  return { file, body: file.subarray(4 + 4 * sizes.length) };
}

/** @param {Uint8Array[]} pictures gray @param {number} width @param {number} height */
export function idxImages(pictures, width, height) {
  const { file, body } = withHead([pictures.length, height, width], pictures.length * width * height);
  pictures.forEach((picture, index) => body.set(picture, index * width * height));
  return file;
}

/** @param {number[]} labels 0 to 255 */
export function idxLabels(labels) {
  const { file, body } = withHead([labels.length], labels.length);
  body.set(labels);
  return file;
}
