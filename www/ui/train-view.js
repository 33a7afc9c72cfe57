// The Train view: from settings and data to a network, watched while it learns. The run itself lives in a worker; it
// goes on whichever view is shown.

import { Classifier } from '../lib/index.js';
import { ConfusionTable, confusionWords } from './confusion-table.js';
import { CurveChart } from './curve-chart.js';
import { any, button, byId, input, select } from './dom.js';
import { count, duration, loss, percent } from './format.js';
import { clearNotices, errorCode, errorWords, notify } from './notices.js';
import { CurveSampler } from './curve-sampler.js';
import { pictureShape } from './idx-files.js';
import { TrainData } from './train-data.js';
import { lockSettings, readNumber, readSettings, watchSettings } from './train-settings.js';

/** @typedef {import('../lib/index.js').TrainProgress} TrainProgress */
/** @typedef {import('./train-data.js').TrainingFiles} TrainingFiles */
/** @typedef {'idle' | 'starting' | 'running' | 'paused' | 'finishing'} RunState */

/** The choice that goes on training what the Draw pad uses. */
const PAD_NETWORK = 'pad-network';

export class TrainView {
  #on;
  #opened = false;
  /** @type {RunState} */
  #state = 'idle';
  /** The network in the Train view, in its own worker. @type {Classifier | null} */
  #classifier = null;
  /** What `#classifier` was made from; a fresh one can be used by the next start. */
  #fresh = '';
  #sampler = new CurveSampler();
  /** @type {TrainProgress | null} */
  #latest = null;
  #frame = 0;
  #epochsShown = 0;
  #name = '';
  /** Changes of the learning rate, one after the other. @type {Promise<void>} */
  #setting = Promise.resolve();
  /** Data on its way to a network, one after the other. @type {Promise<unknown>} */
  #preparing = Promise.resolve();
  /** The keyboard was on a button of the run that is out of use for the moment. */
  #keepFocus = false;
  #data = new TrainData((files) => this.#setData(files));

  /**
   * @param {object} on
   * @param {(network: Blob, name: string) => Promise<void>} on.use puts a network on the Draw pad
   * @param {() => Promise<Blob>} on.padNetwork the network of the Draw pad
   */
  constructor(on) {
    this.#on = on;
    button('start').addEventListener('click', () => this.#start());
    button('pause').addEventListener('click', () => (this.#state === 'paused' ? this.#resume() : this.#pause()));
    button('step').addEventListener('click', () => this.#step());
    button('stop').addEventListener('click', () => this.#stop());
    button('use-network').addEventListener('click', () => this.#use());
    button('save-network').addEventListener('click', () => this.#save());
    input('learning-rate').addEventListener('change', () => this.#changeRate());
    any('settings').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#start();
    });
    select('preset').addEventListener('change', () => this.#describePreset());
    watchSettings();
    for (const preset of Classifier.presets()) {
      if (!preset.reads) select('preset').append(new Option(preset.title, preset.name));
    }
    select('preset').append(new Option('The network on the Draw pad, trained further', PAD_NETWORK));
    if (Classifier.presets().some((preset) => preset.name === 'keras-cnn')) select('preset').value = 'keras-cnn';
    this.#describePreset();
  }

  /** Called when the view is shown; the first time it loads the training sample. */
  open() {
    if (this.#opened) return;
    this.#opened = true;
    if (!this.#data.files) this.#data.loadSample();
  }

  /** Takes IDX files dropped anywhere on the page. @param {File[]} files */
  addData(files) {
    if (this.#state !== 'idle') {
      notify('Training is running. Stop it first, then add the new data.');
      return;
    }
    this.#data.add(files);
  }

  // The network and its data

  /**
   * Gives data to a network as the form says it, so that a wrong file is known at once and Start has nothing to wait for.
   * @param {TrainingFiles} files
   */
  #setData(files) {
    const prepared = this.#preparing.then(async () => {
      this.#setState('idle', 'Getting ready…');
      button('start').disabled = true;
      try {
        const classifier = await this.#create(files);
        return await classifier.setDataset({ images: files.images, labels: files.labels });
      } catch (error) {
        this.#fresh = '';
        throw error;
      } finally {
        button('start').disabled = false;
        this.#setState('idle', 'Press Start: a network that knows nothing learns to read while you watch.');
      }
    });
    this.#preparing = prepared.catch(() => undefined);
    return prepared;
  }

  /** A fresh network as the form says, for these pictures; the one before is closed. @param {TrainingFiles} files */
  async #create(files) {
    const preset = select('preset').value;
    const seed = readNumber('seed') ?? 1;
    const before = this.#classifier;
    this.#classifier = null;
    before?.close();
    const name = /** @type {import('../lib/index.js').PresetName} */ (preset);
    const classifier =
      preset === PAD_NETWORK
        ? await Classifier.load(await this.#on.padNetwork(), { training: true })
        : await Classifier.create(name, { seed, inputShape: await pictureShape(files.images) });
    this.#classifier = classifier;
    this.#fresh = `${preset} ${seed}`;
    return classifier;
  }

  #describePreset() {
    const { value } = select('preset');
    const preset = Classifier.presets().find(({ name }) => name === value);
    any('preset-about').textContent = preset?.description ?? 'Its weights as they are now are the beginning.';
  }

  // The run

  async #start() {
    if (this.#state !== 'idle' || button('start').disabled) return;
    const settings = readSettings();
    const { files } = this.#data;
    if (!settings) return;
    if (!files) {
      notify('There is no data to learn from yet. Use the MNIST sample or choose own IDX files.');
      return;
    }
    clearNotices();
    this.#setState('starting', 'Starting…');
    this.#clearResults(settings.options.epochs ?? 1);
    this.#name = settings.preset === PAD_NETWORK ? 'retrained' : settings.preset;
    // On a phone the settings fill the screen: show what is about to happen.
    const card = any('run-state').closest('.run-card');
    if (card && card.getBoundingClientRect().top > innerHeight * 0.6) card.scrollIntoView({ block: 'start' });
    try {
      let classifier = this.#classifier;
      const key = `${settings.preset} ${settings.seed}`;
      if (!classifier || this.#fresh !== key || settings.preset === PAD_NETWORK) {
        classifier = await this.#create(files);
        await classifier.setDataset({ images: files.images, labels: files.labels });
      }
      this.#fresh = '';
      this.#sampler = new CurveSampler();
      this.#setState('running', 'Learning…');
      const result = await classifier.train({ ...settings.options, onProgress: (progress) => this.#progress(progress) });
      for (const entry of result.history) this.#addEpoch(entry);
      this.#render();
      await this.#finish(classifier, result);
    } catch (error) {
      this.#fresh = '';
      if (errorCode(error) !== 'aborted') notify(errorWords(error));
      this.#setState('idle', 'Stopped before the end.');
    }
  }

  async #pause() {
    await this.#ask(async (classifier) => {
      this.#setState('paused', 'Pausing…');
      this.#progress(await classifier.pause());
      if (this.#state === 'paused') this.#setState('paused', 'Paused. Go on, take one batch, or change the learning rate.');
    });
  }

  async #resume() {
    await this.#ask(async (classifier) => {
      this.#setState('running', 'Learning…');
      await classifier.resume();
    });
  }

  async #step() {
    await this.#ask(async (classifier) => {
      button('step').disabled = true;
      try {
        const progress = await classifier.step();
        this.#progress(progress);
        if (this.#state === 'paused') this.#setState('paused', `Paused after batch ${count(progress.step)}.`);
      } finally {
        button('step').disabled = this.#state !== 'paused';
      }
    });
  }

  async #stop() {
    await this.#ask(async (classifier) => {
      this.#setState('finishing', 'Stopping…');
      await classifier.stop();
    });
  }

  /**
   * Asks something of the running network and shows what goes wrong.
   * @param {(classifier: Classifier) => Promise<void>} what
   */
  async #ask(what) {
    if (!this.#classifier) return;
    try {
      await what(this.#classifier);
    } catch (error) {
      const code = errorCode(error);
      if (code !== 'aborted' && code !== 'crashed') notify(errorWords(error));
    }
  }

  /** A new learning rate while it learns. */
  async #changeRate() {
    if (this.#state !== 'running' && this.#state !== 'paused') return;
    const rate = readNumber('learningRate');
    if (rate === null) return;
    this.#setting = this.#setting.then(() => this.#ask((classifier) => classifier.setLearningRate(rate)));
    await this.#setting;
    any('run-state').textContent = `Learning rate is ${rate} now.`;
  }

  /**
   * Tells what came of it.
   * @param {Classifier} classifier
   * @param {import('../lib/index.js').TrainResult} result
   */
  async #finish(classifier, result) {
    this.#setState('finishing', 'Reading the validation pictures…');
    const evaluation = await classifier.evaluate();
    const { labels } = classifier.info;
    any('result-summary').textContent = confusionWords(evaluation, labels);
    byId('confusion', ConfusionTable).show(evaluation.confusion, labels);
    any('result').hidden = false;
    this.#name = `${this.#name}-${(evaluation.accuracy * 100).toFixed(2)}`;
    const ended = result.state === 'stopped' ? 'Stopped' : 'Finished';
    if (result.state === 'stopped') any('fig-left').textContent = '–';
    const right = percent(evaluation.accuracy, 2);
    const words = `${ended} after ${duration(result.milliseconds / 1000)}: ${right} of the validation pictures right.`;
    this.#setState('idle', words);
    if (any('view-train').hidden) {
      notify(`Training: ${words}`, { kind: 'done', action: { label: 'Show', run: () => (location.hash = 'train') } });
    }
  }

  // What is shown

  /** @param {TrainProgress} progress */
  #progress(progress) {
    this.#latest = progress;
    const point = this.#sampler.point(progress);
    if (point) {
      byId('chart-loss', CurveChart).add({ epoch: point.epoch, training: point.loss, validation: null });
      byId('chart-accuracy', CurveChart).add({ epoch: point.epoch, training: point.accuracy, validation: null });
    }
    for (const entry of progress.history ?? []) this.#addEpoch(entry);
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#render();
    });
  }

  /** @param {NonNullable<TrainProgress['history']>[number]} entry */
  #addEpoch(entry) {
    if (entry.epoch <= this.#epochsShown) return;
    this.#epochsShown = entry.epoch;
    const { validationLoss = null, validationAccuracy = null } = entry;
    byId('chart-loss', CurveChart).add({ epoch: entry.epoch, training: null, validation: validationLoss });
    byId('chart-accuracy', CurveChart).add({ epoch: entry.epoch, training: null, validation: validationAccuracy });
    const row = document.createElement('tr');
    const head = document.createElement('th');
    head.scope = 'row';
    head.textContent = String(entry.epoch);
    row.append(head);
    const cells = [
      loss(entry.loss),
      percent(entry.accuracy, 2),
      validationLoss === null ? '–' : loss(validationLoss),
      validationAccuracy === null ? '–' : percent(validationAccuracy, 2),
    ];
    for (const words of cells) row.insertCell().textContent = words;
    any('epoch-rows').append(row);
    any('epochs-card').hidden = false;
    if (validationAccuracy === null) return;
    any('fig-validation').textContent = percent(validationAccuracy, 2);
    if (this.#state === 'running') {
      any('run-state').textContent = `Epoch ${entry.epoch} done: ${percent(validationAccuracy, 2)} of the validation pictures right.`;
    }
  }

  #render() {
    const progress = this.#latest;
    if (!progress) return;
    const { imagesPerSecond, secondsLeft } = progress;
    const bar = byId('run-progress', HTMLProgressElement);
    bar.value = progress.nSteps > 0 ? progress.step / progress.nSteps : 0;
    any('fig-epoch').textContent = `${progress.epoch} / ${progress.nEpochs}`;
    any('fig-loss').textContent = loss(progress.loss);
    any('fig-accuracy').textContent = percent(progress.accuracy, 1);
    if (imagesPerSecond > 0) any('fig-speed').textContent = count(imagesPerSecond);
    any('fig-left').textContent = duration(progress.step >= progress.nSteps ? 0 : (secondsLeft ?? NaN));
  }

  /** @param {number} nEpochs */
  #clearResults(nEpochs) {
    this.#latest = null;
    this.#epochsShown = 0;
    any('epoch-rows').replaceChildren();
    any('epochs-card').hidden = true;
    any('result').hidden = true;
    for (const id of ['epoch', 'loss', 'accuracy', 'validation', 'speed', 'left']) any(`fig-${id}`).textContent = '–';
    byId('run-progress', HTMLProgressElement).value = 0;
    for (const id of ['run-progress', 'figures']) any(id).hidden = false;
    byId('chart-loss', CurveChart).reset(nEpochs);
    byId('chart-accuracy', CurveChart).reset(nEpochs);
  }

  /**
   * @param {RunState} state
   * @param {string} words
   */
  #setState(state, words) {
    this.#state = state;
    const live = state === 'running' || state === 'paused';
    const idle = state === 'idle';
    const focused = document.activeElement;
    button('start').hidden = !idle;
    for (const id of ['pause', 'step', 'stop']) button(id).hidden = idle;
    button('pause').disabled = button('stop').disabled = !live;
    button('step').disabled = state !== 'paused';
    button('pause').textContent = state === 'paused' ? 'Resume' : 'Pause';
    button('start').textContent = this.#latest ? 'Start again' : 'Start';
    any('run-state').textContent = words;
    any('view-train').dataset['state'] = state;
    any('nav-training').hidden = state !== 'running';
    lockSettings(!idle);
    // A focused button that is gone must not throw the keyboard back to the top of the page.
    if (focused instanceof HTMLButtonElement && (focused.hidden || focused.disabled)) this.#keepFocus = true;
    const next = ['pause', 'start'].map(button).find((other) => !other.hidden && !other.disabled);
    if (this.#keepFocus && next) {
      this.#keepFocus = false;
      const { activeElement } = document;
      if (!any('view-train').hidden && (activeElement === focused || activeElement === document.body)) {
        next.focus({ preventScroll: true });
      }
    }
  }

  // The trained network

  async #use() {
    await this.#ask(async (classifier) => this.#on.use(await classifier.save(), `Your network: ${this.#name}`));
  }

  async #save() {
    await this.#ask(async (classifier) => {
      const link = document.createElement('a');
      link.href = URL.createObjectURL(await classifier.save());
      link.download = `ocelli-${this.#name}.safetensors`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    });
  }
}
