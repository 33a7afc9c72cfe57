// Numbers as small pictures: light is high, dark is low; a heat map as orange over the picture.

/**
 * One channel of a layer's output, stretched over the range of values given.
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} data
 * @param {[number, number, number]} shape height, width, channels
 * @param {number} channel
 */
export function paintChannel(canvas, data, [height, width, channels], channel) {
  canvas.width = width;
  canvas.height = height;
  let [low, high] = [Infinity, -Infinity];
  for (let i = channel; i < height * width * channels; i += channels) {
    low = Math.min(low, data[i] ?? 0);
    high = Math.max(high, data[i] ?? 0);
  }
  const range = high - low || 1;
  const image = new ImageData(width, height);
  for (let cell = 0; cell < height * width; cell += 1) {
    const gray = Math.round((((data[cell * channels + channel] ?? 0) - low) / range) * 255);
    image.data.set([gray, gray, gray, 255], cell * 4);
  }
  canvas.getContext('2d')?.putImageData(image, 0, 0);
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {import('../../../lib/index.js').Pixels} picture
 * @param {Float32Array} [heat] a number for each pixel
 */
export function paintPicture(canvas, { data, width, height, channels }, heat) {
  canvas.width = width;
  canvas.height = height;
  // From the least heat to the most; what speaks against the class stays dark.
  const least = heat ? Math.max(0, heat.reduce((least, value) => Math.min(least, value), Infinity)) : 0;
  const most = heat ? heat.reduce((most, value) => Math.max(most, value), 0) : 0;
  const image = new ImageData(width, height);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    const share = heat && most > least ? Math.max(0, (heat[pixel] ?? 0) - least) / (most - least) : 0;
    for (const [channel, orange] of [255, 138, 20].entries()) {
      const own = (data[pixel * channels + (channels === 1 ? 0 : channel)] ?? 0) * (heat ? 0.75 : 1);
      image.data[pixel * 4 + channel] = own + (orange - own) * share * 0.85;
    }
    image.data[pixel * 4 + 3] = 255;
  }
  canvas.getContext('2d')?.putImageData(image, 0, 0);
}
