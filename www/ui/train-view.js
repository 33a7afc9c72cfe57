// The Train view: from settings and data to a network, watched while it learns. The run itself lives in a worker; it
// goes on whichever view is shown.

import { Classifier } from '../lib/index.js';
import { ChosenNetwork, OWN_NETWORK, PAD_NETWORK, presetOf, readsOf, specOf, titleOf } from './chosen-network.js';
import { copyExperiment } from './copy-experiment.js';
import { any, button, input, select } from './dom.js';
import { experimentOf } from './experiment-link.js';
import { duration, percent } from './format.js';
import { RunKeeper } from './kept-run.js';
import { clearNotices, errorCode, errorWords, notify } from './notices.js';
import { showPresets } from './preset-list.js';
import { RunDisplay } from './run-display.js';
import { TrainData, kindOf } from './train-data.js';
import { TrainForm } from './train-form.js';
import { openLabs } from './train-labs.js';
import { TrainResult } from './train-result.js';
import { words } from './words.js';

/** @typedef {import('../lib/index.js').PresetName} PresetName */
/** @typedef {import('../lib/index.js').TrainCall} TrainCall */
/** @typedef {import('../lib/index.js').TrainOptions} TrainOptions */
/** @typedef {import('../lib/index.js').TrainProgress} TrainProgress */
/** @typedef {import('./run-store.js').KeptRun} KeptRun */
/** @typedef {import('./train-data.js').TrainingData} TrainingData */
/** @typedef {'idle' | 'starting' | 'running' | 'paused' | 'finishing'} RunState */

/** Tools at the charts, and the list of runs. */
async function openRuns() {
  try {
    const { openExtras } = await import('./later/train/run-extras.js');
    return await openExtras();
  } catch {
    // Charts and figures do without.
    return null;
  }
}

export class TrainView {
  #chosen;
  #opened = false;
  /** @type {RunState} */
  #state = 'idle';
  /** The network in the Train view, in its own worker. @type {Classifier | null} */
  #classifier = null;
  /** What `#classifier` was made from; a fresh one can be used by the next start. */
  #fresh = '';
  #name = '';
  /** Changes of the learning rate, one after the other. @type {Promise<void>} */
  #setting = Promise.resolve();
  /** Data on its way to a network, one after the other. @type {Promise<unknown>} */
  #preparing = Promise.resolve();
  /** The keyboard was on a button of the run that is out of use for the moment. */
  #keepFocus = false;
  /** What comes with the first run. @type {Promise<import('./later/train/run-list.js').RunList | null> | null} */
  #runs = null;
  #form = new TrainForm();
  #result;
  #display = new RunDisplay();
  #data = new TrainData({ ready: (data) => this.#setData(data), example: (index) => this.#example(index) });
  #keeper = new RunKeeper((run, states) => this.#goOn(run, states));

  /**
   * @param {object} on
   * @param {(network: Blob, name: string) => Promise<void>} on.use puts a network on the Draw pad
   * @param {() => Promise<Blob>} on.padNetwork the network of the Draw pad
   */
  constructor(on) {
    this.#chosen = new ChosenNetwork(on.padNetwork);
    this.#result = new TrainResult(on.use);
    button('start').addEventListener('click', () => this.#start());
    button('pause').addEventListener('click', () => (this.#state === 'paused' ? this.#resume() : this.#pause()));
    button('step').addEventListener('click', () => this.#step());
    button('step-epoch').addEventListener('click', () => this.#stepEpoch());
    button('stop').addEventListener('click', () => this.#stop());
    input('learning-rate').addEventListener('change', () => this.#changeRate());
    any('settings').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#start();
    });
    select('preset').addEventListener('change', () => this.#choose());
    select('recipe').addEventListener('change', () => this.#fillRecipe());
    button('copy-link').addEventListener('click', () => copyExperiment(this.#form.read()));
    openLabs({
      options: () => this.#form.read(),
      network: () => this.#labNetwork(),
      take: (options) => this.#form.fill({ ...this.#form.read(), ...options }),
      choose: (spec) => this.#chooseOwn(spec),
      use: on.use,
    });
    showPresets((name) => this.startPreset(name));
    this.#fillRecipe();
  }

  /**
   * Called when the view is shown; the first time it loads the training sample.
   * @param {string} [link] an experiment's
   */
  open(link) {
    const experiment = link && this.#state === 'idle' ? experimentOf(link) : null;
    if (experiment) {
      select('preset').value = experiment.preset;
      select('recipe').value = experiment.recipe;
      this.#fillRecipe();
      this.#form.fill(experiment.options);
      if (this.#opened) this.#data.need(readsOf(experiment.preset));
    }
    if (this.#opened) return;
    this.#opened = true;
    this.#keeper.offer();
    if (!this.#data.data) this.#data.need(readsOf(select('preset').value));
  }

  /** Takes files of examples dropped anywhere on the page. @param {File[]} files */
  addData(files) {
    if (this.#state !== 'idle') {
      notify(words('train.stopForData'));
      return;
    }
    if (readsOf(select('preset').value) !== 'pictures') {
      select('preset').value = 'keras-cnn';
      this.#fillRecipe();
    }
    this.#data.add(files);
  }

  /**
   * Adds pictures that were made to the examples; they only train.
   * @param {import('../lib/index.js').LabelledPixels} made
   * @returns {Promise<boolean>} whether they could be
   */
  async addMade(made) {
    if (this.#state !== 'idle') {
      notify(words('train.stopForData'));
      return false;
    }
    if (readsOf(select('preset').value) !== 'pictures') {
      select('preset').value = 'keras-cnn';
      this.#fillRecipe();
    }
    await this.#data.need('pictures');
    return this.#data.addMade(made);
  }

  /** Trains a preset from nothing, on data that is there. @param {string} name */
  async startPreset(name) {
    if (this.#state !== 'idle') {
      notify(words('train.stopForNetwork'));
      return;
    }
    select('preset').value = name;
    await this.#choose();
    await this.#preparing;
    await this.#start();
  }

  // The network and its data

  /** Another network was chosen. */
  async #choose() {
    this.#fillRecipe();
    if (this.#opened) await this.#data.need(readsOf(select('preset').value));
  }

  /** @param {import('../lib/index.js').ModelSpec} spec */
  #chooseOwn(spec) {
    this.#fresh = '';
    this.#chosen.own = spec;
    any('preset-about').textContent = this.#chosen.about;
  }

  #fillRecipe() {
    const { value } = select('preset');
    const preset = presetOf(value);
    any('preset-about').textContent = this.#chosen.about;
    const kind = select('recipe').value === 'taught' ? 'taught' : 'quick';
    // Which examples only train is a matter of the data, not of the recipe.
    this.#form.fill({ ...Classifier.recipe(preset?.name ?? 'digits', kind), trainingOnly: this.#data.data?.nMade ?? 0 });
  }

  /**
   * Gives data to a network as the form says it, so that a wrong file is known at once and Start has nothing to wait for.
   * @param {TrainingData} data
   */
  #setData(data) {
    const prepared = this.#preparing.then(async () => {
      this.#setState('idle', words('train.gettingReady'));
      button('start').disabled = true;
      try {
        const classifier = await this.#create(data);
        const info = await classifier.setDataset(data.source);
        if (data.nMade || this.#data.data?.nMade) this.#form.trainOnly(data.nMade ?? 0);
        return info;
      } catch (error) {
        this.#fresh = '';
        throw error;
      } finally {
        button('start').disabled = false;
        this.#setState('idle', words('train.pressStart'));
      }
    });
    this.#preparing = prepared.catch(() => undefined);
    return prepared;
  }

  /** @param {number} index */
  async #example(index) {
    if (!this.#classifier) throw new Error(words('train.noNetworkYet'));
    return (await this.#classifier.example(index)).picture;
  }

  /** A network in a worker of its own, with the data of the view. */
  async #labNetwork() {
    const { data } = this.#data;
    if (!data) throw new Error(words('train.noDataYet'));
    const network = await this.#chosen.make(data, this.#form.readSeed());
    await network.setDataset(data.source);
    return network;
  }

  /** A fresh network as the form says, for these examples; the one before is closed. @param {TrainingData} data */
  async #create(data) {
    const classifier = await this.#chosen.make(data, this.#form.readSeed());
    this.#take(classifier);
    this.#fresh = `${select('preset').value} ${this.#form.readSeed()}`;
    return classifier;
  }

  /** @param {Classifier} classifier the network from now on */
  #take(classifier) {
    this.#classifier?.close();
    this.#classifier = classifier;
  }

  // The run

  async #start() {
    if (this.#state !== 'idle' || button('start').disabled) return;
    const options = this.#form.read();
    const { data } = this.#data;
    if (!options) return;
    if (!data) {
      notify(words('train.noDataYet'));
      return;
    }
    const preset = select('preset').value;
    await this.#run(preset === PAD_NETWORK ? 'retrained' : preset, options, async () => {
      let classifier = this.#classifier;
      if (!classifier || this.#fresh !== `${preset} ${options.seed}` || preset === PAD_NETWORK) {
        classifier = await this.#create(data);
        await classifier.setDataset(data.source);
      }
      this.#fresh = '';
      const model = await (await classifier.save()).arrayBuffer();
      await this.#keeper.begin({ name: titleOf(preset), preset, options, data, model });
      return { classifier, call: options };
    });
  }

  /**
   * Goes on with a run that was interrupted.
   * @param {KeptRun} run
   * @param {ArrayBuffer[]} states the newest first
   */
  async #goOn(run, states) {
    if (this.#state !== 'idle') return;
    await this.#preparing;
    if (run.preset === OWN_NETWORK) this.#chooseOwn(specOf(run.model));
    select('preset').value = run.preset;
    this.#fillRecipe();
    this.#form.fill(run.options);
    await this.#run(run.preset === PAD_NETWORK ? 'retrained' : run.preset, run.options, async () => {
      await this.#data.take(run.data).catch(() => undefined);
      this.#setState('starting', words('train.goingOn'));
      const classifier = await Classifier.load(run.model, { training: true });
      this.#take(classifier);
      this.#fresh = '';
      await classifier.setDataset(run.data.source);
      this.#keeper.again();
      return { classifier, call: { workers: run.options.workers, resumeFrom: states[0] } };
    });
  }

  /**
   * Trains, whatever it begins from.
   * @param {string} name
   * @param {TrainOptions} options
   * @param {() => Promise<{ classifier: Classifier, call: TrainCall }>} begin
   */
  async #run(name, options, begin) {
    clearNotices();
    this.#setState('starting', words('train.starting'));
    this.#display.clear(options.epochs ?? 1);
    this.#name = name;
    this.#runs ??= openRuns();
    this.#runs.then((runs) => runs?.begin());
    // On a phone the settings fill the screen: show what is about to happen.
    const card = any('run-state').closest('.run-card');
    if (card && (card.getBoundingClientRect().top > innerHeight * 0.6 || card.getBoundingClientRect().bottom < 0)) {
      card.scrollIntoView({ block: 'start' });
    }
    try {
      const { classifier, call } = await begin();
      this.#setState('running', words('train.learning'));
      const result = await classifier.train({
        ...call,
        onProgress: (progress) => this.#progress(progress),
        onCheckpoint: (state) => this.#keeper.keep(state),
      });
      this.#display.epochs(result.history);
      this.#display.render();
      this.#keeper.forget();
      this.#noteRun(options);
      await this.#finish(classifier, result);
    } catch (error) {
      this.#noteRun(options);
      this.#fresh = '';
      if (errorCode(error) !== 'aborted') notify(errorWords(error));
      this.#setState('idle', words('train.stoppedEarly'));
      if (errorCode(error) === 'crashed') this.#keeper.offer();
      else this.#keeper.forget();
    }
  }

  /** The run on the charts ended, however it did. @param {TrainOptions} options */
  async #noteRun(options) {
    const name = titleOf(this.#name);
    const { summary } = this.#display;
    (await this.#runs)?.end({ name, options, ...summary });
  }

  async #pause() {
    await this.#ask(async (classifier) => {
      this.#setState('paused', words('train.pausing'));
      this.#progress(await classifier.pause());
      if (this.#state === 'paused') this.#setState('paused', words('train.paused'));
    });
  }

  async #resume() {
    await this.#ask(async (classifier) => {
      this.#setState('running', words('train.learning'));
      await classifier.resume();
    });
  }

  async #step() {
    await this.#ask(async (classifier) => {
      button('step').disabled = button('step-epoch').disabled = true;
      try {
        const progress = await classifier.step();
        this.#progress(progress);
        if (this.#state === 'paused') this.#setState('paused', words('train.pausedAfter', { n: progress.step }));
      } finally {
        button('step').disabled = button('step-epoch').disabled = this.#state !== 'paused';
      }
    });
  }

  async #stepEpoch() {
    await this.#ask(async (classifier) => {
      this.#setState('running', words('train.toEpochEnd'));
      const progress = await classifier.step({ of: 'epoch' });
      // It may have been paused before, or have ended with the epoch.
      if (this.#state !== 'running' || progress.state !== 'running') return;
      this.#progress(progress);
      this.#setState('paused', words('train.pausedAtEpoch', { n: Math.round(progress.step / progress.stepsPerEpoch) }));
    });
  }

  async #stop() {
    await this.#ask(async (classifier) => {
      this.#setState('finishing', words('train.stopping'));
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
      // What was asked of a run that has just ended is no mistake.
      if (code !== 'aborted' && code !== 'crashed' && code !== 'state') notify(errorWords(error));
    }
  }

  /** A new learning rate while it learns. */
  async #changeRate() {
    if (this.#state !== 'running' && this.#state !== 'paused') return;
    const rate = this.#form.readRate();
    if (rate === null) return;
    this.#setting = this.#setting.then(() => this.#ask((classifier) => classifier.setLearningRate(rate)));
    await this.#setting;
    any('run-state').textContent = words('train.rateIs', { rate: String(rate) });
  }

  /**
   * Tells what came of it.
   * @param {Classifier} classifier
   * @param {import('../lib/index.js').TrainResult} result
   */
  async #finish(classifier, result) {
    this.#setState('finishing', words('train.readingValidation'));
    const { data } = this.#data;
    const { accuracy } = await this.#result.show(classifier, this.#name, data !== null && kindOf(data) !== 'clips');
    const stopped = result.state === 'stopped';
    if (stopped) any('fig-left').textContent = '–';
    const values = { time: duration(result.milliseconds / 1000), share: percent(accuracy, 2) };
    const told = stopped ? words('train.stopped', values) : words('train.finished', values);
    this.#setState('idle', told);
    if (any('view-train').hidden) {
      notify(words('train.elsewhere', { words: told }), { kind: 'done', action: { label: words('train.show'), run: () => (location.hash = 'train') } });
    }
  }

  /** @param {TrainProgress} progress */
  #progress(progress) {
    const told = this.#display.progress(progress);
    if (told && this.#state === 'running') any('run-state').textContent = told;
  }

  /**
   * @param {RunState} state
   * @param {string} told
   */
  #setState(state, told) {
    this.#state = state;
    const live = state === 'running' || state === 'paused';
    const idle = state === 'idle';
    const focused = document.activeElement;
    button('start').hidden = !idle;
    for (const id of ['pause', 'step', 'step-epoch', 'stop']) button(id).hidden = idle;
    button('pause').disabled = button('stop').disabled = !live;
    button('step').disabled = button('step-epoch').disabled = state !== 'paused';
    button('pause').textContent = state === 'paused' ? words('train.resume') : words('train.pause');
    button('start').textContent = this.#display.any ? words('train.startAgain') : words('train.start');
    any('run-state').textContent = told;
    any('view-train').dataset['state'] = state;
    any('nav-training').hidden = state !== 'running';
    this.#form.lock(!idle);
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
}
