import { Classifier } from 'ocelli';

const classifier = await Classifier.create('keras-cnn');
await classifier.setDataset(globalThis.examples);
await classifier.train({ epochs: 1 });
const { classes } = await classifier.predict(document.querySelector('canvas'));
console.log(classes, await classifier.save());
