import { Classifier } from 'ocelli/inference';

const classifier = await Classifier.load('model.safetensors');
const { classes } = await classifier.predict(document.querySelector('canvas'));
console.log(classes);
