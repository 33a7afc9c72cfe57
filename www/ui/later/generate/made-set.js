// A generator's pictures as labelled examples: equally many of each class, each of noise of its own.

/** Pictures asked for at once. */
const AT_ONCE = 500;
/** Seeds that no picture on show has. */
const SEED = 1_000_000;

/**
 * @param {import('../../../lib/generator.js').Generator} generator one that is told the class
 * @param {number} each pictures of each class
 * @param {(share: number) => void} onProgress
 * @returns {Promise<import('../../../lib/index.js').LabelledPixels>}
 */
export async function makeSet(generator, each, onProgress) {
  const { nClasses, pictureShape } = generator.info;
  const labels = Uint32Array.from({ length: each * nClasses }, (_, index) => index % nClasses);
  const size = pictureShape[0] * pictureShape[1] * pictureShape[2];
  const pixels = new Uint8Array(labels.length * size);
  for (let start = 0; start < labels.length; start += AT_ONCE) {
    onProgress(start / labels.length);
    const classes = [...labels.subarray(start, start + AT_ONCE)];
    const { pictures } = await generator.sample({ classes, seed: SEED + start });
    for (const [index, { data }] of pictures.entries()) pixels.set(data, (start + index) * size);
  }
  return { pixels, labels, shape: pictureShape, classNames: Array.from({ length: nClasses }, (_, index) => String(index)) };
}
