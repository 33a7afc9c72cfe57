import { Classifier } from 'ocelli';

const classifier = await Classifier.create('keras-cnn');
for (const { picture, label } of globalThis.examples) await classifier.addExample(picture, label);
await classifier.train({ epochs: 1 });
const { classes } = await classifier.predict(document.querySelector('canvas'));
console.log(classes, await classifier.save());
