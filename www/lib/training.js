// @ts-check
/** One training in the worker: slices of it, with room for other messages in between. */

import { ClassifierError, abortError } from './errors.js';
import { Helpers } from './helpers.js';
import { PACE, breathe, bufferOf } from './pace.js';

/** @typedef {import('./index.d.ts').TrainProgress} TrainProgress */
/** @typedef {import('./index.d.ts').TrainResult} TrainResult */
/** @typedef {import('./index.d.ts').EpochResult} EpochResult */
/** @typedef {Omit<TrainProgress, 'milliseconds' | 'imagesPerSecond' | 'secondsLeft' | 'nWorkers'>} Report what the engine tells */

/**
 * The part of the engine that trains.
 * @typedef {object} SoleTrainer
 * @property {(options: object) => Report} startTraining
 * @property {(checkpoint: Uint8Array) => Report} resumeTraining
 * @property {() => Uint8Array} checkpoint the run as bytes
 * @property {(milliseconds: number) => Report} trainSlice
 * @property {(changes: import('./index.d.ts').TrainChanges) => Report} changeTraining
 * @property {() => Report} stopTraining
 * @property {(storage: string) => Uint8Array} save
 *
 * @typedef {SoleTrainer & import('./helpers.js').Leader} Trainer
 */

export class Training {
  #engine;
  #now;
  #post;
  /** @type {Report} */
  #report;
  #helpers = new Helpers([]);
  /** The last slice, which may wait for other workers. @type {Promise<void>} */
  #slicing = Promise.resolve();
  /** Every epoch so far. @type {EpochResult[]} */
  #history = [];
  /** Epochs that were not reported yet. @type {EpochResult[]} */
  #news = [];
  #paused = false;
  #stopped = false;
  #aborted = false;
  #pausesAtEpochEnd = false;
  /** Wakes the loop out of a pause. */
  #wake = () => {};
  /** Tells who waits for the epoch's end that the training is paused, or over. */
  #halted = () => {};
  /** Time spent in slices. */
  #busy = 0;
  /** After the first slice, when the machine code is warm. @type {{ busy: number, step: number } | null} */
  #warm = null;
  /** Of late, slices that trained. @type {{ milliseconds: number, examples: number }[]} */
  #speeds = [];
  #reportedAt = -Infinity;
  #checkpointAt;
  /** Takes the run as bytes, every few seconds. @type {((run: ArrayBuffer) => void) | null} */
  #putAside;
  #putAsideAt;

  /**
   * Starts the training; {@link run} goes through with it.
   * @param {Trainer} engine
   * @param {object} options
   * @param {(progress: TrainProgress, checkpoint: ArrayBuffer | null) => void} post
   * @param {() => number} [now] milliseconds
   * @param {object} [more]
   * @param {ArrayBuffer} [more.resumeFrom] a run that was put aside, to go on with in place of a new one
   * @param {(run: ArrayBuffer) => void} [more.putAside] takes the run as bytes, every few seconds
   * @param {Report} [more.begun] what a training begun already told
   */
  constructor(engine, options, post, now = () => performance.now(), { resumeFrom, putAside, begun } = {}) {
    this.#engine = engine;
    this.#post = post;
    this.#now = now;
    this.#checkpointAt = this.#putAsideAt = now();
    this.#putAside = putAside ?? null;
    this.#report = begun ?? (resumeFrom ? engine.resumeTraining(new Uint8Array(resumeFrom)) : engine.startTraining(options));
    this.#history.push(...this.#report.history);
    this.#news.push(...this.#report.history);
  }

  /** Other workers that compute parts of each round. @param {Helpers} helpers */
  set helpers(helpers) {
    this.#helpers = helpers;
    helpers.onChange = () => this.#tell();
  }

  /**
   * @param {AbortSignal} signal
   * @returns {Promise<{ result: TrainResult, checkpoint: ArrayBuffer }>}
   */
  async run(signal) {
    signal.addEventListener('abort', () => {
      this.#aborted = true;
      this.#helpers.end(); // none that is silent may hold up the end
      this.#wake();
    });
    this.#tell();
    try {
      await this.#loop(signal);
    } finally {
      this.#halted();
    }
    const state = this.#report.state === 'finished' ? 'finished' : 'stopped';
    if (state === 'stopped') this.#take(this.#engine.stopTraining());
    const { secondsLeft: _, ...rest } = this.#progress();
    return { result: { ...rest, state, history: this.#history }, checkpoint: this.#checkpoint() };
  }

  /** @param {AbortSignal} signal */
  async #loop(signal) {
    while (this.#report.state === 'running' && !this.#stopped) {
      await breathe();
      while (this.#paused && !this.#stopped && !signal.aborted) await this.#woken();
      await this.#slicing.catch(() => {}); // a single step may be waiting for other workers
      if (signal.aborted) {
        this.#take(this.#engine.stopTraining());
        this.#post(this.#progress(), this.#checkpoint());
        throw abortError(signal);
      }
      // A pause may have come while the slice before was waited for.
      if (!this.#paused && !this.#stopped && this.#report.state === 'running') await this.#slice(PACE.slice);
    }
  }

  /** @returns {Promise<TrainProgress>} */
  async pause() {
    this.#halt();
    await this.#slicing.catch(() => {});
    return this.#progress();
  }

  #halt() {
    this.#paused = true;
    this.#pausesAtEpochEnd = false;
    this.#halted();
  }

  resume() {
    this.#paused = false;
    this.#pausesAtEpochEnd = false;
    this.#wake();
  }

  /**
   * Trains one batch, or up to the end of the epoch.
   * @param {'batch' | 'epoch'} [of]
   * @returns {Promise<TrainProgress>}
   */
  async step(of = 'batch') {
    if (!this.#paused) throw new ClassifierError('state', 'A single step needs the training to be paused first.');
    if (of === 'epoch') {
      /** @type {Promise<void>} */
      const halt = new Promise((resolve) => {
        this.#halted = resolve;
      });
      this.resume();
      this.#pausesAtEpochEnd = true;
      await halt;
      return this.#progress();
    }
    await this.#slice(0);
    if (this.#report.state === 'finished') this.resume();
    return this.#progress();
  }

  /**
   * Other options from the next batch on. Other workers may be computing a round: it waits for its end.
   * @param {import('./index.d.ts').TrainChanges} changes
   * @returns {Promise<TrainProgress>}
   */
  async change(changes) {
    const changed = this.#slicing.catch(() => {}).then(() => {
      this.#take(this.#engine.changeTraining(changes));
      this.#helpers.change(changes);
      // A step may take another time now.
      this.#warm = null;
    });
    this.#slicing = changed.catch(() => {});
    await changed;
    return this.#progress();
  }

  /**
   * The run as bytes, between two rounds.
   * @returns {Promise<ArrayBuffer>}
   */
  async checkpoint() {
    await this.#slicing.catch(() => {});
    return bufferOf(this.#engine.checkpoint());
  }

  stop() {
    this.#stopped = true;
    this.#wake();
  }

  #woken() {
    return new Promise((resolve) => {
      this.#wake = () => resolve(undefined);
    });
  }

  /** @param {number} milliseconds */
  #slice(milliseconds) {
    const before = this.#slicing;
    this.#slicing = before.catch(() => {}).then(() => this.#sliceOn(milliseconds));
    return this.#slicing;
  }

  /** @param {number} milliseconds */
  async #sliceOn(milliseconds) {
    const { state, step, nExamplesSeen } = this.#report;
    if (state !== 'running') return;
    const start = this.#now();
    const halts = () => this.#paused || this.#stopped || this.#aborted;
    const goesOn = () => milliseconds > 0 && !halts() && this.#now() - start < PACE.rounds;
    const shared = await this.#helpers.rounds(this.#engine, goesOn);
    this.#take(shared ?? this.#engine.trainSlice(milliseconds));
    const spent = this.#now() - start;
    this.#busy += spent;
    const examples = this.#report.nExamplesSeen - nExamplesSeen;
    if (!this.#warm) this.#warm = { busy: this.#busy, step: this.#report.step };
    else if (examples > 0) this.#noteSpeed(spent, examples);
    const epochEnded = this.#news.length > 0;
    if (epochEnded && this.#pausesAtEpochEnd) this.#halt();
    if (this.#putAside && this.#report.state === 'running' && start + spent - this.#putAsideAt >= PACE.run) {
      this.#putAsideAt = start + spent;
      this.#putAside(bufferOf(this.#engine.checkpoint()));
    }
    if (epochEnded || this.#report.step === step || start + spent - this.#reportedAt >= PACE.report) this.#tell();
  }

  /** @param {Report} report */
  #take(report) {
    this.#report = report;
    this.#history.push(...report.history);
    this.#news.push(...report.history);
  }

  /**
   * @param {number} milliseconds
   * @param {number} examples
   */
  #noteSpeed(milliseconds, examples) {
    this.#speeds.push({ milliseconds, examples });
    let total = 0;
    for (const speed of this.#speeds) total += speed.milliseconds;
    while (this.#speeds.length > 1 && total > PACE.speed) total -= this.#speeds.shift()?.milliseconds ?? 0;
  }

  #tell() {
    const now = this.#now();
    const since = now - this.#checkpointAt;
    const due = this.#news.length > 0 ? since >= PACE.checkpoint : since >= PACE.checkpointLatest;
    this.#post({ ...this.#progress(), history: this.#news }, due ? this.#checkpoint() : null);
    this.#news = [];
    this.#reportedAt = now;
  }

  /** @returns {ArrayBuffer} */
  #checkpoint() {
    this.#checkpointAt = this.#now();
    return bufferOf(this.#engine.save('f32'));
  }

  /** @returns {TrainProgress} without epochs: those are told once */
  #progress() {
    let milliseconds = 0;
    let examples = 0;
    for (const speed of this.#speeds) {
      milliseconds += speed.milliseconds;
      examples += speed.examples;
    }
    const { step, nSteps } = this.#report;
    const warmSteps = this.#warm ? step - this.#warm.step : 0;
    const perStep = this.#warm && warmSteps > 0 ? (this.#busy - this.#warm.busy) / warmSteps : null;
    return {
      ...this.#report,
      history: [],
      nWorkers: this.#helpers.nWorkers,
      milliseconds: this.#busy,
      imagesPerSecond: milliseconds > 0 ? (1000 * examples) / milliseconds : 0,
      secondsLeft: perStep === null ? null : ((nSteps - step) * perStep) / 1000,
    };
  }
}
