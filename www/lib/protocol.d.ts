/**
 * The wire between page and worker.
 *
 * Page to worker: once, first, an {@link EngineMessage}; then `{ id, type, … }`
 * for a call, `{ id, type: 'cancel' }` to cancel the call of that id, `{ type: 'ping' }`.
 * Worker to page: once, unasked, `ready` with the build, which is of all scripts and so of this wire, too (or `crashed`); per call any number of `progress`, then exactly one `done` or
 * `failed`; `crashed` when the instance is poisoned, after which the worker says nothing more.
 * Pixels and weights are transferred, never copied; Blobs go by reference.
 */
import type {
  Activations, Correction, DatasetInfo, DisturbanceKind, ErrorCode, Evaluation, FeatureDetail, GanInfo, GanOptions, GanProgress, GeneratedName, HeatMap, Internals, LayerParameters, ModelInfo,
  ModelSpec, Prediction, Preprocessing, RateRange, RobustnessOptions, RobustnessPoint, SearchOptions, SearchProgress, SearchResult, SearchTrial, ShareDone, StrokesPrediction,
  TrainChanges, TrainOptions, TrainProgress, TrainResult, Views,
} from './index.d.ts';

/** A picture on its way to the engine. */
export type WireSource =
  | { kind: 'pixels'; data: ArrayBuffer; width: number; height: number; channels: number }
  /** Of the network's own input shape, to be used as they are. */
  | { kind: 'prepared'; data: ArrayBuffer }
  | { kind: 'bitmap'; bitmap: ImageBitmap }
  /** x, y, x, y, …; `lengths[i]` points make stroke i. */
  | { kind: 'strokes'; points: Float32Array; lengths: Uint32Array };

/** Each call to every engine's worker: what the request carries, what the reply holds, what progress tells. */
export interface InferenceCalls {
  /** Frees what the worker holds. */
  release: { request: {}; reply: null; progress: never };
  load: { request: { bytes: ArrayBuffer }; reply: ModelInfo; progress: never };
  predict: { request: { source: WireSource; topK: number }; reply: Prediction; progress: never };
  /** A drawing's digits one by one. */
  predictStrokes: {
    request: { points: Float32Array; lengths: Uint32Array; topK: number };
    reply: StrokesPrediction;
    progress: never;
  };
}

/** What a network is made from: all of it, a preset's name, or a preset on pictures of another shape. */
export type NetworkSpec = ModelSpec | string | { preset: string; inputShape?: [number, number, number]; labels?: string[] };

/** A data set on its way to the engine. */
export type WireDataset =
  /** IDX files; plain if they are known not to be gzipped. */
  | { images: Blob; labels: Blob; plain?: true }
  | { generated: GeneratedName; count: number; seed: number }
  /** Pictures of one shape, one after the other; labels of four bytes each. */
  | { pixels: Blob; labels: Blob; shape: [number, number, number]; classNames: string[] };

/** A file on its way to where it is read. */
export interface WireFile {
  name: string;
  blob: Blob;
  /** It lies packed (raw deflate) in its blob, as in an archive. */
  packed?: boolean;
  /** It is a decoded picture's samples. */
  picture?: { width: number; height: number; channels: number };
}

/** What files are together; `places` are those among the paths. */
export type Arranged =
  | { kind: 'pictures'; places: Uint32Array; labels: Uint32Array; classNames: string[] }
  | { kind: 'sprites'; places: Uint32Array; labels: number }
  | { kind: 'files'; places: Uint32Array };

/** The calls that files become examples by; they need no model. */
export interface DataCalls {
  arrange: { request: { paths: string[]; part: 'train' | 'test' }; reply: Arranged; progress: never };
  /** The shape of the examples that pictures like this become. */
  frameOf: {
    request: { data: ArrayBuffer; width: number; height: number; channels: number };
    reply: { shape: [number, number, number] };
    progress: never;
  };
  /** A picture brought to a network's input. */
  prepareExample: {
    request: {
      data: ArrayBuffer; width: number; height: number; channels: number;
      shape: [number, number, number]; preprocessing?: Preprocessing;
    };
    reply: { example: Uint8Array };
    progress: never;
  };
  readFiles: {
    request: { files: WireFile[]; part: 'train' | 'test'; coarse: boolean; transposed?: boolean };
    reply: { pixels: Uint8Array<ArrayBuffer>; labels: Uint32Array<ArrayBuffer>; shape: [number, number, number]; classNames: string[] };
    progress: never;
  };
}

/** The calls that other classes are taught by. */
/** What a lesson came to; of `heldOut`, -1 is for a picture that was never held out. */
export interface WireTaught {
  model: ArrayBuffer;
  heldOut: Int32Array;
  tuned: WireTuned | null;
}

/** How the network itself learnt on; `judges` are places of pictures. */
export interface WireTuned {
  epochs: number;
  judges: Uint32Array;
  answersBefore: Uint32Array;
  answersAfter: Uint32Array;
}

export interface TeachingCalls {
  /** A picture as the network sees it; null for a blank one. */
  prepare: { request: { source: WireSource }; reply: Uint8Array | null; progress: never };
  /** Of pixels one after the other, width, height and channels of each; what comes is one after the other, without blank ones. */
  prepareBatch: {
    request: { pixels: ArrayBuffer; shapes: Uint32Array };
    reply: { pictures: Uint8Array<ArrayBuffer>; blank: number[] };
    progress: never;
  };
  /** A picture of the model's input shape and itself varied, one after the other. */
  viewsOf: { request: { picture: ArrayBuffer; number: number; views: number; seed: number }; reply: Uint8Array; progress: never };
  /** Of pictures of the model's input shape; each number is a picture's own and decides how its views are varied. */
  features: {
    request: { pictures: ArrayBuffer; numbers: Uint32Array; firstView: number; views: number; detail: FeatureDetail; seed: number };
    reply: { features: Float32Array<ArrayBuffer> };
    progress: ShareDone;
  };
  keepFeatures: { request: { numbers: Uint32Array; features: Float32Array; detail: FeatureDetail }; reply: null; progress: never };
  /** Of these pictures, or of all. */
  forgetFeatures: { request: { numbers?: Uint32Array }; reply: null; progress: never };
  teach: {
    request: {
      /** Or those kept of the pictures of these numbers. */
      features?: Float32Array;
      numbers: Uint32Array;
      classes: Uint32Array;
      labels: string[];
      detail: FeatureDetail;
      options: { head?: 'mean' | 'trained' | 'discriminant'; views?: number; weightDecay?: number; shrinkage?: number; seed?: number };
      /** The network itself learns on, from the pictures that the features are of; `numbers` are theirs. */
      tuning?: { pictures: ArrayBuffer; unfreeze: 'lastBlock' | 'all'; epochs: number | undefined };
    };
    reply: WireTaught;
    progress: ShareDone;
  };
}

/** The first message of a page to a worker. */
export interface EngineMessage {
  type: 'engine';
  /** Compiled; null where the page may not, or it did not arrive. */
  module: WebAssembly.Module | null;
  /** Where it lies, if it is the package's own. */
  wasm?: string | false;
  /** Where the rest of it lies, which rarer calls need. */
  rest?: string | false;
  /** Where the handlers of these calls lie, for a worker that comes without. */
  later?: string | false;
}

/** Each call to the worker that trains. */
export interface EngineCalls extends InferenceCalls, LaterCalls {
  create: { request: { spec: NetworkSpec; seed: number }; reply: ModelInfo; progress: never };
  setDataset: { request: WireDataset; reply: DatasetInfo; progress: never };
  /** Progress and reply bring the weights along now and then, as a model file, to restore from. */
  train: {
    /** The ports lead to helpers, workers that serve a `help` call. */
    request: {
      options: TrainOptions;
      helpers?: MessagePort[];
      /** A run that was put aside, to go on with in place of a new one. */
      resumeFrom?: ArrayBuffer;
      /** Whether progress shall bring the run itself along every few seconds, to go on with later. */
      putsAside?: boolean;
    };
    reply: { result: TrainResult; checkpoint: ArrayBuffer | null };
    progress: { progress: TrainProgress | null; checkpoint: ArrayBuffer | null; run: ArrayBuffer | null };
  };
  /** Computes parts of another worker's training, until that one says it is over. */
  help: { request: { port: MessagePort }; reply: null; progress: never };
  pause: { request: {}; reply: TrainProgress; progress: never };
  resume: { request: {}; reply: null; progress: never };
  stop: { request: {}; reply: null; progress: never };
  save: { request: { storage: 'f32' | 'f16' | 'i8' }; reply: { bytes: ArrayBuffer }; progress: never };
}

/** Those whose handlers come with the first of them. */
export interface LaterCalls extends DataCalls, TeachingCalls {
  changeTraining: { request: { changes: TrainChanges }; reply: TrainProgress; progress: never };
  /** The run under way as bytes. */
  checkpoint: { request: {}; reply: { bytes: ArrayBuffer }; progress: never };
  step: { request: { of?: 'batch' | 'epoch' }; reply: TrainProgress; progress: never };
  evaluate: { request: { views?: Views }; reply: Evaluation; progress: ShareDone };
  predictBatch: { request: { pictures: ArrayBuffer }; reply: { probabilities: Float32Array }; progress: never };
  /** The mean of what the network thinks of several views of a picture. */
  predictViews: { request: { source: WireSource; topK: number; views: Views }; reply: Prediction; progress: never };
  /** A picture of the data set and its class. */
  example: { request: { index: number }; reply: { data: Uint8Array; classIndex: number }; progress: never };
  /** Trains by many options; the best is trained again on all examples. The reply brings its weights. */
  search: {
    request: { options: SearchOptions; rows: readonly SearchTrial[] };
    reply: { search: SearchResult; checkpoint: ArrayBuffer | null };
    progress: { trial: SearchTrial | null; progress: SearchProgress | null };
  };
  /** A run on a copy of the network whose learning rate climbs. */
  findLearningRate: {
    request: { options: TrainOptions; climb: { low?: number; high?: number; steps?: number } };
    reply: RateRange;
    progress: ShareDone;
  };
  /** A look inside the network that learns. */
  internals: { request: {}; reply: Internals; progress: never };
  evaluateEach: {
    request: {};
    reply: { indices: Uint32Array; classes: Uint32Array; predicted: Uint32Array; confidences: Float32Array; labelConfidences: Float32Array };
    progress: never;
  };
  /** Shows the network what it shall not forget; before corrections. */
  recall: { request: {}; reply: null; progress: never };
  /** A picture of the model's input shape and its class. The reply brings the model along, to restore from. */
  correct: { request: { picture: ArrayBuffer; classIndex: number }; reply: { correction: Correction; model: ArrayBuffer }; progress: never };
  undoCorrection: { request: {}; reply: { correction: Correction; model: ArrayBuffer }; progress: never };
  explain: {
    request: { source: WireSource; asked: { method: string; classIndex?: number; layer?: string } };
    reply: HeatMap | null;
    progress: never;
  };
  activations: { request: { source: WireSource; layer: string }; reply: Activations | null; progress: never };
  parameters: { request: { layer: string }; reply: LayerParameters[]; progress: never };
  /** The picture alone: what the network thinks of it is another call. */
  disturb: {
    request: { source: WireSource; kind: DisturbanceKind; strength: number; seed: number; classIndex?: number; toward: boolean };
    reply: Uint8Array | null;
    progress: never;
  };
  robustness: {
    request: { options: RobustnessOptions };
    reply: RobustnessPoint[];
    progress: ShareDone & { points: RobustnessPoint[] };
  };
}

/** From the worker that leads a training to a helper. */
export type ToHelper =
  /** Of the model, the network matters. */
  | { type: 'prepare'; model: ArrayBuffer; dataset: WireDataset }
  /** The run as it is, and the way to the neighbors. */
  | { type: 'join'; run: ArrayBuffer; part: number; ports: MessagePort[] }
  | { type: 'change'; changes: TrainChanges }
  /** Rounds follow, until one of the workers says that no more shall. */
  | { type: 'go' }
  | { type: 'ask' }
  | { type: 'end' };

/** From a helper to the worker that leads. */
export type FromHelper =
  | { type: 'prepared' }
  /** The answer to being asked. */
  | { type: 'here' }
  | { type: 'failed'; message: string };

/** Between workers that compute parts of a round: a piece of what a part came to, and whether another round shall follow. */
export interface ToNeighbor { piece: number; buffer: ArrayBuffer; more: boolean }

/** Each call to a generator's worker. */
export interface GanCalls {
  /** Frees what the worker holds. */
  release: { request: {}; reply: null; progress: never };
  create: { request: { preset: string; options: GanOptions }; reply: GanInfo; progress: never };
  load: { request: { bytes: ArrayBuffer; options: GanOptions }; reply: GanInfo; progress: never };
  setDataset: { request: WireDataset; reply: DatasetInfo; progress: never };
  /** Until it is stopped. */
  train: { request: {}; reply: GanProgress; progress: GanProgress };
  pause: { request: {}; reply: null; progress: never };
  resume: { request: {}; reply: null; progress: never };
  stop: { request: {}; reply: null; progress: never };
  sample: {
    request: { classes: Uint32Array; seed: number; towards: number; at: number };
    reply: { data: Uint8Array; diversity: number; realDiversity: number };
    progress: never;
  };
  save: { request: {}; reply: { bytes: ArrayBuffer }; progress: never };
}

/** Each call to the decoder's worker. */
export interface DecodeCalls {
  decode: {
    /** A file, or its bytes. */
    request: { blob?: Blob; bytes?: ArrayBuffer; packed?: boolean };
    reply: { data: ArrayBuffer; width: number; height: number; channels: number };
    progress: never;
  };
  /**
   * Files, one's bytes after the other's. The reply tells of as many of the first as have room in it: the pixels one after the
   * other, width, height and channels of each.
   */
  decodeBatch: {
    request: { bytes: ArrayBuffer; lengths: Uint32Array };
    reply: { pixels: ArrayBuffer; shapes: Uint32Array<ArrayBuffer> };
    progress: never;
  };
  /**
   * A file or pixels. The reply's `places` has row, number in the row, left, top, right and bottom of each digit; `pictures`
   * its 28 × 28 bytes.
   */
  findDigits: {
    request: { blob?: Blob; pixels?: Pixels };
    reply: { width: number; height: number; places: Uint32Array<ArrayBuffer>; pictures: Uint8Array<ArrayBuffer> };
    progress: never;
  };
}

/** The shape all call tables have. */
export type CallTable<Calls> = { [T in keyof Calls]: { request: object; reply: unknown; progress: unknown } };

/** Page to worker. */
export type Request<Calls extends CallTable<Calls>> =
  | { [T in keyof Calls]: { id: number; type: T } & Calls[T]['request'] }[keyof Calls]
  | { id: number; type: 'cancel' }
  | { type: 'ping' };

/** Worker to page. */
export type Response<Calls extends CallTable<Calls>> =
  | { type: 'ready'; build: string }
  | { type: 'crashed'; message: string }
  | { type: 'pong' }
  | { id: number; type: 'progress'; value: Calls[keyof Calls]['progress'] }
  | { id: number; type: 'done'; value: Calls[keyof Calls]['reply'] }
  | { id: number; type: 'failed'; code: ErrorCode; message: string };

/** What a handler may use while it works on one call. */
export interface CallContext<Progress> {
  /** Aborted when the page cancels the call. */
  signal: AbortSignal;
  progress(value: Progress, transfer?: Transferable[]): void;
}

/** A reply that takes buffers along. */
export interface Reply<Value> { value: Value; transfer?: Transferable[] }

/** One handler per call: forgetting one does not compile. */
export type Handlers<Calls extends CallTable<Calls>> = {
  [T in keyof Calls]: (
    request: Calls[T]['request'],
    context: CallContext<Calls[T]['progress']>,
  ) => Reply<Calls[T]['reply']> | Promise<Reply<Calls[T]['reply']>>;
};

/** The part of a Worker, or of its global scope, that messages need. */
export interface Port {
  postMessage(message: unknown, options?: StructuredSerializeOptions): void;
}
