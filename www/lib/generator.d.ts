import type { CallOptions, DatasetFiles, DatasetInfo, GanInfo, GanOptions, GanProgress, Samples } from './index.js';

/** Two networks in one worker: a generator of pictures, and the discriminator that it learns from. */
export class Generator {
  private constructor();

  /** Untrained networks: `gan` as in the courses, `gan-small` smaller and told the class. */
  static create(preset: 'gan' | 'gan-small', options?: GanOptions & CallOptions): Promise<Generator>;
  /** The networks of a file that {@link save} made; the optimizers begin anew. */
  static load(
    source: URL | string | Blob | ArrayBuffer | Uint8Array,
    options?: GanOptions & CallOptions,
  ): Promise<Generator>;

  readonly info: GanInfo;

  /** Hands over the real pictures. */
  setDataset(files: DatasetFiles, options?: CallOptions): Promise<DatasetInfo>;
  /** Trains until {@link stop}; can be called again to go on. */
  train(options?: CallOptions & { onProgress?(progress: GanProgress): void }): Promise<GanProgress>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Ends the training; its `train()` resolves. */
  stop(): Promise<void>;
  /**
   * Pictures by the generator as it is, also during training: one for each of `classes`, or `count` of all classes in turn.
   * The same seed gives the same noise; `at`, from 0 to 1, leads that far from it to the noise of `towards`, while the classes
   * stay.
   */
  sample(
    options?: CallOptions & { classes?: number[]; count?: number; seed?: number; towards?: number; at?: number },
  ): Promise<Samples>;
  /** Both networks as a file, as {@link load} reads it. */
  save(options?: CallOptions): Promise<Blob>;
  /** Ends the worker; every pending call rejects with code `closed`. */
  close(): void;
  /** As {@link close}, at the end of a `using` block. */
  [Symbol.dispose](): void;
}
