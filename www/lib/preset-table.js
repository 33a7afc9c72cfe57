// @ts-check
/** The networks known by name, described for choosing. The networks themselves are in the core's zoo. */

/** @typedef {import('./index.d.ts').PresetInfo} PresetInfo */

/** @type {readonly PresetInfo[]} */
export const PRESETS = [
  {
    name: 'tiny',
    title: 'Tiny',
    description: 'Three convolutions with under 10,000 parameters. The quickest to train; good for trying settings.',
  },
  {
    name: 'compact',
    title: 'Compact',
    description: 'Five convolutions with 9,064 parameters, as accurate as networks ten times as large; takes more steps.',
  },
  {
    name: 'sprint',
    title: 'Sprint',
    description: 'Narrow convolutions and a dense layer: from nothing to 99 % of MNIST with the least work. Seconds, with all 60,000 digits.',
  },
  {
    name: 'keras-cnn',
    title: 'Two convolutions',
    description: 'Convolutions of 32 and 64 filters with pooling, then a dense layer of 64. Accurate and still quick.',
  },
  {
    name: 'keras-cnn-dropout',
    title: 'Two convolutions with dropout',
    description: 'The same, with half of the values silenced at random in training: learns slower, overfits less.',
  },
  {
    name: 'one-conv',
    title: 'One convolution',
    description: 'A convolution of 32 filters with pooling, then a dense layer of 128. Many parameters, few of them shared.',
  },
  {
    name: 'mlp',
    title: 'Dense layers only',
    description: 'No convolution at all: every pixel for itself. Shows what convolution is worth.',
  },
  {
    name: 'logistic',
    title: 'Logistic regression',
    description: 'One dense layer: a weight for each pixel and class. The smallest network there is.',
  },
  {
    name: 'linear',
    title: 'Linear regression',
    description: 'The same layer, meant for the loss “mean squared error”: it guesses each class as a number from 0 to 1.',
  },
  {
    name: 'three-channel',
    title: 'Color pictures',
    description: 'Convolutions of 32 and 64 filters with padding, a dense layer of 128; made for color pictures of 32 by 32 pixels.',
  },
  {
    name: 'rnn-rows',
    title: 'Recurrent, row by row',
    description: 'Reads a picture as a sequence of rows, with a memory of 32 numbers: no convolution.',
  },
  {
    name: 'rnn-strokes',
    reads: 'strokes',
    title: 'Recurrent, along the pen',
    description: 'For pen paths as 64 steps of direction and pressure instead of pictures.',
  },
  {
    name: 'rnn-clips',
    reads: 'clips',
    title: 'Recurrent, over clips',
    description: 'For clips of eight frames: the same convolution over each frame, then a memory over their sequence.',
  },
  {
    name: 'resnet8',
    title: 'Residual, 8 layers',
    description: 'Convolutions that add to what they are given; made for color pictures of 32 by 32 pixels.',
  },
  {
    name: 'resnet20',
    title: 'Residual, 20 layers',
    description: 'The same, deeper; made for color pictures of 32 by 32 pixels. Accurate, and slow to train.',
  },
  {
    name: 'mobilenet',
    title: 'Depthwise and pointwise',
    description: 'Each channel for itself, then all channels of a pixel, in turn; made for color pictures of 32 by 32 pixels.',
  },
  {
    name: 'photos',
    title: 'Eight convolutions',
    description: 'Eight convolutions, wider and wider, with two short cuts, made for color pictures of 32 by 32 pixels. The most accurate there, slow to train.',
  },
  {
    name: 'fashion',
    title: 'Five convolutions',
    description: 'Five convolutions, made for the pictures of clothes of Fashion-MNIST. Accurate, and slower to train.',
  },
  {
    name: 'digits',
    title: 'Digit reader',
    description: 'The network of the digit model that comes with Ocelli: six convolutions. The most accurate, slow to train.',
  },
];
