// Tells what pictures show: node classify.mjs model.safetensors picture.png …

import { Classifier } from 'ocelli';

const [model, ...pictures] = process.argv.slice(2);
const classifier = await Classifier.load(model);

let place = 0;
for await (const { classes, blank } of classifier.predictMany(pictures, { topK: 3 })) {
  const answers = classes.map(({ label, confidence }) => `${label} ${(100 * confidence).toFixed(1)} %`);
  console.log(`${pictures[place]}: ${blank ? 'nothing to see' : answers.join(', ')}`);
  place += 1;
}
