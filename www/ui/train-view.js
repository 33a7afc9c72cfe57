// The Train view: from settings and data to a network, watched while it learns. The run itself lives in a worker; it
// goes on whichever view is shown.

import { Classifier } from '../lib/index.js';
import { recipeFor } from '../lib/presets.js';
import { ChosenNetwork, OWN_NETWORK, PAD_NETWORK, presetOf, readsOf, specOf, titleOf } from './chosen-network.js';
import { copyExperiment } from './copy-experiment.js';
import { any, button, select } from './dom.js';
import { experimentOf } from './experiment-link.js';
import { duration, percent } from './format.js';
import { RunKeeper } from './kept-run.js';
import { clearNotices, errorCode, errorWords, notify } from './notices.js';
import { showPresets } from './preset-list.js';
import { RunControls } from './run-controls.js';
import { RunDisplay } from './run-display.js';
import { TrainData, kindOf } from './train-data.js';
import { TrainForm } from './train-form.js';
import { openLabs } from './train-labs.js';
import { TrainResult } from './train-result.js';
import { words } from './words.js';

/** @typedef {import('../lib/index.js').PresetName} PresetName */
/** @typedef {import('../lib/index.js').TrainCall} TrainCall */
/** @typedef {import('../lib/index.js').TrainOptions} TrainOptions */
/** @typedef {import('./run-store.js').KeptRun} KeptRun */
/** @typedef {import('./train-data.js').TrainingData} TrainingData */

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
  /** The network in the Train view, in its own worker. @type {Classifier | null} */
  #classifier = null;
  /** What `#classifier` was made from; a fresh one can be used by the next start. */
  #fresh = '';
  #name = '';
  /** Data on its way to a network, one after the other. @type {Promise<unknown>} */
  #preparing = Promise.resolve();
  /** What comes with the first run. @type {Promise<import('./later/train/run-list.js').RunList | null> | null} */
  #runs = null;
  #form = new TrainForm();
  #result;
  #display = new RunDisplay();
  #controls = new RunControls({ form: this.#form, display: this.#display, classifier: () => this.#classifier });
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
      learner: () => ({ network: this.#classifier, learns: this.#controls.live, imagesPerSecond: this.#display.imagesPerSecond }),
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
    const experiment = link && this.#controls.state === 'idle' ? experimentOf(link) : null;
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
    if (this.#controls.state !== 'idle') {
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
    if (this.#controls.state !== 'idle') {
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
    if (this.#controls.state !== 'idle') {
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
    this.#form.fill({ ...recipeFor(preset?.name ?? 'digits', kind), trainingOnly: this.#data.data?.nMade ?? 0 });
  }

  /**
   * Gives data to a network as the form says it, so that a wrong file is known at once and Start has nothing to wait for.
   * @param {TrainingData} data
   */
  #setData(data) {
    const prepared = this.#preparing.then(async () => {
      this.#controls.set('idle', words('train.gettingReady'));
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
        this.#controls.set('idle', words('train.pressStart'));
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
    if (this.#controls.state !== 'idle' || button('start').disabled) return;
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
    if (this.#controls.state !== 'idle') return;
    await this.#preparing;
    if (run.preset === OWN_NETWORK) this.#chooseOwn(specOf(run.model));
    select('preset').value = run.preset;
    this.#fillRecipe();
    this.#form.fill(run.options);
    await this.#run(run.preset === PAD_NETWORK ? 'retrained' : run.preset, run.options, async () => {
      await this.#data.take(run.data).catch(() => undefined);
      this.#controls.set('starting', words('train.goingOn'));
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
    this.#controls.set('starting', words('train.starting'));
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
      this.#controls.set('running', words('train.learning'));
      const result = await classifier.train({
        ...call,
        onProgress: (progress) => this.#controls.progress(progress),
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
      this.#controls.set('idle', words('train.stoppedEarly'));
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

  /**
   * Tells what came of it.
   * @param {Classifier} classifier
   * @param {import('../lib/index.js').TrainResult} result
   */
  async #finish(classifier, result) {
    this.#controls.set('finishing', words('train.readingValidation'));
    const { data } = this.#data;
    const { accuracy } = await this.#result.show(classifier, this.#name, data !== null && kindOf(data) !== 'clips');
    const stopped = result.state === 'stopped';
    if (stopped) any('fig-left').textContent = '–';
    const values = { time: duration(result.milliseconds / 1000), share: percent(accuracy, 2) };
    const told = stopped ? words('train.stopped', values) : words('train.finished', values);
    this.#controls.set('idle', told);
    if (any('view-train').hidden) {
      notify(words('train.elsewhere', { words: told }), { kind: 'done', action: { label: words('train.show'), run: () => (location.hash = 'train') } });
    }
  }
}
