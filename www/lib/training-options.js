// @ts-check
/** Written by `ocelli options` from the core's own tables; a test compares them. Do not edit. */

/** Every option of a training. @type {readonly import('./index.d.ts').OptionInfo[]} */
export const OPTIONS = [
  {"default":10,"high":10000.0,"kind":"number","low":1.0,"name":"epochs","whole":true},
  {"default":32,"high":10000000.0,"kind":"number","low":1.0,"name":"batchSize","whole":true},
  {"above":true,"default":0.001,"high":100.0,"kind":"number","low":0.0,"name":"learningRate"},
  {"below":true,"default":0.1,"high":1.0,"kind":"number","low":0.0,"name":"validationSplit"},
  {"default":0.0,"high":10.0,"kind":"number","low":0.0,"name":"weightDecay"},
  {"below":true,"default":0.0,"high":1.0,"kind":"number","low":0.0,"name":"labelSmoothing"},
  {"default":0,"high":1000000000.0,"kind":"number","low":0.0,"name":"warmupSteps","whole":true},
  {"default":0.0,"kind":"number","low":0.0,"name":"clipNorm"},
  {"default":0.0,"kind":"number","low":0.0,"name":"clipValue"},
  {"default":0.0,"high":10.0,"kind":"number","low":0.0,"name":"l1"},
  {"default":0.0,"high":10.0,"kind":"number","low":0.0,"name":"l2"},
  {"below":true,"default":0.0,"high":1.0,"kind":"number","low":0.0,"name":"averageDecay"},
  {"default":0,"high":10000.0,"kind":"number","low":0.0,"name":"patience","whole":true},
  {"default":0.0,"high":1.0,"kind":"number","low":0.01,"name":"mixup","orZero":true},
  {"default":0.0,"high":1.0,"kind":"number","low":0.01,"name":"cutmix","orZero":true},
  {"default":0,"high":100.0,"kind":"number","low":2.0,"name":"folds","orZero":true,"whole":true},
  {"default":0,"high":99.0,"kind":"number","low":0.0,"name":"fold","needs":"folds","whole":true},
  {"default":0,"high":1000000000.0,"kind":"number","low":0.0,"name":"trainingOnly","whole":true},
  {"default":4,"high":64.0,"kind":"number","low":1.0,"name":"shards","whole":true},
  {"default":{"beta1":0.9,"beta2":0.999,"epsilon":1e-7,"type":"adam"},"kind":"variant","name":"optimizer","variants":[{"beta1":0.9,"beta2":0.999,"epsilon":1e-7,"type":"adam"},{"beta1":0.9,"beta2":0.999,"epsilon":1e-7,"type":"adamW"},{"beta1":0.9,"beta2":0.999,"epsilon":1e-7,"type":"nadam"},{"epsilon":1e-7,"rho":0.9,"type":"rmsProp"},{"epsilon":1e-7,"initialSquare":0.1,"type":"adaGrad"},{"epsilon":1e-6,"rho":0.95,"type":"adaDelta"},{"momentum":0.9,"type":"nesterov"},{"momentum":0.9,"type":"momentum"},{"type":"sgd"}]},
  {"default":{"type":"constant"},"kind":"variant","name":"schedule","variants":[{"type":"constant"},{"finalFactor":0.0001,"peakAt":0.3,"startFactor":0.04,"type":"oneCycle"},{"finalFactor":0.0,"type":"cosine"},{"finalFactor":0.01,"type":"exponential"},{"factor":0.1,"parts":3,"type":"step"},{"cycles":3,"finalFactor":0.0,"lengthening":2.0,"type":"warmRestarts"},{"factor":0.1,"finalFactor":0.0,"patience":10,"type":"plateau"}]},
  {"choices":["crossEntropy","binaryCrossEntropy","meanSquaredError","meanAbsoluteError","hinge"],"default":"crossEntropy","kind":"choice","name":"loss"},
  {"choices":["equal","balanced"],"default":"equal","kind":"choice","name":"classWeights"},
  {"default":{"brightness":0.0,"contrast":0.0,"elastic":{"smoothness":8.0,"strength":0.0},"erase":0.0,"flipHorizontal":false,"noise":0.0,"rotate":0.0,"scale":[1.0,1.0],"shear":0.0,"shift":0.0,"stretch":0.0,"surroundings":"black","thickness":0.0},"kind":"record","members":{"brightness":0.0,"contrast":0.0,"elastic":{"smoothness":8.0,"strength":0.0},"erase":0.0,"flipHorizontal":false,"noise":0.0,"rotate":0.0,"scale":[1.0,1.0],"shear":0.0,"shift":0.0,"stretch":0.0,"surroundings":"black","thickness":0.0},"name":"augmentation"},
  {"default":true,"kind":"boolean","name":"keepBest"},
  {"default":[],"kind":"names","name":"frozen"},
  {"default":1,"high":9007199254740991,"kind":"number","low":0,"name":"seed","whole":true},
];

/** What each preset is taught with, where it is not the usual. @type {Record<string, import('./index.d.ts').TrainOptions>} */
export const TAUGHT = {
  "tiny": {"learningRate":0.006,"schedule":{"finalFactor":0.0001,"peakAt":0.3,"startFactor":0.04,"type":"oneCycle"}},
  "compact": {"augmentation":{"brightness":0.0,"contrast":0.0,"elastic":{"smoothness":8.0,"strength":0.0},"erase":0.0,"flipHorizontal":false,"noise":0.0,"rotate":8.0,"scale":[0.92,1.08],"shear":6.0,"shift":1.5,"stretch":0.0,"surroundings":"black","thickness":0.0},"averageDecay":0.998,"batchSize":64,"epochs":30,"learningRate":0.006,"schedule":{"finalFactor":0.0002,"peakAt":0.2,"startFactor":0.1,"type":"oneCycle"},"validationSplit":0.05},
  "sprint": {"augmentation":{"brightness":0.0,"contrast":0.0,"elastic":{"smoothness":8.0,"strength":0.0},"erase":0.0,"flipHorizontal":false,"noise":0.0,"rotate":0.0,"scale":[1.0,1.0],"shear":0.0,"shift":1.0,"stretch":0.0,"surroundings":"black","thickness":0.0},"batchSize":64,"epochs":4,"learningRate":0.01,"schedule":{"finalFactor":0.001,"peakAt":0.3,"startFactor":0.1,"type":"oneCycle"}},
  "keras-cnn": {},
  "keras-cnn-dropout": {},
  "one-conv": {"learningRate":0.0001},
  "mlp": {"learningRate":0.1,"optimizer":{"type":"sgd"}},
  "logistic": {"learningRate":0.1,"optimizer":{"type":"sgd"}},
  "linear": {"learningRate":0.02,"loss":"meanSquaredError","optimizer":{"type":"sgd"}},
  "three-channel": {"batchSize":4,"optimizer":{"momentum":0.9,"type":"momentum"}},
  "rnn-rows": {"clipNorm":1.0},
  "rnn-strokes": {"clipNorm":1.0,"epochs":20},
  "rnn-clips": {"clipNorm":1.0,"epochs":20},
  "resnet8": {"batchSize":64,"learningRate":0.1,"optimizer":{"momentum":0.9,"type":"nesterov"},"schedule":{"finalFactor":0.0001,"peakAt":0.3,"startFactor":0.04,"type":"oneCycle"},"weightDecay":0.0005},
  "resnet20": {"batchSize":64,"learningRate":0.1,"optimizer":{"momentum":0.9,"type":"nesterov"},"schedule":{"finalFactor":0.0001,"peakAt":0.3,"startFactor":0.04,"type":"oneCycle"},"weightDecay":0.0005},
  "mobilenet": {"batchSize":64,"learningRate":0.1,"optimizer":{"momentum":0.9,"type":"nesterov"},"schedule":{"finalFactor":0.0001,"peakAt":0.3,"startFactor":0.04,"type":"oneCycle"},"weightDecay":0.0005},
  "photos": {"augmentation":{"brightness":0.0,"contrast":0.0,"elastic":{"smoothness":8.0,"strength":0.0},"erase":0.0,"flipHorizontal":true,"noise":0.0,"rotate":0.0,"scale":[1.0,1.0],"shear":0.0,"shift":4.0,"stretch":0.0,"surroundings":"edge","thickness":0.0},"batchSize":64,"epochs":36,"labelSmoothing":0.1,"learningRate":0.1,"optimizer":{"momentum":0.9,"type":"nesterov"},"schedule":{"finalFactor":0.0005,"peakAt":0.25,"startFactor":0.1,"type":"oneCycle"},"shards":2,"validationSplit":0.04,"weightDecay":0.0005},
  "fashion": {"augmentation":{"brightness":0.0,"contrast":0.0,"elastic":{"smoothness":8.0,"strength":0.0},"erase":0.0,"flipHorizontal":true,"noise":0.0,"rotate":0.0,"scale":[1.0,1.0],"shear":0.0,"shift":2.0,"stretch":0.0,"surroundings":"black","thickness":0.0},"batchSize":64,"epochs":20,"labelSmoothing":0.1,"learningRate":0.1,"optimizer":{"momentum":0.9,"type":"nesterov"},"schedule":{"finalFactor":0.0005,"peakAt":0.25,"startFactor":0.1,"type":"oneCycle"},"validationSplit":0.05,"weightDecay":0.0005},
  "digits": {"learningRate":0.006,"schedule":{"finalFactor":0.0001,"peakAt":0.3,"startFactor":0.04,"type":"oneCycle"}},
};

/** What soon gives a good result with each preset on some thousand examples. @type {Record<string, import('./index.d.ts').TrainOptions>} */
export const QUICK = {
  "tiny": {"augmentation":{"brightness":0.0,"contrast":0.0,"elastic":{"smoothness":4.0,"strength":0.5},"erase":0.0,"flipHorizontal":false,"noise":0.0,"rotate":4.0,"scale":[0.97,1.03],"shear":3.0,"shift":0.8,"stretch":0.0,"surroundings":"black","thickness":0.0},"epochs":3,"learningRate":0.006,"schedule":{"finalFactor":0.0001,"peakAt":0.3,"startFactor":0.04,"type":"oneCycle"}},
  "compact": {"augmentation":{"brightness":0.0,"contrast":0.0,"elastic":{"smoothness":4.0,"strength":0.5},"erase":0.0,"flipHorizontal":false,"noise":0.0,"rotate":4.0,"scale":[0.97,1.03],"shear":3.0,"shift":0.8,"stretch":0.0,"surroundings":"black","thickness":0.0},"epochs":3,"learningRate":0.006,"schedule":{"finalFactor":0.0001,"peakAt":0.3,"startFactor":0.04,"type":"oneCycle"}},
  "sprint": {"augmentation":{"brightness":0.0,"contrast":0.0,"elastic":{"smoothness":4.0,"strength":0.5},"erase":0.0,"flipHorizontal":false,"noise":0.0,"rotate":4.0,"scale":[0.97,1.03],"shear":3.0,"shift":0.8,"stretch":0.0,"surroundings":"black","thickness":0.0},"epochs":3,"learningRate":0.006,"schedule":{"finalFactor":0.0001,"peakAt":0.3,"startFactor":0.04,"type":"oneCycle"}},
  "keras-cnn": {"augmentation":{"brightness":0.0,"contrast":0.0,"elastic":{"smoothness":4.0,"strength":0.5},"erase":0.0,"flipHorizontal":false,"noise":0.0,"rotate":4.0,"scale":[0.97,1.03],"shear":3.0,"shift":0.8,"stretch":0.0,"surroundings":"black","thickness":0.0},"epochs":3,"learningRate":0.006,"schedule":{"finalFactor":0.0001,"peakAt":0.3,"startFactor":0.04,"type":"oneCycle"}},
  "keras-cnn-dropout": {"augmentation":{"brightness":0.0,"contrast":0.0,"elastic":{"smoothness":4.0,"strength":0.5},"erase":0.0,"flipHorizontal":false,"noise":0.0,"rotate":4.0,"scale":[0.97,1.03],"shear":3.0,"shift":0.8,"stretch":0.0,"surroundings":"black","thickness":0.0},"epochs":3,"learningRate":0.006,"schedule":{"finalFactor":0.0001,"peakAt":0.3,"startFactor":0.04,"type":"oneCycle"}},
  "one-conv": {"augmentation":{"brightness":0.0,"contrast":0.0,"elastic":{"smoothness":4.0,"strength":0.5},"erase":0.0,"flipHorizontal":false,"noise":0.0,"rotate":4.0,"scale":[0.97,1.03],"shear":3.0,"shift":0.8,"stretch":0.0,"surroundings":"black","thickness":0.0},"epochs":3,"learningRate":0.006,"schedule":{"finalFactor":0.0001,"peakAt":0.3,"startFactor":0.04,"type":"oneCycle"}},
  "mlp": {"augmentation":{"brightness":0.0,"contrast":0.0,"elastic":{"smoothness":4.0,"strength":0.5},"erase":0.0,"flipHorizontal":false,"noise":0.0,"rotate":4.0,"scale":[0.97,1.03],"shear":3.0,"shift":0.8,"stretch":0.0,"surroundings":"black","thickness":0.0},"epochs":3,"learningRate":0.006,"schedule":{"finalFactor":0.0001,"peakAt":0.3,"startFactor":0.04,"type":"oneCycle"}},
  "logistic": {"learningRate":0.003,"schedule":{"finalFactor":0.0001,"peakAt":0.3,"startFactor":0.04,"type":"oneCycle"}},
  "linear": {"learningRate":0.003,"loss":"meanSquaredError","schedule":{"finalFactor":0.0001,"peakAt":0.3,"startFactor":0.04,"type":"oneCycle"}},
  "three-channel": {"augmentation":{"brightness":0.0,"contrast":0.0,"elastic":{"smoothness":8.0,"strength":0.0},"erase":0.0,"flipHorizontal":true,"noise":0.0,"rotate":0.0,"scale":[1.0,1.0],"shear":0.0,"shift":3.0,"stretch":0.0,"surroundings":"edge","thickness":0.0},"batchSize":64,"epochs":12,"learningRate":0.002,"schedule":{"finalFactor":0.0001,"peakAt":0.3,"startFactor":0.04,"type":"oneCycle"}},
  "rnn-rows": {"clipNorm":1.0,"learningRate":0.004,"schedule":{"finalFactor":0.0001,"peakAt":0.3,"startFactor":0.04,"type":"oneCycle"}},
  "rnn-strokes": {"clipNorm":1.0,"learningRate":0.004,"schedule":{"finalFactor":0.0001,"peakAt":0.3,"startFactor":0.04,"type":"oneCycle"}},
  "rnn-clips": {"clipNorm":1.0,"learningRate":0.004,"schedule":{"finalFactor":0.0001,"peakAt":0.3,"startFactor":0.04,"type":"oneCycle"}},
  "resnet8": {"augmentation":{"brightness":0.0,"contrast":0.0,"elastic":{"smoothness":4.0,"strength":0.5},"erase":0.0,"flipHorizontal":false,"noise":0.0,"rotate":4.0,"scale":[0.97,1.03],"shear":3.0,"shift":0.8,"stretch":0.0,"surroundings":"black","thickness":0.0},"batchSize":64,"epochs":3,"learningRate":0.1,"optimizer":{"momentum":0.9,"type":"nesterov"},"schedule":{"finalFactor":0.0001,"peakAt":0.3,"startFactor":0.04,"type":"oneCycle"},"weightDecay":0.0005},
  "resnet20": {"augmentation":{"brightness":0.0,"contrast":0.0,"elastic":{"smoothness":4.0,"strength":0.5},"erase":0.0,"flipHorizontal":false,"noise":0.0,"rotate":4.0,"scale":[0.97,1.03],"shear":3.0,"shift":0.8,"stretch":0.0,"surroundings":"black","thickness":0.0},"batchSize":64,"epochs":3,"learningRate":0.1,"optimizer":{"momentum":0.9,"type":"nesterov"},"schedule":{"finalFactor":0.0001,"peakAt":0.3,"startFactor":0.04,"type":"oneCycle"},"weightDecay":0.0005},
  "mobilenet": {"augmentation":{"brightness":0.0,"contrast":0.0,"elastic":{"smoothness":4.0,"strength":0.5},"erase":0.0,"flipHorizontal":false,"noise":0.0,"rotate":4.0,"scale":[0.97,1.03],"shear":3.0,"shift":0.8,"stretch":0.0,"surroundings":"black","thickness":0.0},"batchSize":64,"epochs":3,"learningRate":0.1,"optimizer":{"momentum":0.9,"type":"nesterov"},"schedule":{"finalFactor":0.0001,"peakAt":0.3,"startFactor":0.04,"type":"oneCycle"},"weightDecay":0.0005},
  "photos": {"augmentation":{"brightness":0.0,"contrast":0.0,"elastic":{"smoothness":4.0,"strength":0.5},"erase":0.0,"flipHorizontal":false,"noise":0.0,"rotate":4.0,"scale":[0.97,1.03],"shear":3.0,"shift":0.8,"stretch":0.0,"surroundings":"black","thickness":0.0},"epochs":3,"learningRate":0.006,"schedule":{"finalFactor":0.0001,"peakAt":0.3,"startFactor":0.04,"type":"oneCycle"}},
  "fashion": {"augmentation":{"brightness":0.0,"contrast":0.0,"elastic":{"smoothness":4.0,"strength":0.5},"erase":0.0,"flipHorizontal":false,"noise":0.0,"rotate":4.0,"scale":[0.97,1.03],"shear":3.0,"shift":0.8,"stretch":0.0,"surroundings":"black","thickness":0.0},"epochs":3,"learningRate":0.006,"schedule":{"finalFactor":0.0001,"peakAt":0.3,"startFactor":0.04,"type":"oneCycle"}},
  "digits": {"augmentation":{"brightness":0.0,"contrast":0.0,"elastic":{"smoothness":4.0,"strength":0.5},"erase":0.0,"flipHorizontal":false,"noise":0.0,"rotate":4.0,"scale":[0.97,1.03],"shear":3.0,"shift":0.8,"stretch":0.0,"surroundings":"black","thickness":0.0},"epochs":3,"learningRate":0.006,"schedule":{"finalFactor":0.0001,"peakAt":0.3,"startFactor":0.04,"type":"oneCycle"}},
};

/** Data sets that are made from a seed. */
export const GENERATED = [
  "handwriting",
  "clips",
  "strokes",
];
