// From navigation to the first prediction of the first job, as an app that only predicts writes it.

import { Classifier } from '/npm/inference.js';
import { pictures } from '/site/bench/networks.js';

const classifier = await Classifier.load('/models/M1.safetensors');
const { bytes } = pictures([28, 28, 1], 1);
const { classes } = await classifier.predict({ data: bytes, width: 28, height: 28, channels: 1 });
if (classes.length !== 10) throw new Error('no prediction came');
Object.assign(globalThis, { firstPrediction: performance.now() });
