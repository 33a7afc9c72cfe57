// The Generate view: a generator and a discriminator learn from each other in a worker; the generator's pictures are
// shown while it learns, and the digit network says what it takes them for.

import { Generator } from '../../lib/generator.js';
import { any, button, byId, input, onFiles, saveFile, select } from '../dom.js';
import { count, duration, loss, percent } from '../format.js';
import { errorCode, errorWords, notify } from '../notices.js';
import { canvasesOf } from '../picture-canvas.js';
import { fetchSample } from '../train-data.js';
import { CurveChart } from '../curve-chart.js';
import { words } from '../words.js';
import { makeSet } from './generate/made-set.js';

/** @typedef {import('../../lib/index.js').Classifier} Classifier */
/** @typedef {import('../../lib/index.js').GanProgress} GanProgress */
/** @typedef {import('../../lib/index.js').Pixels} Pixels */
/** @typedef {'idle' | 'starting' | 'running' | 'paused'} State */

/** What each preset is trained with: what came to readable digits soonest. */
const OPTIONS = {
  'gan-small': { batchSize: 32, learningRate: 0.001 },
  gan: { batchSize: 64, learningRate: 0.0002 },
};
/** Milliseconds between two looks at the pictures. */
const LOOK = 2_000;
/** Pictures of each class, and in all where there are no classes. */
const [EACH, ALL] = [4, 40];
/** Steps of the walk's slider between two points of the noise. */
const WALK_STEPS = 20;
/** Points of a curve. */
const MOST_POINTS = 400;
/** Below this share of the real pictures' diversity the generator has collapsed. */
const COLLAPSED = 0.5;

/** @param {import('../view-loader.js').PageParts} page @returns {import('../view-loader.js').OpenedView} */
export function open(page) {
  new GenerateView(page);
  return {};
}

class GenerateView {
  #page;
  /** @type {Generator | null} */
  #generator = null;
  /** @type {State} */
  #state = 'idle';
  /** The generator's pictures before this look are of an older one. */
  #looks = 0;
  #looking = false;
  /** The visitor asked for other pictures meanwhile. */
  #lookAgain = false;
  /** Changes what noise the pictures are made of. */
  #noise = 1;
  /** Only pictures of this class; null for all. @type {number | null} */
  #class = null;
  /** @type {{ step: number, generator: number, discriminator: number, n: number }} */
  #sums = { step: 0, generator: 0, discriminator: 0, n: 0 };
  #every = 1;
  #nPoints = 0;
  #timer = 0;

  /** @param {import('../view-loader.js').PageParts} page whose Draw pad's network reads the pictures */
  constructor(page) {
    this.#page = page;
    button('gan-start').addEventListener('click', () => this.#start());
    button('gan-pause').addEventListener('click', () => this.#pause());
    button('gan-stop').addEventListener('click', () => this.#stop());
    button('gan-save').addEventListener('click', () => this.#save());
    button('gan-again').addEventListener('click', () => {
      this.#noise += 1;
      this.#lookNow();
    });
    input('gan-walk').addEventListener('input', () => this.#lookNow());
    any('gan-add').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#addToTraining();
    });
    onFiles(input('gan-file'), ([file]) => file && this.#load(file));
    any('gan-settings').addEventListener('submit', (event) => event.preventDefault());
    // Other settings make another generator.
    for (const id of ['gan-preset', 'gan-seed']) {
      any(id).addEventListener('change', () => {
        any('view-generate').dataset['fresh'] = '';
        button('gan-start').textContent = words('generate.startAnew');
      });
    }
    this.#offerClasses(10);
    this.#become('idle');
  }

  async #start() {
    if (this.#state !== 'idle') return;
    const preset = select('gan-preset').value === 'gan' ? 'gan' : 'gan-small';
    this.#become('starting');
    this.#say(words('generate.gettingReady'));
    try {
      if (!this.#generator || any('view-generate').dataset['fresh'] !== undefined) {
        const seed = Math.max(0, Math.round(Number(input('gan-seed').value)) || 0);
        this.#use(await Generator.create(preset, { ...OPTIONS[preset], seed }));
        this.#clearCurve();
      }
      delete any('view-generate').dataset['fresh'];
      await this.#train();
    } catch (error) {
      this.#become('idle');
      if (errorCode(error) !== 'closed') notify(errorWords(error));
    }
  }

  /** Trains what there is, until it is stopped. */
  async #train() {
    const generator = this.#generator;
    if (!generator) return;
    const sample = await fetchSample();
    if ('images' in sample.source) await generator.setDataset(sample.source);
    this.#become('running');
    this.#say(words('generate.learning'));
    this.#timer = setInterval(() => this.#look(), LOOK);
    try {
      const last = await generator.train({ onProgress: (progress) => this.#progress(progress) });
      this.#say(words('generate.stopped', { n: last.step }));
    } finally {
      clearInterval(this.#timer);
    }
    this.#become('idle');
    await this.#look();
  }

  async #pause() {
    const paused = this.#state === 'paused';
    await this.#ask((generator) => (paused ? generator.resume() : generator.pause()));
    this.#become(paused ? 'running' : 'paused');
    this.#say(paused ? words('generate.goingOn') : words('generate.paused'));
  }

  async #stop() {
    this.#say(words('generate.stopping'));
    await this.#ask((generator) => generator.stop());
  }

  async #save() {
    await this.#ask(async (generator) => {
      saveFile(await generator.save(), 'ocelli-generator.safetensors');
    });
  }

  /** @param {File} file */
  async #load(file) {
    if (this.#state !== 'idle') return;
    try {
      this.#use(await Generator.load(file, OPTIONS['gan-small']));
      delete any('view-generate').dataset['fresh'];
      this.#clearCurve();
      this.#become('idle');
      this.#say(words('generate.loaded', { name: file.name }));
      await this.#look();
    } catch (error) {
      notify(words('generate.loadFailed', { name: file.name, why: errorWords(error) }));
    }
  }

  /** Gives generated pictures to the Train view. */
  async #addToTraining() {
    const generator = this.#generator;
    const field = input('gan-each');
    const each = Number(field.value);
    const sound = Number.isInteger(each) && each >= 1 && each <= 1000;
    field.setAttribute('aria-invalid', String(!sound));
    any('gan-add-state').textContent = sound ? '' : words('generate.eachRange');
    if (!generator || !sound) return;
    button('gan-use').disabled = true;
    try {
      const made = await makeSet(generator, each, (share) => (any('gan-add-state').textContent = words('generate.making', { share: percent(share) })));
      await this.#page.addToTraining(made);
    } catch (error) {
      if (errorCode(error) !== 'closed') notify(errorWords(error));
    } finally {
      any('gan-add-state').textContent = '';
      button('gan-use').disabled = false;
    }
  }

  /** @param {(generator: Generator) => Promise<unknown>} what */
  async #ask(what) {
    try {
      if (this.#generator) await what(this.#generator);
    } catch (error) {
      if (errorCode(error) !== 'state' && errorCode(error) !== 'closed') notify(errorWords(error));
    }
  }

  /** @param {Generator} generator the one from now on */
  #use(generator) {
    this.#generator?.close();
    this.#generator = generator;
    const { nClasses, nGeneratorParameters, nDiscriminatorParameters } = generator.info;
    any('gan-facts').textContent = words('generate.sizes', { generator: nGeneratorParameters, discriminator: nDiscriminatorParameters });
    this.#offerClasses(nClasses);
  }

  /** @param {number} nClasses */
  #offerClasses(nClasses) {
    this.#class = null;
    const choices = [null, ...Array(nClasses).keys()];
    const buttons = choices.map((choice) => {
      const element = document.createElement('button');
      element.type = 'button';
      element.textContent = choice === null ? words('generate.all') : String(choice);
      element.setAttribute('aria-pressed', String(choice === null));
      element.addEventListener('click', () => {
        this.#class = choice;
        for (const other of any('gan-classes').children) other.setAttribute('aria-pressed', String(other === element));
        this.#lookNow();
      });
      return element;
    });
    any('gan-classes').replaceChildren(...buttons);
    any('gan-classes').hidden = nClasses === 0;
  }

  // What is shown

  #clearCurve() {
    this.#sums = { step: 0, generator: 0, discriminator: 0, n: 0 };
    this.#every = 1;
    this.#nPoints = 0;
    byId('chart-gan', CurveChart).reset(10);
  }

  /** @param {GanProgress} progress */
  #progress(progress) {
    const { step, generatorLoss, discriminatorLoss, milliseconds } = progress;
    const [real, made] = discriminatorLoss;
    any('gan-step').textContent = count(step);
    any('gan-time').textContent = duration(milliseconds / 1000);
    any('gan-generator').textContent = loss(generatorLoss);
    any('gan-discriminator').textContent = loss((real + made) / 2);
    const sums = this.#sums;
    sums.generator += generatorLoss;
    sums.discriminator += (real + made) / 2;
    sums.n += 1;
    if (sums.n < this.#every) return;
    const chart = byId('chart-gan', CurveChart);
    chart.extend(step);
    chart.add({ epoch: step, training: sums.generator / sums.n, validation: sums.discriminator / sums.n });
    this.#sums = { step, generator: 0, discriminator: 0, n: 0 };
    this.#nPoints += 1;
    // Points become rarer as the run becomes longer.
    if (this.#nPoints % MOST_POINTS === 0) this.#every *= 2;
  }

  /** The pictures that the visitor asks for, however many they ask for at once. */
  async #lookNow() {
    this.#lookAgain = this.#looking;
    await this.#look();
  }

  /** Where on the walk the slider stands. */
  #latent() {
    const at = Number(input('gan-walk').value) / WALK_STEPS;
    const last = Number(input('gan-walk').max) / WALK_STEPS;
    const point = Math.min(Math.floor(at), last - 1);
    const share = percent(at - point);
    input('gan-walk').setAttribute('aria-valuetext', words('generate.walkAt', { share, from: point + 1, to: point + 2 }));
    return { seed: this.#noise + point, towards: this.#noise + point + 1, at: at - point };
  }

  /** Has the generator make pictures, and the judge read them. */
  async #look() {
    const generator = this.#generator;
    if (!generator || this.#looking || any('view-generate').hidden) return;
    this.#looking = true;
    this.#looks += 1;
    try {
      const { nClasses } = generator.info;
      const classes = this.#classes(nClasses);
      const { pictures, diversity, realDiversity } = await generator.sample({ classes, ...this.#latent() });
      const readings = await this.#read(pictures);
      any('gan-samples').replaceChildren(
        ...pictures.map((picture, index) => this.#item(picture, nClasses > 0 ? classes[index] : undefined, readings[index])),
      );
      any('view-generate').dataset['looks'] = String(this.#looks);
      if (this.#class === null) this.#measure(diversity, realDiversity);
      this.#judgeWords(readings, nClasses > 0 ? classes : null);
    } catch (error) {
      if (errorCode(error) !== 'closed') notify(errorWords(error));
    } finally {
      this.#looking = false;
    }
    if (!this.#lookAgain) return;
    this.#lookAgain = false;
    await this.#look();
  }

  /** Columns of classes, where there are some. @param {number} nClasses */
  #classes(nClasses) {
    if (this.#class !== null) return Array(ALL).fill(this.#class);
    if (nClasses === 0) return Array(ALL).fill(0);
    return Array.from({ length: EACH * nClasses }, (_, index) => index % nClasses);
  }

  /** @param {Pixels[]} pictures */
  async #read(pictures) {
    const judge = this.#page.padNetwork();
    const shape = judge?.info.inputShape.join();
    return Promise.all(
      pictures.map(async (picture) => {
        if (!judge || shape !== [picture.height, picture.width, picture.channels].join()) return null;
        const { classes } = await judge.predict(picture, { topK: 10 });
        return classes;
      }),
    );
  }

  /**
   * @param {Pixels} picture
   * @param {number | undefined} wanted
   * @param {import('../../lib/index.js').ClassScore[] | null | undefined} reading
   */
  #item(picture, wanted, reading) {
    const item = document.createElement('li');
    const [top] = reading ?? [];
    const label = document.createElement('span');
    label.textContent = top ? top.label : '';
    if (wanted !== undefined && top) item.dataset['right'] = String(top.index === wanted);
    item.title = top ? words('generate.readAs', { label: top.label, share: percent(top.confidence) }) : '';
    item.append(...canvasesOf(picture), label);
    return item;
  }

  /**
   * @param {number} diversity
   * @param {number} real
   */
  #measure(diversity, real) {
    const meter = byId('gan-diversity', HTMLMeterElement);
    meter.value = real > 0 ? Math.min(1, diversity / real) : 0;
    const share = real > 0 ? diversity / real : 0;
    const values = { share: percent(share) };
    const verdict = share < COLLAPSED ? words('generate.alike', values) : words('generate.differ', values);
    any('gan-diversity-words').textContent = real > 0 ? verdict : words('generate.known');
  }

  /**
   * @param {(import('../../lib/index.js').ClassScore[] | null)[]} readings
   * @param {number[] | null} wanted
   */
  #judgeWords(readings, wanted) {
    const read = readings.filter((reading) => reading !== null);
    const told = any('gan-judge');
    if (read.length === 0) told.textContent = words('generate.otherSize');
    else if (wanted) {
      const right = readings.filter((reading, index) => reading?.[0]?.index === wanted[index]).length;
      const sum = readings.reduce((sum, reading, index) => {
        return sum + (reading?.find((score) => score.index === wanted[index])?.confidence ?? 0);
      }, 0);
      told.textContent = words('generate.right', { right, n: read.length, share: percent(sum / read.length) });
    } else {
      const labels = new Set(read.map((reading) => reading[0]?.label));
      told.textContent = words('generate.different', { different: labels.size, n: read.length });
    }
  }

  /** @param {string} told */
  #say(told) {
    any('gan-state').textContent = told;
  }

  /** @param {State} state */
  #become(state) {
    this.#state = state;
    any('view-generate').dataset['state'] = state;
    const live = state === 'running' || state === 'paused';
    button('gan-start').hidden = live;
    button('gan-start').disabled = state === 'starting';
    button('gan-start').textContent = this.#generator && state === 'idle' ? words('generate.goOn') : words('generate.start');
    for (const id of ['gan-pause', 'gan-stop']) button(id).hidden = !live;
    button('gan-pause').textContent = state === 'paused' ? words('generate.resume') : words('generate.pause');
    for (const id of ['gan-save', 'gan-again']) button(id).disabled = !this.#generator;
    input('gan-walk').disabled = !this.#generator;
    button('gan-use').disabled = !this.#generator?.info.nClasses;
    for (const field of any('gan-settings').querySelectorAll('select, input, button')) {
      field.toggleAttribute('disabled', live || state === 'starting');
    }
  }
}
