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
    name: 'three-channel',
    title: 'Color pictures',
    description: 'For color pictures of 32 by 32 pixels: convolutions of 32 and 64 filters, a dense layer of 128.',
  },
  {
    name: 'digits',
    title: 'Digit reader',
    description: 'The network of the digit model that comes with Ocelli: six convolutions. The most accurate, slow to train.',
  },
];
