import { InferenceSession, Tensor } from 'onnxruntime-web/wasm';

const session = await InferenceSession.create('model.onnx', { executionProviders: ['wasm'] });
const { data } = document.querySelector('canvas').getContext('2d').getImageData(0, 0, 28, 28);
const input = Float32Array.from({ length: 784 }, (_, place) => data[4 * place] / 255);
console.log(await session.run({ input: new Tensor('float32', input, [1, 1, 28, 28]) }));
