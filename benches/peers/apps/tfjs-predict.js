import '@tensorflow/tfjs-backend-wasm';
import { browser, setBackend } from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';

await setBackend('wasm');
const model = await loadLayersModel('model.json');
const input = browser.fromPixels(document.querySelector('canvas'), 1).toFloat().div(255).expandDims(0);
console.log(model.predict(input).dataSync());
