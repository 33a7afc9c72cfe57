import { Classifier, ClassifierError, configure, type Prediction, type TrainOptions } from 'ocelli';
import { Classifier as Small } from 'ocelli/inference';
import { Classifier as Inline } from 'ocelli/inline';
import { Classifier as Direct } from 'ocelli/direct';
import { Generator } from 'ocelli/generator';
import { presets, recipeFor, trainingOptions } from 'ocelli/presets';
import type { DigitPad, ImageClassifier } from 'ocelli/element';

export async function everything(file: File, canvas: HTMLCanvasElement, frames: AsyncIterable<ImageBitmap>): Promise<string> {
  configure({ base: '/ocelli/', wasm: { engine: () => new URL('/engine.wasm', location.href) } });
  const options: TrainOptions = { ...recipeFor(presets()[0]?.name ?? 'tiny'), epochs: trainingOptions().length, optimizer: { type: 'adamW' }, schedule: { type: 'cosine' } };
  const classifier: Classifier = await Classifier.load(file);
  await classifier.addExample(canvas, 'cat');
  await classifier.train({ ...options, onProgress: ({ loss }) => console.log(loss.toFixed(2)) });
  for await (const { classes } of classifier.predictMany(frames, { ahead: 3 })) console.log(classes[0]?.label);
  const small = await Small.load('model.safetensors');
  // @ts-expect-error It does not train.
  small.train;
  // @ts-expect-error Not a network's name.
  await Inline.create('no-such-preset');
  const generator: Generator = await Generator.create('gan-small');
  generator.close();
  const pad: DigitPad = document.createElement('digit-pad');
  const element: ImageClassifier | null = document.querySelector('image-classifier');
  element?.addEventListener('prediction', (event) => (event as CustomEvent<Prediction>).detail.classes);
  try {
    await (await Direct.load(new Uint8Array(4))).predict({ strokes: pad.strokes });
  } catch (error) {
    if (error instanceof ClassifierError && error.code === 'format') return error.message;
  }
  classifier[Symbol.dispose]();
  return classifier.info.labels.join();
}
