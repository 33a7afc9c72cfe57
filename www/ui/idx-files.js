// IDX files (the format of MNIST) as the page needs them: which file is which, and how large its pictures are.
// The checks that count are the library's; this reads beginnings only.

/**
 * @typedef {object} IdxHead
 * @property {'images' | 'labels'} holds
 * @property {number[]} shape the sizes the header tells, e.g. [10000, 28, 28]
 */

/**
 * The first bytes of a file, unpacked if it is gzip. Fewer than asked for when the file is shorter.
 * @param {Blob} blob
 * @param {number} wanted
 */
async function beginning(blob, wanted) {
  const magic = new Uint8Array(await blob.slice(0, 2).arrayBuffer());
  if (magic[0] !== 0x1f || magic[1] !== 0x8b) return new Uint8Array(await blob.slice(0, wanted).arrayBuffer());
  const reader = blob.stream().pipeThrough(new DecompressionStream('gzip')).getReader();
  const bytes = new Uint8Array(wanted);
  let length = 0;
  while (length < wanted) {
    const { done, value } = await reader.read();
    if (done) break;
    const piece = value.subarray(0, wanted - length);
    bytes.set(piece, length);
    length += piece.length;
  }
  reader.cancel().catch(() => undefined);
  return bytes.subarray(0, length);
}

/**
 * @param {Blob} blob
 * @param {string} name for the error
 * @returns {Promise<IdxHead>}
 */
export async function idxHead(blob, name) {
  let bytes;
  try {
    bytes = await beginning(blob, 20);
  } catch {
    throw new Error(`${name} is damaged: its gzip data cannot be unpacked.`);
  }
  const dimensions = bytes[3] ?? 0;
  if (bytes[0] !== 0 || bytes[1] !== 0 || bytes[2] !== 8 || (dimensions !== 1 && dimensions !== 3 && dimensions !== 4)) {
    throw new Error(`${name} is not an IDX file of bytes. Choose one file of images and one of labels, like MNIST's.`);
  }
  if (bytes.length < 4 + 4 * dimensions) throw new Error(`${name} ends inside its IDX header.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const shape = Array.from({ length: dimensions }, (_, index) => view.getUint32(4 + 4 * index));
  return { holds: dimensions === 1 ? 'labels' : 'images', shape };
}

/**
 * Height, width and channels of the pictures in an IDX file.
 * @param {Blob} images
 * @returns {Promise<[number, number, number]>}
 */
export async function pictureShape(images) {
  const [, height = 0, width = 0, channels = 1] = (await idxHead(images, 'the images file')).shape;
  return [height, width, channels];
}
