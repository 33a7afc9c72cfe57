// @ts-check
/** One training in the worker: slices of it, with room for other messages in between. */

import { abortError } from './errors.js';
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
  #helpers;
  /** Resolves after the last slice, which may wait for other workers. @type {Promise<unknown>} */
  #slicing = Promise.resolve();
  /** Every epoch so far. @type {EpochResult[]} */
  #history = [];
  /** Epochs that were not reported yet. @type {EpochResult[]} */
  #news = [];
  isPaused = false;
  #stopped = false;
  #aborted = false;
  /** Until it is paused or goes on. */
  pausesAtEpochEnd = false;
  /** Wakes the loop out of a pause. */
  #wake = () => {};
  /** Told when the training is paused, or over. */
  onHalt = () => {};
  /** Time spent in slices. */
  #busy = 0;
  /** After the first slice, when the machine code is warm. @type {{ busy: number, step: number } | null} */
  #warm = null;
  /** Of late, after slices that trained: the time of all such so far, and their examples. @type {[number, number][]} */
  #marks = [[0, 0]];
  #reportedAt = -Infinity;
  #checkpointAt;
  #putsAside;
  #putAsideAt;

  /**
   * Starts the training; {@link run} goes through with it.
   * @param {Trainer} engine
   * @param {object} options
   * @param {(progress: TrainProgress, checkpoint: ArrayBuffer | null, run: ArrayBuffer | null) => void} post takes the weights and the run
   * as bytes, too, every few seconds
   * @param {object} [more]
   * @param {() => number} [more.now] milliseconds
   * @param {Helpers} [more.helpers] other workers that compute parts of each round
   * @param {ArrayBuffer} [more.resumeFrom] a run that was put aside, to go on with in place of a new one
   * @param {boolean} [more.putsAside] whether the run is asked for
   * @param {Report} [more.begun] what a training begun already told
   */
  constructor(engine, options, post, { now = () => performance.now(), helpers = new Helpers([]), resumeFrom, putsAside, begun } = {}) {
    this.#engine = engine;
    this.#post = post;
    this.#now = now;
    this.#helpers = helpers;
    helpers.onChange = () => this.#tell();
    this.#checkpointAt = this.#putAsideAt = now();
    this.#putsAside = putsAside;
    this.#report = begun ?? (resumeFrom ? engine.resumeTraining(new Uint8Array(resumeFrom)) : engine.startTraining(options));
    this.#take(this.#report);
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
      this.onHalt();
    }
    const isFinished = this.#report.state === 'finished';
    if (!isFinished) this.#take(this.#engine.stopTraining());
    const { secondsLeft: _, ...rest } = this.progress();
    return { result: { ...rest, state: isFinished ? 'finished' : 'stopped', history: this.#history }, checkpoint: this.#checkpoint() };
  }

  /** @param {AbortSignal} signal */
  async #loop(signal) {
    while (this.#report.state === 'running' && !this.#stopped) {
      await breathe();
      while (this.isPaused && !this.#stopped && !signal.aborted) {
        await new Promise((resolve) => {
          this.#wake = () => resolve(null);
        });
      }
      await this.#slicing; // a single step may be waiting for other workers
      if (signal.aborted) {
        this.#take(this.#engine.stopTraining());
        this.#post(this.progress(), this.#checkpoint(), null);
        throw abortError(signal);
      }
      // A pause may have come while the slice before was waited for.
      if (this.#goesOn()) await this.slice(PACE.slice);
    }
  }

  #goesOn() {
    return this.#report.state === 'running' && !this.isPaused && !this.#stopped && !this.#aborted;
  }

  /** @returns {Promise<TrainProgress>} */
  async pause() {
    this.#halt();
    await this.#slicing;
    return this.progress();
  }

  #halt() {
    this.isPaused = true;
    this.pausesAtEpochEnd = false;
    this.onHalt();
  }

  resume() {
    this.isPaused = false;
    this.pausesAtEpochEnd = false;
    this.#wake();
    return null;
  }

  /**
   * Does something with the engine between two rounds. Other workers may be computing one: it waits for its end.
   * @template T
   * @param {(engine: Trainer, helpers: Helpers) => T} work
   */
  between(work) {
    const done = this.#slicing.then(() => work(this.#engine, this.#helpers));
    this.#slicing = done.then(nothing, nothing);
    return done;
  }

  /**
   * What a change of the options led to.
   * @param {Report} report
   */
  changed(report) {
    this.#take(report);
    // A step may take another time now.
    this.#warm = null;
    return this.progress();
  }

  stop() {
    this.#stopped = true;
    this.#wake();
    return null;
  }

  /** @param {number} milliseconds of computing; one batch without any */
  slice(milliseconds) {
    return this.between(() => this.#sliceNow(milliseconds));
  }

  /** @param {number} milliseconds */
  async #sliceNow(milliseconds) {
    const { state, step, nExamplesSeen } = this.#report;
    if (state !== 'running') return;
    const start = this.#now();
    const goesOn = () => milliseconds > 0 && this.#goesOn() && this.#now() - start < PACE.rounds;
    const shared = await this.#helpers.rounds(this.#engine, goesOn);
    this.#take(shared ?? this.#engine.trainSlice(milliseconds));
    const end = this.#now();
    const spent = end - start;
    this.#busy += spent;
    const examples = this.#report.nExamplesSeen - nExamplesSeen;
    if (!this.#warm) this.#warm = { busy: this.#busy, step: this.#report.step };
    else if (examples > 0) {
      const marks = this.#marks;
      const [time, seen] = marks.at(-1) ?? [0, 0];
      marks.push([time + spent, seen + examples]);
      while (marks.length > 2 && time + spent - (marks[0]?.[0] ?? 0) > PACE.speed) marks.shift();
    }
    const epochEnded = this.#news.length > 0;
    if (epochEnded && this.pausesAtEpochEnd) this.#halt();
    const putsAside = this.#putsAside && this.#report.state === 'running' && end - this.#putAsideAt >= PACE.run;
    if (putsAside) this.#putAsideAt = end;
    const isDue = epochEnded || this.#report.step === step || end - this.#reportedAt >= PACE.report;
    if (putsAside || isDue) this.#tell(putsAside ? bufferOf(this.#engine.checkpoint()) : null);
  }

  /** @param {Report} report */
  #take(report) {
    this.#report = report;
    this.#history.push(...report.history);
    this.#news.push(...report.history);
  }

  /** @param {ArrayBuffer | null} run */
  #tell(run = null) {
    const now = this.#now();
    const isDue = now - this.#checkpointAt >= (this.#news.length > 0 ? PACE.checkpoint : PACE.latest);
    this.#post({ ...this.progress(), history: this.#news }, isDue ? this.#checkpoint() : null, run);
    this.#news = [];
    this.#reportedAt = now;
  }

  /** @returns {ArrayBuffer} */
  #checkpoint() {
    this.#checkpointAt = this.#now();
    return bufferOf(this.#engine.save('f32'));
  }

  /** @returns {TrainProgress} without epochs: those are told once */
  progress() {
    const [from = [0, 0]] = this.#marks;
    const [time, seen] = this.#marks.at(-1) ?? from;
    const { step, nSteps } = this.#report;
    const warmSteps = this.#warm ? step - this.#warm.step : 0;
    const perStep = this.#warm && warmSteps > 0 ? (this.#busy - this.#warm.busy) / warmSteps : null;
    return {
      ...this.#report,
      history: [],
      nWorkers: this.#helpers.nWorkers,
      milliseconds: this.#busy,
      imagesPerSecond: time > from[0] ? (1000 * (seen - from[1])) / (time - from[0]) : 0,
      secondsLeft: perStep === null ? null : ((nSteps - step) * perStep) / 1000,
    };
  }
}

function nothing() {}
