import convnetjs from 'convnetjs';

const net = new convnetjs.Net();
net.makeLayers([
  { type: 'input', out_sx: 28, out_sy: 28, out_depth: 1 },
  { type: 'conv', sx: 3, filters: 32, activation: 'relu' },
  { type: 'pool', sx: 2, stride: 2 },
  { type: 'conv', sx: 3, filters: 64, activation: 'relu' },
  { type: 'pool', sx: 2, stride: 2 },
  { type: 'fc', num_neurons: 64, activation: 'relu' },
  { type: 'softmax', num_classes: 10 },
]);
const trainer = new convnetjs.Trainer(net, { method: 'adam', batch_size: 32 });
const { pixels, labels } = globalThis.examples;
const volumeOf = (values) => Object.assign(new convnetjs.Vol(28, 28, 1, 0), { w: values });
labels.forEach((label, place) => trainer.train(volumeOf(pixels.subarray(784 * place, 784 * (place + 1))), label));
console.log(net.forward(volumeOf(pixels.subarray(0, 784))).w, net.toJSON());
