// Its wasm backend cannot train a convolution.
import '@tensorflow/tfjs-backend-cpu';
import { browser, setBackend, tensor1d, tensor4d } from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';

await setBackend('cpu');
const model = sequential({
  layers: [
    layers.conv2d({ inputShape: [28, 28, 1], filters: 32, kernelSize: 3, activation: 'relu' }),
    layers.maxPooling2d({ poolSize: 2 }),
    layers.conv2d({ filters: 64, kernelSize: 3, activation: 'relu' }),
    layers.maxPooling2d({ poolSize: 2 }),
    layers.flatten(),
    layers.dense({ units: 64, activation: 'relu' }),
    layers.dense({ units: 10, activation: 'softmax' }),
  ],
});
model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
const { pixels, labels } = globalThis.examples;
await model.fit(tensor4d(pixels, [labels.length, 28, 28, 1]), tensor1d(labels), { epochs: 1, batchSize: 32 });
const input = browser.fromPixels(document.querySelector('canvas'), 1).toFloat().div(255).expandDims(0);
console.log(model.predict(input).dataSync(), await model.save('downloads://model'));
