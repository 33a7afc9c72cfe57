/** Ocelli without training. */
export { BUILD, ClassifierError, Predictor as Classifier, configure, decodeImage } from './index.js';
export type {
  CallOptions, ClassScore, ClassifierEventMap, EncodedPicture, ErrorCode, ImageSource, LayerInfo, ModelInfo, Pixels, Prediction, Preprocessing, ReplacedDetail,
  Setup, ShareDone, StrokePoint, Strokes, WasmName, WasmSource, WorkerName,
} from './index.js';
