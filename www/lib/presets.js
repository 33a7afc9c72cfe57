// @ts-check
/** The networks known by name, described for choosing. The networks themselves are in the core's zoo. */

/** @typedef {import('./index.d.ts').PresetInfo} PresetInfo */

/** @type {readonly PresetInfo[]} */
export const PRESETS = [
  {
    name: 'keras-cnn',
    title: 'Two convolutions',
    description: 'Convolution of 32, then of 64 filters, each with pooling; a dense layer of 64. Good and still quick.',
  },
  {
    name: 'one-conv',
    title: 'One convolution',
    description: 'A single convolution with pooling, then straight to the answer. The least that sees shapes.',
  },
  {
    name: 'tiny',
    title: 'Tiny',
    description: 'Small enough to learn within seconds. Good for trying settings.',
  },
  {
    name: 'mlp',
    title: 'Dense layers only',
    description: 'No convolution at all: every pixel on its own. Shows what convolution is worth.',
  },
  {
    name: 'digits',
    title: 'Digits',
    description: 'The network of the digit model that comes with Ocelli. Most accurate, slowest to train.',
  },
  {
    name: 'three-channel',
    title: 'Color pictures',
    description: 'For small pictures in color: 32 by 32 pixels, three channels.',
  },
];
