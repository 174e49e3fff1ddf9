/** Is one reading of a progress counter. */
export interface ProgressSample {
  /** Units completed. */
  readonly done: number;
  /** Time of the reading in milliseconds, from any fixed origin. */
  readonly time: number;
}

/** Is the history of a long computation, thinned; plain data. */
export interface Progress {
  /** Units in all. */
  readonly total: number;
  /** Readings, oldest first; the first is the start. */
  readonly samples: readonly ProgressSample[];
}

/** Is what a progress history says at one moment. */
export interface ProgressEstimate {
  /** Units completed. */
  readonly done: number;
  /** Units in all. */
  readonly total: number;
  /** done / total, in [0, 1]. */
  readonly fraction: number;
  /** Seconds since the start. */
  readonly elapsed: number;
  /** Units per second lately; undefined before the second reading. */
  readonly rate: number | undefined;
  /** Seconds left; undefined while there is no rate. */
  readonly remaining: number | undefined;
}

/**
 * Begins a progress history.
 *
 * Units should cost about the same; weight them (for example by multiplications) where layers of
 * different size follow each other.
 *
 * @param total Units in all, at least 0.
 * @param time Now, in milliseconds.
 * @param done Units already completed, when a run is resumed. Default 0.
 * @throws RangeError when `total` or `done` is out of range.
 *
 * @example
 * ```ts
 * import { advanceProgress, estimateProgress, startProgress } from "@layerwise/report";
 *
 * let progress = startProgress(10, 0);
 * progress = advanceProgress(progress, 1, 5000); // a slow first step
 * progress = advanceProgress(progress, 2, 6000);
 * if (estimateProgress(progress).remaining !== 8) throw new Error("wrong estimate");
 * ```
 */
export function startProgress(total: number, time: number, done = 0): Progress {
  if (!(total >= 0 && Number.isFinite(total))) {
    throw new RangeError(`startProgress: expected a finite total >= 0, got ${total}`);
  }
  if (!(done >= 0 && done <= total)) {
    throw new RangeError(`startProgress: expected done in [0, ${total}], got ${done}`);
  }
  return { total, samples: [{ done, time }] };
}

/**
 * Returns the history with one more reading.
 *
 * Keeps a few hundred readings at most, however often it is called.
 *
 * @param done Units completed, not fewer than before and not more than the total.
 * @param time Now, in milliseconds; a clock that was set back counts as standing still.
 * @throws RangeError when `done` is out of range.
 *
 * @example
 * ```ts
 * import { advanceProgress, startProgress } from "@layerwise/report";
 *
 * const progress = advanceProgress(startProgress(10, 0), 3, 1000);
 * if (progress.samples.at(-1)?.done !== 3) throw new Error("wrong");
 * ```
 */
export function advanceProgress(progress: Progress, done: number, time: number): Progress {
  const { total, samples } = progress;
  const last = samples.at(-1) as ProgressSample;
  if (!(done >= last.done && done <= total)) {
    throw new RangeError(`advanceProgress: expected done in [${last.done}, ${total}], got ${done}`);
  }
  const sample = { done, time: Math.max(time, last.time) };
  const first = (samples[0] as ProgressSample).done;
  const before = (samples.at(-2) ?? last).done;
  // The last reading is replaced while it is close to the one before: spaced geometrically at first,
  // so that an early estimate can leave out the slow first unit, then evenly.
  const spacing = Math.min((before - first) / 10, (total - first) / 128);
  const keep = samples.length < 2 || last.done - before > spacing;
  return { total, samples: keep ? [...samples, sample] : [...samples.slice(0, -1), sample] };
}

/**
 * Estimates the rate and the time left.
 *
 * The rate is taken over the later half of the completed units, and never over the first reading
 * alone: compilation and warm-up at the start are forgotten, and work that recurs (an evaluation
 * after each epoch) stays averaged in.
 *
 * @param time Now, in milliseconds. Default the time of the last reading.
 *
 * @example
 * ```ts
 * import { advanceProgress, estimateProgress, startProgress } from "@layerwise/report";
 *
 * let progress = startProgress(4, 0);
 * for (const done of [1, 2]) progress = advanceProgress(progress, done, done * 1000);
 * if (estimateProgress(progress).remaining !== 2) throw new Error("wrong estimate");
 * ```
 */
export function estimateProgress({ total, samples }: Progress, time?: number): ProgressEstimate {
  const first = samples[0] as ProgressSample;
  const last = samples.at(-1) as ProgressSample;
  const now = Math.max(time ?? last.time, last.time);
  const half = (first.done + last.done) / 2;
  const from = samples.slice(1).findLast(({ done }) => done <= half) ?? samples[1] ?? last;
  const units = last.done - from.done;
  const seconds = (last.time - from.time) / 1000;
  const rate = units > 0 && seconds > 0 ? units / seconds : undefined;
  const left = total - last.done;
  const remaining = left === 0 ? 0 : rate && Math.max(left / rate - (now - last.time) / 1000, 0);
  return {
    done: last.done,
    total,
    fraction: total === 0 ? 1 : last.done / total,
    elapsed: (now - first.time) / 1000,
    rate,
    remaining,
  };
}
