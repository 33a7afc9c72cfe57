// What the form says of each training option. Which options there are, with ranges and defaults, the library knows.

/** @typedef {{ label: string, hint?: string, percent?: boolean }} OptionText */

/** @type {Record<string, OptionText>} */
export const OPTION_TEXTS = {
  epochs: { label: 'Epochs' },
  batchSize: { label: 'Batch size' },
  learningRate: { label: 'Learning rate' },
  optimizer: { label: 'Optimizer' },
  schedule: { label: 'Rate schedule' },
  warmupSteps: { label: 'Warm-up, batches' },
  loss: { label: 'Loss' },
  labelSmoothing: { label: 'Label smoothing' },
  classWeights: { label: 'Class weights' },
  weightDecay: { label: 'Weight decay' },
  l1: { label: 'L1 penalty' },
  l2: { label: 'L2 penalty' },
  clipNorm: { label: 'Clip gradient length' },
  clipValue: { label: 'Clip gradient values' },
  averageDecay: { label: 'Averaged weights' },
  frozen: { label: 'Frozen layers', hint: 'Names, with commas between' },
  validationSplit: { label: 'Validation, %', percent: true },
  folds: { label: 'Folds' },
  fold: { label: 'Validating fold' },
  mixup: { label: 'Mixup' },
  cutmix: { label: 'CutMix' },
  augmentation: { label: 'Augmentation' },
  patience: { label: 'Early stopping, epochs' },
  keepBest: { label: 'End with the best epoch’s weights' },
  shards: { label: 'Shards of a batch' },
  workers: { label: 'Workers' },
  seed: { label: 'Seed' },
};

/** The groups under "More options", in order. @type {[string, string[]][]} */
export const GROUPS = [
  ['Learning rate', ['schedule', 'warmupSteps']],
  ['Loss', ['loss', 'labelSmoothing', 'classWeights']],
  ['Weights and gradients', ['weightDecay', 'l1', 'l2', 'clipNorm', 'clipValue', 'averageDecay', 'frozen']],
  ['Examples', ['validationSplit', 'folds', 'fold', 'mixup', 'cutmix']],
  ['Augmentation in detail', ['augmentation']],
  ['Run', ['patience', 'keepBest', 'shards', 'workers', 'seed']],
];

/** Always in sight. */
export const FIRST = ['optimizer', 'learningRate', 'batchSize', 'epochs'];

/** Names of choices, and of what an optimizer, a schedule or an augmentation has of its own. @type {Record<string, string>} */
export const WORDS = {
  adam: 'Adam', adamW: 'AdamW', nadam: 'Nadam', rmsProp: 'RMSprop', adaGrad: 'AdaGrad', adaDelta: 'AdaDelta',
  nesterov: 'Nesterov', momentum: 'Momentum', sgd: 'SGD',
  constant: 'Constant', oneCycle: 'One cycle', cosine: 'Cosine decay', exponential: 'Exponential decay', step: 'Step decay',
  warmRestarts: 'Warm restarts', plateau: 'Lower at a plateau',
  crossEntropy: 'Cross-entropy', binaryCrossEntropy: 'Binary cross-entropy', meanSquaredError: 'Mean squared error',
  meanAbsoluteError: 'Mean absolute error', hinge: 'Hinge',
  equal: 'Equal', balanced: 'Balanced', black: 'Black', edge: 'Edge pixels',
  beta1: 'Beta 1', beta2: 'Beta 2', epsilon: 'Epsilon', rho: 'Rho', initialSquare: 'Initial square',
  peakAt: 'Peak at', startFactor: 'Start factor', finalFactor: 'Final factor', parts: 'Parts', factor: 'Factor',
  cycles: 'Cycles', lengthening: 'Lengthening', patience: 'Patience, epochs',
  shift: 'Shift, pixels', rotate: 'Turn, degrees', scale: 'Size, from and to', stretch: 'Stretch', shear: 'Slant, degrees',
  'elastic.strength': 'Warp, pixels', 'elastic.smoothness': 'Warp smoothness', flipHorizontal: 'Mirror left to right',
  erase: 'Erase', brightness: 'Brightness', contrast: 'Contrast', noise: 'Noise', thickness: 'Stroke width, pixels',
  surroundings: 'Surroundings',
};

/**
 * What to enter in a field of this range.
 * @param {{ low?: number, high?: number, above?: boolean, below?: boolean, whole?: boolean, orZero?: boolean }} range
 */
export function rangeWords({ low, high, above, below, whole, orZero }) {
  const number = whole ? 'a whole number' : 'a number';
  const from = low === undefined ? '' : above ? ` above ${low}` : ` from ${low}`;
  const to = high === undefined ? '' : below ? `${from ? ' and' : ''} below ${high}` : `${from ? ' to' : ' up to'} ${high}`;
  return `Enter ${orZero ? '0 or ' : ''}${number}${from}${to}.`;
}
