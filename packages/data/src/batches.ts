import { permutation, SHUFFLE } from "./permutation.ts";

/** Is a place in a stream of minibatches: the batch that comes next. Plain data, to be saved as it is. */
export interface BatchPosition {
  /** Epoch, from 0. */
  readonly epoch: number;
  /** Batch inside the epoch, from 0. */
  readonly batch: number;
}

/** Is one minibatch of example indices, with its own position and the one to resume from after it. */
export interface IndexBatch extends BatchPosition {
  /** Indices of the examples, of the batch's size. */
  readonly indices: Int32Array<ArrayBuffer>;
  /** Position of the following batch: save it, and pass it as `start` to go on exactly here. */
  readonly next: BatchPosition;
}

/** Holds the options of {@link batches}. */
export interface BatchesOptions {
  /** Seed of the shuffles, an integer in [0, 2⁵³). Default 0. */
  readonly seed?: number;
  /** Whether each epoch visits the examples in a new random order. Default true. */
  readonly shuffle?: boolean;
  /** Whether to leave out a last batch smaller than the others. Default false. */
  readonly dropLast?: boolean;
  /** Number of epochs, counted from epoch 0 also when resuming; may be Infinity. Default 1. */
  readonly epochs?: number;
  /** Where to begin. Default the first batch of epoch 0. */
  readonly start?: BatchPosition;
}

/**
 * Returns how many batches one epoch has.
 *
 * ⌈n / batchSize⌉, or ⌊n / batchSize⌋ with `dropLast`.
 *
 * @throws RangeError when an epoch would hold no batch.
 *
 * @example
 * ```ts
 * import { batchesPerEpoch } from "@layerwise/data";
 *
 * if (batchesPerEpoch(60_000, 128) !== 469) throw new Error("wrong count");
 * ```
 */
export function batchesPerEpoch(n: number, batchSize: number, dropLast = false): number {
  if (!Number.isInteger(n) || n < 1 || n >= 2 ** 31) {
    throw new RangeError(`batches: expected a number of examples in [1, 2^31), got ${n}`);
  }
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new RangeError(`batches: expected a batchSize of at least 1, got ${batchSize}`);
  }
  if (dropLast && batchSize > n) {
    throw new RangeError(
      `batches: expected batchSize <= ${n} examples because dropLast leaves no batch, got ${batchSize}`,
    );
  }
  return dropLast ? Math.floor(n / batchSize) : Math.ceil(n / batchSize);
}

/**
 * Yields the minibatches of a dataset as arrays of example indices.
 *
 * The order of an epoch depends only on `n`, `seed` and the epoch's number, and is identical in
 * Node, Deno and browsers. No state is hidden: `batches(n, size, { ...options, start: next })`
 * continues an interrupted run with exactly the batches that were still to come.
 *
 * @param n Number of examples, in [1, 2³¹).
 * @param batchSize Examples in a batch; the last batch of an epoch may be smaller.
 * @throws RangeError at the first batch when an argument is out of range.
 *
 * @example
 * ```ts
 * import { batches } from "@layerwise/data";
 *
 * for (const { epoch, batch, indices, next } of batches(1000, 128, { seed: 1, epochs: 2 })) {
 *   if (indices.length > 128 || epoch > 1 || batch > 7 || next.epoch > 2) throw new Error("wrong");
 * }
 * ```
 */
export function* batches(
  n: number,
  batchSize: number,
  {
    seed = 0,
    shuffle = true,
    dropLast = false,
    epochs = 1,
    start = { epoch: 0, batch: 0 },
  }: BatchesOptions = {},
): Generator<IndexBatch, void, undefined> {
  const count = batchesPerEpoch(n, batchSize, dropLast);
  if (!(Number.isInteger(epochs) || epochs === Infinity) || epochs < 0) {
    throw new RangeError(
      `batches: expected epochs to be an integer >= 0 or Infinity, got ${epochs}`,
    );
  }
  checkStart(start, count);
  for (let epoch = start.epoch; epoch < epochs; epoch++) {
    const order = shuffle ? permutation(n, seed, [SHUFFLE.batches, epoch]) : undefined;
    for (let batch = epoch === start.epoch ? start.batch : 0; batch < count; batch++) {
      const from = batch * batchSize;
      const to = Math.min(from + batchSize, n);
      const indices = order
        ? order.slice(from, to)
        : Int32Array.from({ length: to - from }, (_, i) => from + i);
      const next = batch + 1 < count ? { epoch, batch: batch + 1 } : { epoch: epoch + 1, batch: 0 };
      yield { epoch, batch, indices, next };
    }
  }
}

function checkStart({ epoch, batch }: BatchPosition, count: number): void {
  if (!Number.isSafeInteger(epoch) || epoch < 0) {
    throw new RangeError(`batches: expected start.epoch to be an integer >= 0, got ${epoch}`);
  }
  if (!Number.isInteger(batch) || batch < 0 || batch >= count) {
    throw new RangeError(`batches: expected start.batch in [0, ${count}), got ${batch}`);
  }
}
