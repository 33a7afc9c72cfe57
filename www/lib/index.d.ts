/**
 * Ocelli: train and run image classifiers in a browser tab. Public types of the package.
 *
 * Everything is computed in a worker; nothing leaves the machine.
 */

/** Anything that takes time accepts these. */
export interface CallOptions {
  /** Aborting rejects the call with a {@link ClassifierError} of code `aborted` and name `AbortError`. */
  signal?: AbortSignal;
}

/**
 * Why a call failed; these strings never change.
 *
 * From the core: `shape`, `config`, `format`, `unsupported`, `limit`, `image`, `label`, `data`,
 * `non-finite` (training arrived at a loss that is not a number), `state` (something must be done first).
 * From the library: `aborted` (by an AbortSignal), `superseded` (a newer `latest` prediction took the place),
 * `closed` (by {@link Classifier.close}), `crashed` (the worker died; a fresh one takes over),
 * `startup` (the worker did not start), `build` (page and worker are of different builds),
 * `network` (a file did not arrive).
 */
export type ErrorCode =
  | 'shape' | 'config' | 'format' | 'unsupported' | 'limit' | 'image' | 'label' | 'data' | 'non-finite' | 'state'
  | 'aborted' | 'superseded' | 'closed' | 'crashed' | 'startup' | 'build' | 'network';

/** The only error the library rejects with. The message is one sentence a user can act on. */
export class ClassifierError extends Error {
  constructor(code: ErrorCode, message: string, options?: { cause?: unknown });
  readonly code: ErrorCode;
}

/** A point of a pen's path, in any unit: a drawing is scaled to its own size. */
export interface StrokePoint { x: number; y: number }

/** A drawing as the pen made it. Exact, and independent of any canvas. */
export interface Strokes { strokes: StrokePoint[][] }

/** Pixels in memory, rows from the top, channels interleaved. */
export interface Pixels {
  data: Uint8Array;
  width: number;
  height: number;
  /** 1 gray, 3 RGB, 4 RGBA with straight alpha. */
  channels: number;
  /** Of the network's own input shape already, to be used as they are. */
  prepared?: boolean;
}

/** The bytes of a picture file. A `Blob` holds them as well; of many small files in memory, each its own costs more than its bytes. */
export interface EncodedPicture { encoded: Uint8Array }

/**
 * Whatever holds a picture. Files and addresses of files are decoded in a worker of their own.
 *
 * A typed array has the values of the network's own input shape: bytes, or numbers from 0 to 1.
 */
export type ImageSource =
  | ImageData | ImageBitmap | HTMLCanvasElement | OffscreenCanvas | HTMLImageElement | HTMLVideoElement | VideoFrame | Blob | URL | string
  | EncodedPicture | Uint8Array | Uint8ClampedArray | Float32Array | Float64Array | Pixels | Strokes;

/** One answer of the network. */
export interface ClassScore {
  label: string;
  /** Place of the label among the model's labels. */
  index: number;
  /** 0 to 1; all classes together make 1. */
  confidence: number;
}

/** What the network thinks of a picture. */
export interface Prediction {
  /** Most confident first, at most `topK`; empty when the picture is blank. */
  classes: ClassScore[];
  /** There was nothing to see: no ink, no strokes. */
  blank: boolean;
  /** The picture as the network saw it, after preparation; null when blank. */
  input: Pixels | null;
  /** Above 0 for what looks like none of the classes; null when blank, and of a model that cannot tell. */
  novelty: number | null;
  /** Time in the worker: preparation and network together. */
  milliseconds: number;
}

/** A digit of a drawing and what the network thinks of it. */
export interface StrokesPart extends Prediction {
  /** Which of the drawing's strokes make it, by their places. */
  strokes: number[];
  /** The box of their points, in the drawing's unit. */
  box: { left: number; top: number; right: number; bottom: number };
}

/** What the network thinks of a drawing of several digits. */
export interface StrokesPrediction {
  /** In the order of reading: rows from the top, each from the left. None for a drawing without points. */
  parts: StrokesPart[];
  /** Time in the worker, all together. */
  milliseconds: number;
}

/** What holds the photo of a page: a file, its address, or pixels. */
export type PageSource = Blob | URL | string | Pixels | ImageData;

/** A digit on a page and what the network thinks of it. */
export interface PageDigit extends Prediction {
  /** Which number of its row it is of, from 0: a gap begins another one. */
  number: number;
  /** Where it is, in pixels of the upright photo. */
  box: { left: number; top: number; right: number; bottom: number };
  /** False for what looks like none of the classes. Among digits of its row it must look more so than alone. */
  isDigit: boolean;
}

/** A row of a page. */
export interface PageRow {
  /** What is read: `?` for what is no digit, a space between numbers. */
  text: string;
  /** From the left. */
  digits: PageDigit[];
}

/** What the network thinks of a photo of handwriting. */
export interface PagePrediction {
  /** From the top; none where nothing is found. */
  rows: PageRow[];
  /** Of the upright photo, in pixels. */
  width: number;
  height: number;
}

/**
 * How a picture's features are laid out: as the last layer reads them, or, where the network takes the mean of each channel,
 * as the means of up to 4 × 4 parts of the picture, so that it stays known what is where.
 */
export type FeatureDetail = 'whole' | 'parts';

/** How features of many pictures are taken. */
export interface FeatureOptions {
  detail?: FeatureDetail;
  /** Lists of features a picture: of itself, and of it moved, turned, scaled and lit otherwise; 1 unless said. */
  views?: number;
  /** The first of these views; 0, the picture itself, unless said. */
  firstView?: number;
  /** The pictures' own numbers, which with the seed decide how each is varied; their places unless said. */
  numbers?: Uint32Array;
  seed?: number;
  onProgress?(progress: ShareDone): void;
}

/** What to learn other classes from. */
export interface TeachLesson {
  /** Of {@link Classifier.featuresBatch}: `[n, views, features]`. */
  features?: Float32Array;
  /** In their place the pictures whose features {@link Classifier.keepFeatures} was given. */
  numbers?: Uint32Array;
  /** The class of each picture, by its place among the labels; every class needs one at least. */
  classes: Uint32Array | number[];
  labels: string[];
  /** As the features were taken. */
  detail?: FeatureDetail;
  /** As the features were taken. */
  views?: number;
  /**
   * By the nearest mean of a class' features, by a layer that is trained (so unless said), or by discriminant analysis, which
   * does best where many features say nearly the same.
   */
  head?: 'mean' | 'trained' | 'discriminant';
  /** The pull of a trained head's weights toward 0; 0.01 unless said. */
  weightDecay?: number;
  /** How far discriminant analysis draws features toward equal and independent ones, 0 to 1; 0.05 unless said. */
  shrinkage?: number;
  /**
   * Lets the network itself learn on after its new last layer: the block of layers after it last made its maps smaller, or all.
   * A fifth of the pictures of each class is held out and judges; where they are answered no better for it, the network stays
   * as it was. Needs `pictures`, a class of three or more, and time: about a minute for a hundred of them.
   */
  unfreeze?: 'none' | 'lastBlock' | 'all';
  /** Those that the features are of, as {@link Classifier.featuresBatch} takes them. */
  pictures?: Uint8Array;
  /** How often each is learnt from at most while the network learns on; 20, or less for many, unless said. */
  epochs?: number;
  seed?: number;
}

/** How a network learnt on that had a new last layer. */
export interface Tuned {
  /** How often each picture was learnt from; 0 where the network stayed as it was. */
  epochs: number;
  /** The pictures that were held out to judge, by their places, and their answers without and with it. */
  judged: { picture: number; before: number; after: number }[];
  rightBefore: number;
  rightAfter: number;
}

/** What a lesson came to. */
export interface Taught {
  /** The new classifier's file, for {@link Classifier.load}. */
  model: Blob;
  /**
   * For each picture the class that was answered by a head learnt without it; null for one that was never held out. Up to
   * 500 pictures are held out in five parts, of more a fifth.
   */
  heldOut: (number | null)[];
  /** Where the network itself should learn on. */
  tuned?: Tuned;
}

/** What a correction, or taking one back, came to. */
export interface Correction {
  /** Share of the judging examples read right before and after: two of three known ones, never learnt with it. */
  accuracyBefore: number;
  accuracyAfter: number;
  nJudging: number;
  /** How likely the network holds the right class of the corrected picture now; 0 when one was taken back. */
  confidence: number;
  nSteps: number;
  /** Corrections in force. */
  nCorrections: number;
  /** Time in the worker. */
  milliseconds: number;
}

/** One layer, as the summary shows it. */
export interface LayerInfo {
  name: string;
  type: string;
  outputShape: number[];
  /** Places, among the layers, of those it reads. */
  inputs: number[];
  nParameters: number;
  /** For one example, forward. */
  multiplyAdds: number;
}

/** How pictures are brought to the network's input; a part of the model. */
export interface Preprocessing {
  /** `digit`: the ink alone, centered as in MNIST. `penSteps`: a pen's path as 64 even steps of direction and pressure,
   * 64 by 3. `resize` (unless said): the middle square, scaled. */
  preparation: 'digit' | 'penSteps' | 'resize';
  /** Per channel, of values from 0 to 1; 0 where not given. */
  mean: number[];
  /** Per channel; 1 where not given. */
  standardDeviation: number[];
}

/** What a model is. */
export interface ModelInfo {
  labels: string[];
  /** Height, width, channels. */
  inputShape: [number, number, number];
  nParameters: number;
  /** For one example, forward. */
  multiplyAdds: number;
  layers: LayerInfo[];
  preprocessing: Preprocessing;
}

/** A number: so many cells of zeros on every side. */
export type Padding = 'valid' | 'same' | number;

/** One layer of a {@link ModelSpec}. The last one gives the logits: no softmax at the end. */
export type LayerSpec =
  | { type: 'conv2d'; filters: number; kernelSize: number; stride?: number; padding?: Padding; dilation?: number; groups?: number; bias?: boolean }
  | { type: 'depthwiseConv2d'; kernelSize: number; multiplier?: number; stride?: number; padding?: Padding; dilation?: number; bias?: boolean }
  /** Depthwise, then a convolution of size 1. */
  | { type: 'separableConv2d'; filters: number; kernelSize: number; multiplier?: number; stride?: number; padding?: Padding; dilation?: number; bias?: boolean }
  | { type: 'convTranspose2d'; filters: number; kernelSize: number; stride?: number; padding?: Padding; bias?: boolean }
  | { type: 'dense'; units: number; bias?: boolean }
  | { type: 'maxPool2d' | 'averagePool2d'; poolSize: number; stride?: number; padding?: Padding }
  | { type: 'globalAveragePool2d' | 'globalMaxPool2d' | 'softmax' | 'flatten' }
  | { type: 'linear' | 'relu' | 'relu6' | 'gelu' | 'silu' | 'sigmoid' | 'tanh' | 'softplus' }
  | { type: 'elu'; alpha?: number }
  | { type: 'leakyRelu'; slope?: number }
  /** `rate` is the share of elements silenced in training. */
  | { type: 'dropout'; rate: number }
  /** Silences whole channels. */
  | { type: 'spatialDropout2d'; rate: number }
  | { type: 'reshape'; shape: number[] }
  | { type: 'upsample2d'; size?: number; interpolation?: 'nearest' | 'bilinear' }
  /** Cells to add at top, bottom, left and right. */
  | { type: 'zeroPad2d'; padding: [number, number, number, number] }
  | { type: 'layerNorm'; epsilon?: number }
  /** Over inputs of [steps, values]; gives the last step's outputs, or those of all. */
  | { type: 'simpleRnn'; units: number; activation?: 'tanh' | 'relu'; returnSequences?: boolean }
  /** The layers at every step of a sequence, with the same weights. */
  | { type: 'timeDistributed'; layers: LayerSpec[] }
  | { type: 'batchNorm'; momentum?: number; epsilon?: number }
  /** `layers(x) + shortcut(x)`; without a shortcut, x itself. */
  | { type: 'residual'; layers: LayerSpec[]; shortcut?: LayerSpec[] }
  /** The channels of `layers(x)`, then those of `shortcut(x)`; without a shortcut, of x itself. */
  | { type: 'concat'; layers: LayerSpec[]; shortcut?: LayerSpec[] }
  /** `shortcut(x) · layers(x)`, where `layers` may end in one number for each channel. */
  | { type: 'multiply'; layers: LayerSpec[]; shortcut?: LayerSpec[] };

/** A network as data. */
export interface ModelSpec {
  /** Height, width, channels. */
  inputShape: [number, number, number];
  labels: string[];
  layers: LayerSpec[];
  preprocessing?: Partial<Preprocessing>;
  /** How weights are drawn; `glorotUniform` unless said. */
  initializer?: 'glorotUniform' | 'heNormal';
}

/** Networks that are known by name. */
export type PresetName =
  | 'tiny' | 'compact' | 'sprint' | 'keras-cnn' | 'keras-cnn-dropout' | 'one-conv' | 'mlp' | 'logistic' | 'linear' | 'three-channel'
  | 'rnn-rows' | 'rnn-strokes' | 'rnn-clips' | 'resnet8' | 'resnet20' | 'mobilenet' | 'photos'
  | 'fashion' | 'digits';

/** A known network, described for choosing. */
export interface PresetInfo {
  name: PresetName;
  title: string;
  description: string;
  /** What it reads instead of pictures. */
  reads?: 'strokes' | 'clips';
}

/** A data set in IDX files, as MNIST's; gzipped ones are unpacked. Blobs are read in the worker. */
export interface DatasetFiles {
  images: ArrayBuffer | Blob;
  labels: ArrayBuffer | Blob;
}

/** A file of a data set: as the browser hands it over, or its name (with the folders it lies in) and bytes. */
export type DataFile = File | { name: string; bytes: ArrayBuffer | Uint8Array | Blob };

/**
 * Files that make a data set together, told apart by their names and first bytes: IDX pairs (also EMNIST's), CIFAR-10's and
 * CIFAR-100's binary files, tables (`label,pixel0,…`), arrays of NumPy (`.npz`, `.npy`), sprites with `labels.bin`, or
 * pictures in one folder for each class. ZIP archives of such files are opened, gzipped files unpacked.
 */
export interface FilesDataset {
  files: readonly DataFile[];
  /** Which part, where names or folders tell them apart; `train` unless said. */
  part?: 'train' | 'test';
  /** CIFAR-100's twenty groups instead of its hundred classes. */
  coarse?: boolean;
  /** Whether pictures of IDX files lie on their side; unless said, those named EMNIST do. */
  transposed?: boolean;
  /** Take only the middle `crop` × `crop` pixels of each picture, which is not scaled then: 24 of CIFAR-10's 32, as courses do. */
  crop?: number;
}

/** Examples in memory. */
export interface LabelledPixels {
  /** One picture after the other, rows from the top, channels interleaved. */
  pixels: Uint8Array | Uint8ClampedArray;
  /** The class of each, from 0. */
  labels: ArrayLike<number>;
  /** Height, width and channels of every picture. */
  shape: [number, number, number];
  /** Names of the classes; their numbers unless said. Those that a model has among its labels get its places for them. */
  classNames?: string[];
}

/** Examples as they were read from files. */
export interface ReadPixels extends LabelledPixels {
  pixels: Uint8Array<ArrayBuffer>;
  labels: Uint32Array<ArrayBuffer>;
  classNames: string[];
  leftOut: LeftOut;
}

/** Pictures that could not be read, and are not among the examples. */
export interface LeftOut {
  count: number;
  /** Why, of the first few. */
  reasons: string[];
}

/** Whatever holds labelled examples. */
export type Dataset = DatasetFiles | FilesDataset | LabelledPixels | GeneratedDataset;

/** What pictures of any size become: a {@link ModelInfo} is one. */
export interface ExampleForm {
  /** Height, width, channels. */
  inputShape: [number, number, number];
  preprocessing?: Preprocessing;
}

/** Data sets that are made from a seed: pictures of handwritten digits, clips of a moving one, digits as the strokes of a pen. */
export type GeneratedName = 'handwriting' | 'clips' | 'strokes';

/** A data set that is made where it is needed. */
export interface GeneratedDataset {
  generated: GeneratedName;
  /** Examples; 4000 unless said. */
  count?: number;
  /** 1 unless said. */
  seed?: number;
}

/** An example of the data set. */
export interface Example {
  /** As the network is given it; can be predicted as it is. */
  picture: Pixels;
  classIndex: number;
}

export interface DatasetInfo {
  nExamples: number;
  /** Height, width, channels. */
  shape: [number, number, number];
  /** Examples of each class. */
  classCounts: number[];
  classNames: string[];
  /** Present where pictures among the files could not be read. */
  leftOut?: LeftOut;
}

export type OptimizerSpec =
  | { type: 'sgd' }
  | { type: 'momentum' | 'nesterov'; momentum?: number }
  | { type: 'adaGrad'; initialSquare?: number; epsilon?: number }
  | { type: 'adaDelta' | 'rmsProp'; rho?: number; epsilon?: number }
  | { type: 'adam' | 'adamW' | 'nadam'; beta1?: number; beta2?: number; epsilon?: number };

/** Of the network's outputs; a class stands for its one-hot vector. */
export type LossName =
  | 'crossEntropy' | 'binaryCrossEntropy' | 'meanSquaredError' | 'meanAbsoluteError' | 'hinge';

export type ScheduleSpec =
  | { type: 'constant' }
  | { type: 'cosine'; finalFactor?: number }
  | { type: 'oneCycle'; peakAt?: number; startFactor?: number; finalFactor?: number }
  /** By `factor` after each of `parts` equal parts of the run. */
  | { type: 'step'; parts?: number; factor?: number }
  | { type: 'exponential'; finalFactor?: number }
  /** `cycles` half cosines, each `lengthening` times as long as the one before. */
  | { type: 'warmRestarts'; cycles?: number; lengthening?: number; finalFactor?: number }
  /** By `factor` after more than `patience` epochs without a lower loss. */
  | { type: 'plateau'; factor?: number; patience?: number; finalFactor?: number };

/** How training pictures are varied, each by amounts drawn evenly from these ranges. What is left out is off. */
export interface Augmentation {
  /** Pixels, to either side and up or down. */
  shift?: number;
  /** Degrees, either way. */
  rotate?: number;
  /** Smallest and largest factor. */
  scale?: [number, number];
  /** Changes the ratio of width to height by a factor of up to 1 + this. */
  stretch?: number;
  /** Slant in degrees, either way. */
  shear?: number;
  /** Bends the picture as if on rubber: by `strength` pixels, changing over `smoothness` pixels. */
  elastic?: { strength?: number; smoothness?: number };
  /** Mirrors left to right, every other time. */
  flipHorizontal?: boolean;
  /** Longest side of a blackened rectangle, as a share of the picture's. */
  erase?: number;
  brightness?: number;
  contrast?: number;
  noise?: number;
  /** Thicker and thinner strokes, in pixels. */
  thickness?: number;
  /** What lies around the picture; black unless said. */
  surroundings?: 'black' | 'edge';
}

export interface TrainOptions {
  /** 10 unless said. */
  epochs?: number;
  /** 32 unless said; as many as there are examples make one batch of all. */
  batchSize?: number;
  /** Parts a batch is cut into, a power of two; the same number gives the same bits everywhere. 4 unless said. */
  shards?: number;
  /**
   * Workers that compute the shards, each with memory and a copy of the data set of its own; a power of two up to
   * `shards` is used. As many as the machine has processors, up to 4, unless said. The result is the same for any
   * number, bit for bit; a worker that dies is done without.
   */
  workers?: number;
  /** `crossEntropy` unless said. */
  loss?: LossName;
  /** How far the loss' targets are drawn toward equal shares, 0 to 1. */
  labelSmoothing?: number;
  /** What an example of each class counts in training; `equal` unless said. */
  classWeights?: 'equal' | 'balanced' | number[];
  /** Adam unless said. */
  optimizer?: OptimizerSpec;
  /** 0.001 unless said. */
  learningRate?: number;
  weightDecay?: number;
  /** Factor of the sum of the weights' sizes, added to the loss. */
  l1?: number;
  /** Factor of the sum of the weights' squares, added to the loss. */
  l2?: number;
  /** The most an element of the gradient may be; 0, unless said, for no bound. */
  clipValue?: number;
  /** The greatest length of the gradient; 0, unless said, for no bound. */
  clipNorm?: number;
  /** What an average of the parameters keeps each step; it is the average that is validated and kept. */
  averageDecay?: number;
  schedule?: ScheduleSpec;
  warmupSteps?: number;
  /** Share of the examples kept for validation, 0 to 1. 0.1 unless said. */
  validationSplit?: number;
  /** Equal parts of the examples, of which one validates; 0, unless said, for `validationSplit`. */
  folds?: number;
  /** Which part validates, from 0. */
  fold?: number;
  /** How many examples, the last ones of the data, only train and never validate: such as were made, not found. 0 unless said. */
  trainingOnly?: number;
  augmentation?: Augmentation;
  /** Lays training pictures over each other in pairs; 0, unless said, for not at all, to 1 for any share alike. */
  mixup?: number;
  /** Puts rectangles of training pictures into each other in pairs; likewise. */
  cutmix?: number;
  /** Makes shuffling, dropout and augmentation repeatable. 1 unless said. */
  seed?: number;
  /** End with the weights of the epoch that validated best. True unless said. */
  keepBest?: boolean;
  /** Epochs without a better validation after which training ends early; 0, unless said, for never. */
  patience?: number;
  /** Names of layers that stay as they are. */
  frozen?: string[];
}

/** A training option: what it may be, and is unless said. */
export interface OptionInfo {
  name: keyof Omit<TrainOptions, 'workers'>;
  /** `variant`: a record with a `type`; `names`: a list of texts. */
  kind: 'number' | 'choice' | 'variant' | 'record' | 'boolean' | 'names';
  default: unknown;
  /** Of a number: the least and the most it may be. */
  low?: number;
  high?: number;
  /** It must be above the least; below the most. */
  above?: boolean;
  below?: boolean;
  whole?: boolean;
  /** 0, for "off", is permitted beside the range. */
  orZero?: boolean;
  /** The option that must be on for this one to matter. */
  needs?: string;
  choices?: string[];
  /** Each type with its own options as they are unless said. */
  variants?: { type: string; [option: string]: unknown }[];
  members?: Record<string, unknown>;
}

/** What {@link Classifier.train} takes. */
export interface TrainCall extends TrainOptions, CallOptions {
  onProgress?(progress: TrainProgress): void;
  /** Given the run as bytes every few seconds. Kept, they are what {@link resumeFrom} goes on from. */
  onCheckpoint?(run: ArrayBuffer): void;
  /**
   * A run put aside by {@link Classifier.checkpoint} or `onCheckpoint`, of this network and data set: it is gone on with,
   * by its own options, and ends with the very bits of a run that was never interrupted.
   */
  resumeFrom?: Blob | ArrayBuffer | Uint8Array;
}

/** What {@link Classifier.changeTraining} takes; what is not given stays. */
export interface TrainChanges {
  /** The schedule's shape stays. */
  learningRate?: number;
  /** What is left of the epoch is cut anew; the schedule goes on from the same share of its way. */
  batchSize?: number;
  /** For the optimizers `momentum` and `nesterov`. */
  momentum?: number;
  /** For `adam`, `adamW` and `nadam`: the share of the first moment kept. */
  beta1?: number;
}

/** What goes on inside a layer, with the activation and the pooling that are computed in its pass. */
export interface LayerInternals {
  /** As in `info.layers`. */
  name: string;
  forwardMilliseconds: number;
  backwardMilliseconds: number;
  /** Channels of a picture, or numbers of what is flat; of a layer that ends in a ReLU. */
  nUnits?: number;
  /** Of these, the share that put out 0 for all the examples looked at, everywhere. */
  deadShare?: number;
  /** Length of the gradient by its parameters, of the mean loss of the examples looked at. */
  gradientNorm?: number;
  /** Length of the step after the last look, as a share of the length of its parameters; absent before there was one. */
  updateRatio?: number;
}

/** What {@link Classifier.internals} tells. */
export interface Internals {
  /** Steps taken. */
  step: number;
  /** Training examples looked at, spread over all, as they are in the data set. */
  nExamples: number;
  /** One pass of them through the network, and the way back, on one worker. */
  forwardMilliseconds: number;
  backwardMilliseconds: number;
  layers: LayerInternals[];
  /** Memory of the engine that leads the training. */
  memoryBytes: number;
  /** What the look took: the training waited so long. */
  milliseconds: number;
}

export interface EpochResult {
  /** From 1. */
  epoch: number;
  loss: number;
  accuracy: number;
  /** Absent without a validation split. */
  validationLoss?: number;
  validationAccuracy?: number;
}

export interface TrainProgress {
  state: 'running' | 'finished';
  /** From 1. */
  epoch: number;
  nEpochs: number;
  /** Steps taken, over all epochs. */
  step: number;
  nSteps: number;
  stepInEpoch: number;
  /** Of this epoch: it may have had batches of several sizes. */
  stepsPerEpoch: number;
  nExamplesSeen: number;
  nExamplesInEpoch: number;
  /** Training examples, without those held out. */
  nExamplesPerEpoch: number;
  /** The one in force, after the schedule. */
  learningRate: number;
  /** What {@link Classifier.changeTraining} changes, as it is by now: the learning rate before the schedule. */
  inForce: TrainChanges & { learningRate: number; batchSize: number };
  /** Mean over this epoch's training batches so far. */
  loss: number;
  accuracy: number;
  /** Epochs that ended since the last report. */
  history: EpochResult[];
  bestEpoch?: number;
  bestValidationAccuracy?: number;
  /** Time spent training, pauses left out. */
  milliseconds: number;
  /** Training examples a second, over the last few seconds; 0 until known. */
  imagesPerSecond: number;
  /** To the end of all epochs; null until known. */
  secondsLeft: number | null;
  /** Workers that compute the training: 1 until others are ready, and fewer when one died. */
  nWorkers: number;
}

export interface TrainResult extends Omit<TrainProgress, 'state' | 'secondsLeft'> {
  /** `stopped` when {@link Classifier.stop} ended it early. */
  state: 'finished' | 'stopped';
  /** Every epoch of this training. */
  history: EpochResult[];
}

/** What {@link Classifier.search} tries, and how. */
export interface SearchOptions {
  /** For each of some options the values to try. */
  space: { [Option in keyof Omit<TrainOptions, 'workers'>]?: NonNullable<TrainOptions[Option]>[] };
  /** All other options; `epochs` are those of a trial, with `halving` those of the last round. */
  base?: Omit<TrainOptions, 'workers'>;
  /** So many combinations by chance; all of them unless said. */
  random?: number;
  /**
   * Successive halving: all begin with few epochs, and one of so many goes on to a round of so many times the epochs,
   * begun anew.
   */
  halving?: number;
  /** Decides the combinations; 1 unless said. */
  seed?: number;
}

/** One trial of a search, and how it went. */
export interface SearchTrial {
  /** From 1. */
  round: number;
  nRounds: number;
  /** Of each trial of this round. */
  epochs: number;
  /** Which combination, from 0; the same in every round. */
  trial: number;
  /** The values that were tried. */
  choice: Omit<TrainOptions, 'workers'>;
  /** The best validation accuracy; null when the training diverged, or has not ended. */
  accuracy: number | null;
  milliseconds?: number;
}

export interface SearchProgress {
  /** The trial under way. */
  trial: SearchTrial;
  /** Whether it is the best one's last training, on all examples. */
  isBest: boolean;
  training: TrainProgress;
}

export interface SearchCall extends SearchOptions, CallOptions {
  /** The trials of the same search from before it was interrupted; they are not made again. */
  resumeFrom?: readonly SearchTrial[];
  /** Told of each trial that ended. */
  onTrial?(trial: SearchTrial): void;
  onProgress?(progress: SearchProgress): void;
}

export interface SearchResult {
  trials: SearchTrial[];
  /** Null when {@link Classifier.stop} ended the search early. */
  best: SearchTrial | null;
  /** Of the best one's training on all examples, whose weights the model has now. */
  result: TrainResult | null;
}

/** What {@link Classifier.findLearningRate} takes: a training's options, but for those that only a longer one needs. */
export interface FindRateCall extends Omit<TrainOptions, 'learningRate' | 'workers'>, CallOptions {
  /** The rate of the first step; 1e-6 unless said. */
  low?: number;
  /** The rate of the last step, at most 100; 10 unless said. */
  high?: number;
  /** Steps, each a batch, 10 to 10,000; 200 unless said. Fewer are taken when the loss climbs before. */
  steps?: number;
  onProgress?(progress: ShareDone): void;
}

/** What a run with a climbing learning rate showed. */
export interface RateRange {
  /** Each step's rate, and its loss, averaged over the last few. */
  rows: { learningRate: number; loss: number }[];
  /** A tenth of the rate at which the loss was lowest: one to start from. */
  suggestion: number;
}

/** Test-time augmentation: the probabilities are the mean over several views of each picture. */
export interface Views {
  /** Mirrored left and right, too. */
  mirror?: boolean;
  /** Shifted by so many pixels up, down, left and right, too; at most 8. */
  shift?: number;
}

export interface Evaluation {
  loss: number;
  accuracy: number;
  /** Share of examples whose label is among the two, and among the three, most confident classes. */
  topK: [number, number];
  /** `confusion[actual][predicted]` counts. */
  confusion: number[][];
  nExamples: number;
  perClass: ClassMetrics[];
  /** The classes most often taken for another, up to 10 pairs. */
  mostConfused: { actual: number; predicted: number; nExamples: number }[];
  /** Wrongly answered examples, up to 200, first those that the model was surest about. */
  mistakes: Mistake[];
  calibration?: Calibration;
}

/** How well one class is told from the others; a ratio of nothing is 0. */
export interface ClassMetrics {
  /** The examples of the class. */
  nExamples: number;
  /** The examples predicted as the class. */
  nPredicted: number;
  precision: number;
  recall: number;
  f1: number;
}

/** An example that was answered wrongly. */
export interface Mistake {
  /** Its place in the data set. */
  index: number;
  actual: number;
  predicted: number;
  /** The probability of the predicted class. */
  confidence: number;
}

/** What the confidences are worth. */
export interface Calibration {
  /** Expected calibration error, by 15 bins of equal width. */
  error: number;
  /** What logits are to be divided by for the confidences to fit these examples; below 1 for a too timid model. */
  temperature: number;
  /** Expected calibration error after that division. */
  errorAtTemperature: number;
}

/** What the model takes an example of the data set for. */
export interface Reading {
  /** Its place, for {@link Classifier.example}. */
  index: number;
  classIndex: number;
  predicted: number;
  /** In what was predicted. */
  confidence: number;
  /** In its own label: where that is low and `confidence` high, the label may be wrong. */
  labelConfidence: number;
}

/**
 * How a heat map is found: where a layer's features that raise the class' logit lie (`gradCam`, Selvaraju 2017); how much
 * each pixel's change changes the logit (`saliency`, Simonyan 2014), over noisy copies (`smoothGrad`, Smilkov 2017), or
 * times the pixel (`gradientTimesInput`, Shrikumar 2016); how much lower the logit is with a patch covered (`occlusion`,
 * Zeiler 2014).
 */
export type ExplainMethod = 'gradCam' | 'saliency' | 'smoothGrad' | 'gradientTimesInput' | 'occlusion';

/** A number for each pixel of the network's input, rows from the top: the higher, the more it speaks for the class. */
export interface HeatMap {
  data: Float32Array;
  width: number;
  height: number;
  classIndex: number;
  /** Where Grad-CAM was read; null for the other methods. */
  layer: string | null;
  /** The picture as the network saw it. */
  input: Pixels;
}

/** What a layer puts out for a picture. */
export interface Activations {
  data: Float32Array;
  /** `[height, width, channels]`, channels fastest, or `[n]`. */
  shape: number[];
}

/** A tensor of a layer: filters `[kh, kw, in, out]`, dense weights `[in, out]`. */
export interface LayerParameters {
  name: string;
  shape: number[];
  data: Float32Array;
}

/** What can happen to a picture; the strength is a standard deviation of 0 to 1 (`noise`), pixels (`shift`, `blur`: the
 * Gaussian's standard deviation), degrees (`rotation`), or the largest change of a value of 0 to 1 (`fgsm`, `pgd`). */
export type DisturbanceKind = 'noise' | 'shift' | 'rotation' | 'blur' | 'fgsm' | 'pgd';

/** A disturbed picture, and what the network thinks of it. */
export interface Disturbed {
  /** Of the network's input shape; can be predicted as it is. */
  picture: Pixels;
  prediction: Prediction;
}

/** A curve of accuracy while a disturbance grows. */
export interface RobustnessOptions {
  kind: DisturbanceKind;
  /** A point each, up to 50. */
  strengths: number[];
  /** At most so many, drawn by the seed; 500 unless said. */
  nExamples?: number;
  /** 1 unless said. */
  seed?: number;
}

/** A point of that curve. */
export interface RobustnessPoint { strength: number; accuracy: number }

/** Share of the work that is done, 0 to 1. */
export interface ShareDone { share: number }

/** What the event `replaced` tells. */
export interface ReplacedDetail {
  /** Why the worker died: the first panic's text, where there was one. */
  reason: string;
  /**
   * What the fresh worker's weights are: `checkpoint` (the last ones seen during training), `loaded` (the file's) or
   * `created` (fresh ones of the same seed).
   */
  restored: 'checkpoint' | 'loaded' | 'created';
  /** Whether the data set is there again. */
  dataset: boolean;
}

export interface ClassifierEventMap {
  /** The worker died and a fresh one holds the model and data set again. */
  replaced: CustomEvent<ReplacedDetail>;
  /** The worker died and could not be replaced; every further call rejects. */
  lost: CustomEvent<{ reason: string }>;
}

/**
 * One model in one worker, that only predicts: what `ocelli/inference` exports as `Classifier`.
 *
 * Its worker ends by {@link close}, at the end of a `using` block, or after nothing refers to it any more.
 */
export class Predictor extends EventTarget {
  protected constructor();

  /** Opens a model file (safetensors with the network in its metadata). */
  static load(
    source: URL | string | Blob | ArrayBuffer | Uint8Array,
    options?: CallOptions & { onProgress?(progress: ShareDone): void },
  ): Promise<Predictor>;

  readonly info: ModelInfo;

  /**
   * What the network thinks of a picture; answered during training too.
   *
   * With `latest`, for live drawing, a newer such call takes the place of one still waiting, which then rejects with
   * code `superseded`.
   */
  predict(source: ImageSource, options?: CallOptions & { topK?: number; latest?: boolean }): Promise<Prediction>;

  /**
   * Reads a drawing of several digits: which strokes are one digit is found out by where they lie, whatever their order.
   * `latest` as with {@link predict}.
   */
  predictStrokes(strokes: StrokePoint[][], options?: CallOptions & { topK?: number; latest?: boolean }): Promise<StrokesPrediction>;

  /**
   * Reads the digits in a photo of handwriting: on blank, ruled or squared paper or a board, in uneven light, in rows. Finding
   * them and decoding the file is a worker's work. Needs a network that reads single digits of 28 × 28 pixels.
   */
  predictPage(source: PageSource, options?: CallOptions & { topK?: number }): Promise<PagePrediction>;

  /**
   * Predicts one picture after the other, in their order. The next ones are fetched, decoded and computed while you work on
   * an answer, but no more than `ahead` of them, 2 unless said: a long or endless source is asked only as fast as you go on.
   */
  predictMany(
    sources: Iterable<ImageSource> | AsyncIterable<ImageSource>,
    options?: CallOptions & { topK?: number; ahead?: number },
  ): AsyncGenerator<Prediction, void, void>;

  /** Ends the worker and frees all its memory; every pending call rejects with code `closed`. */
  close(): void;
  /** As {@link close}, at the end of a `using` block. */
  [Symbol.dispose](): void;

  addEventListener<K extends keyof ClassifierEventMap>(
    type: K,
    listener: (event: ClassifierEventMap[K]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<K extends keyof ClassifierEventMap>(
    type: K,
    listener: (event: ClassifierEventMap[K]) => void,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | EventListenerOptions): void;
}

/** One model in one worker, that learns too. */
export class Classifier extends Predictor {
  private constructor();

  /**
   * Opens a model file (safetensors with the network in its metadata).
   *
   * The engine that predicts is small; the one that trains is loaded when a call first needs it, or at once with
   * `training`.
   */
  static load(
    source: URL | string | Blob | ArrayBuffer | Uint8Array,
    options?: CallOptions & { training?: boolean; onProgress?(progress: ShareDone): void },
  ): Promise<Classifier>;

  /** Makes an untrained network; one seed always gives the same weights. */
  static create(
    spec: ModelSpec | PresetName,
    options?: CallOptions & {
      seed?: number;
      /** Height, width and channels for a preset, where they are not those it was made for. */
      inputShape?: [number, number, number];
      /** Names of a preset's classes, where they are not those it was made for. */
      labels?: string[];
    },
  ): Promise<Classifier>;

  /** As {@link Predictor.predict}; with `views` by test-time augmentation. */
  predict(source: ImageSource, options?: CallOptions & { topK?: number; latest?: boolean; views?: Views }): Promise<Prediction>;

  /**
   * The probabilities of many pictures at once, faster than one by one: `[n, labels]`, one picture's after the other's.
   * The pictures have the model's input shape already, `[n, height, width, channels]`, one byte a value, and are not
   * prepared any further.
   */
  predictBatch(pictures: Uint8Array, options?: CallOptions): Promise<Float32Array>;

  /**
   * What the network's last layer reads of a picture: a list of numbers that tells like pictures from unlike ones. Null for
   * a blank picture.
   */
  features(source: ImageSource, options?: CallOptions & { detail?: FeatureDetail }): Promise<Float32Array | null>;

  /**
   * Features of many pictures, which have the model's input shape already, `[n, height, width, channels]`, one byte a value,
   * as {@link Prediction.input}; the result is `[n, views, features]`.
   */
  featuresBatch(pictures: Uint8Array, options?: CallOptions & FeatureOptions): Promise<Float32Array>;

  /** A picture as the network sees it, in its input's shape, one byte a value; null where it sees nothing. */
  prepare(source: ImageSource, options?: CallOptions): Promise<Uint8Array | null>;
  /**
   * Many pictures as the network sees them, given by their files' bytes: one after the other, as {@link featuresBatch} takes them,
   * without those in which it sees nothing. `blank` are the places of these. Faster than one by one, and leaves less behind.
   */
  prepareBatch(files: Uint8Array[], options?: CallOptions): Promise<{ pictures: Uint8Array; blank: number[] }>;
  /** A prepared picture, and itself moved, turned, scaled and lit otherwise, as the views of {@link featuresBatch} are. */
  viewsOf(picture: Uint8Array, options?: CallOptions & { number?: number; views?: number; seed?: number }): Promise<Pixels[]>;

  /**
   * Keeps features with the network, in its worker, for lessons to come: so they need not be held in the page nor sent for each.
   * Further views of a picture go after those already kept. The array is given away. A worker that takes over, and one that
   * trains, has none: see the event `replaced`.
   */
  keepFeatures(numbers: Uint32Array, features: Float32Array<ArrayBuffer>, options?: CallOptions & { detail?: FeatureDetail }): Promise<void>;
  /** Forgets what was kept of these pictures, or of all. */
  forgetFeatures(numbers?: Uint32Array, options?: CallOptions): Promise<void>;

  /**
   * A classifier of other classes: all of this network but its last layer, and a new one learnt from features of a few
   * pictures of each class. Takes a second or so, unless the network itself is to learn on; this classifier stays as it is.
   */
  teach(lesson: TeachLesson, options?: CallOptions & { onProgress?(progress: ShareDone): void }): Promise<Taught>;

  /** Hands over the examples to train on and evaluate with; replaces former ones. */
  setDataset(dataset: Dataset, options?: CallOptions & { onProgress?(progress: ShareDone): void }): Promise<DatasetInfo>;

  /**
   * Gets the network ready for {@link correct}: it is shown up to 3,000 examples of the data set, which must be set, that it
   * shall not forget. Takes a second or two; needed once for a data set, and again after a training.
   */
  recall(options?: CallOptions): Promise<void>;

  /**
   * Has the network learn that this picture is of this class: a few steps of its last layer, among a thousand known examples
   * and all former corrections; two thousand others judge what it cost.
   * @param picture of the model's input shape, prepared, as {@link Prediction.input}
   */
  correct(picture: Pixels, classIndex: number, options?: CallOptions): Promise<Correction>;

  /** Takes the last correction back: the weights are those from before it, bit for bit. */
  undoCorrection(options?: CallOptions): Promise<Correction>;

  /**
   * Adds one example to those to train on and evaluate with; how many there are then. The picture is prepared as for
   * {@link predict}. Not beside a data set of files.
   */
  addExample(source: ImageSource, label: string | number, options?: CallOptions): Promise<number>;

  /** An example of the data set, by its place. */
  example(index: number, options?: CallOptions): Promise<Example>;

  /**
   * Trains; resolves when all epochs are done or {@link stop} was called. Aborting keeps the weights of that moment.
   * Progress comes at most about ten times a second, and at each epoch's end.
   */
  train(options?: TrainCall): Promise<TrainResult>;
  /**
   * Trains by many combinations of options, each from fresh weights, and at last by the best one on all examples. The
   * calls {@link pause}, {@link resume} and {@link stop} concern it as a training.
   */
  search(options: SearchCall): Promise<SearchResult>;
  /**
   * Finds a learning rate: trains a copy of the network while the rate climbs, until the loss does. The network stays as it
   * is, to the bit. Takes a few seconds at most with a small network.
   */
  findLearningRate(options?: FindRateCall): Promise<RateRange>;
  /** Halts a training after the current batch. */
  pause(): Promise<TrainProgress>;
  resume(): Promise<void>;
  /** Trains one batch while paused; with `{ of: 'epoch' }` up to the end of the epoch, where it pauses again. */
  step(options?: { of?: 'batch' | 'epoch' }): Promise<TrainProgress>;
  /** The training under way as bytes, for `train({ resumeFrom })`. */
  checkpoint(options?: CallOptions): Promise<Blob>;
  /** Ends a training early; its `train()` resolves. */
  stop(): Promise<void>;
  /**
   * A look inside the network that learns: units that never fire, lengths of gradients and steps, what takes the time. It
   * costs about one batch of 64, and changes no bit of the training.
   */
  internals(options?: CallOptions): Promise<Internals>;
  /** Changes the learning rate of a training under way. */
  setLearningRate(learningRate: number): Promise<void>;
  /**
   * Changes options of a training under way from the next batch on: all that are given, or none if one is refused. A
   * checkpoint takes them along, and the result is the same on any number of workers.
   */
  changeTraining(changes: TrainChanges): Promise<TrainProgress>;

  /**
   * Loss, accuracy and confusion on the validation split after a training, else on the whole data set; with `views` by
   * test-time augmentation.
   */
  evaluate(options?: CallOptions & { views?: Views; onProgress?(progress: ShareDone): void }): Promise<Evaluation>;

  /** What the model takes each example of {@link evaluate} for. */
  evaluateEach(options?: CallOptions): Promise<Reading[]>;

  /**
   * Which pixels speak for a class, the one answered unless said; null for a blank picture. The layer is that of Grad-CAM,
   * unless said the last convolution with what follows it.
   */
  explain(
    source: ImageSource,
    options?: CallOptions & { method?: ExplainMethod; classIndex?: number; layer?: string },
  ): Promise<HeatMap | null>;

  /** A layer's output for a picture, by the layer's name in {@link info}; null for a blank picture. */
  activations(source: ImageSource, options: CallOptions & { layer: string }): Promise<Activations | null>;

  /** The parameters of a layer; none where it has none. */
  parameters(layer: string, options?: CallOptions): Promise<LayerParameters[]>;

  /** A picture disturbed, and the answer to it; null for a blank picture. */
  disturb(
    source: ImageSource,
    options: CallOptions & { kind: DisturbanceKind; strength: number; seed?: number; classIndex?: number; toward?: boolean },
  ): Promise<Disturbed | null>;

  /**
   * A picture changed by at most `epsilon` (0.1 unless said, of values 0 to 1) so that it is no longer read as `classIndex`
   * (the class answered unless said), or with `toward` so that it is; null for a blank picture.
   */
  adversarial(
    source: ImageSource,
    options?: CallOptions & { method?: 'fgsm' | 'pgd'; epsilon?: number; classIndex?: number; toward?: boolean },
  ): Promise<Disturbed | null>;

  /** Accuracy on the examples of {@link evaluate} while a disturbance grows. */
  robustness(
    options: RobustnessOptions,
    onProgress?: (progress: ShareDone & { points: RobustnessPoint[] }) => void,
    signal?: AbortSignal,
  ): Promise<RobustnessPoint[]>;

  /** The model as a file, as {@link load} reads it. `f32` unless said; `f16` halves it, `i8` halves it again
   * at a small cost in accuracy. */
  save(options?: CallOptions & { storage?: 'f32' | 'f16' | 'i8' }): Promise<Blob>;
}

/** How a generator is trained. */
export interface GanOptions {
  /** Real pictures of a step, and as many made ones; 64 unless said. */
  batchSize?: number;
  /** Of both networks, by Adam with beta1 0.5; 0.0002 unless said. */
  learningRate?: number;
  /** Decides weights, noise, order and dropout; 1 unless said. */
  seed?: number;
}

export interface GanInfo {
  /** Height, width, channels. */
  pictureShape: [number, number, number];
  /** Classes that the generator is told; 0 for none. */
  nClasses: number;
  nGeneratorParameters: number;
  nDiscriminatorParameters: number;
}

export interface GanProgress {
  /** Steps of both networks. */
  step: number;
  /** Real pictures seen, each as often as it came. */
  nExamplesSeen: number;
  /** Binary cross-entropy of made pictures that should pass for real. */
  generatorLoss: number;
  /** Binary cross-entropy of the discriminator, on real and on made pictures. */
  discriminatorLoss: [number, number];
  /** Time spent in this training, pauses left out. */
  milliseconds: number;
}

export interface Samples {
  /** Each can be predicted as it is. */
  pictures: Pixels[];
  /** How different they are: the root of the mean squared distance from their mean, a pixel. */
  diversity: number;
  /** The same of real pictures; 0 without data. A generator that has collapsed makes much less of it. */
  realDiversity: number;
}

/**
 * Decodes a picture file (PNG, JPEG, WebP, GIF's first frame, BMP; others where the browser can), upright.
 *
 * Runs in a worker of its own, which a broken file may kill without harm, and loads the decoder on first use.
 */
export function decodeImage(file: Blob | Uint8Array, options?: CallOptions): Promise<Pixels>;

/** A part of the package that runs in a worker. */
export type WorkerName = 'inference' | 'training' | 'generator' | 'decode';

/** A wasm module of the package. */
export type WasmName = 'inference' | 'engine' | 'decode';

/** Where a wasm module lies, its bytes, or itself compiled; or what gives one of these. */
export type WasmSource =
  | URL | string | BufferSource | WebAssembly.Module
  | Promise<BufferSource | WebAssembly.Module>
  | (() => WasmSource);

/** Where the package's parts come from, where that is not beside its script. */
export interface Setup {
  /** The folder with the package's files, as they are in it. */
  base?: URL | string;
  /** Start workers whose script is, or imports, `ocelli/inference-worker`, `ocelli/worker`, `ocelli/gan-worker`, `ocelli/decode-worker`. */
  workers?: { [name in WorkerName]?: () => Worker };
  /** `ocelli/inference.wasm`, `ocelli/wasm` (the training engine whole, in one file), `ocelli/decode.wasm`. */
  wasm?: { [name in WasmName]?: WasmSource };
}

/** Says where the package's parts come from: once, before anything else. Seldom needed. */
export function configure(setup: Setup): void;

/**
 * Reads files to examples before there is a network for them: its `shape` and `classNames` are what
 * {@link Classifier.create} takes as `inputShape` and `labels`. Pictures of up to 64 × 64 keep their size, larger ones
 * become 32 × 32, unless `form` says otherwise.
 */
export function readDataset(
  dataset: FilesDataset,
  options?: CallOptions & { form?: ExampleForm; onProgress?(progress: ShareDone): void },
): Promise<ReadPixels>;

declare global {
  // As in the libraries of TypeScript that know `using`; others lack it.
  interface SymbolConstructor {
    readonly dispose: unique symbol;
  }
}

/** The build this library is of, as `index.js` and the engine both carry it. */
export const BUILD: string;
