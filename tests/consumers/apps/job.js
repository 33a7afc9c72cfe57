/**
 * What every app does with the package: predict a drawing and a picture file, learn from two examples, save, close; and two calls
 * whose code comes later.
 */
export async function job({ Classifier }, model = 'digits.safetensors') {
  const line = (x, y) => ({ strokes: [[{ x: 0, y: 0 }, { x, y }]] });
  const classifier = await Classifier.load(model);
  const drawn = await classifier.predict(line(0, 40));
  const file = await classifier.predict(await pictureOfOne());
  const answer = { drawn: drawn.classes[0].label, file: file.classes[0].label };
  if (classifier.train) {
    await classifier.addExample(line(0, 40), '1');
    await classifier.addExample(line(40, 0), '7');
    const { state } = await classifier.train({ epochs: 2, batchSize: 2, validationSplit: 0, workers: 2 });
    Object.assign(answer, { trained: state, saved: (await classifier.save()).size > 100_000 });
    const map = await classifier.explain(line(0, 40));
    const { nExamples } = await classifier.evaluate();
    Object.assign(answer, { judged: nExamples, explained: map.data.length > 0 });
  }
  classifier.close();
  return answer;
}

/** A white file with an upright line, as a 24-bit bitmap: the simplest file that has to be decoded. */
function pictureOfOne() {
  const [side, head] = [28, 54];
  const row = side * 3;
  const bytes = new DataView(new ArrayBuffer(head + row * side));
  bytes.setUint16(0, 0x424d);
  bytes.setUint32(2, bytes.byteLength, true);
  bytes.setUint32(10, head, true);
  bytes.setUint32(14, 40, true);
  bytes.setInt32(18, side, true);
  bytes.setInt32(22, side, true);
  bytes.setUint16(26, 1, true);
  bytes.setUint16(28, 24, true);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const ink = y >= 4 && y < 24 && (x === 13 || x === 14);
      for (let c = 0; c < 3; c++) bytes.setUint8(head + y * row + x * 3 + c, ink ? 0 : 255);
    }
  }
  return new Blob([bytes.buffer], { type: 'image/bmp' });
}
