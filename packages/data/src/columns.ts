import { rowCount } from "./gather.ts";

/** Holds statistics of each column of a matrix; plain data, to be saved beside a model. */
export interface ColumnStats {
  /** Mean of each column. */
  readonly mean: readonly number[];
  /** Population standard deviation of each column. */
  readonly std: readonly number[];
  /** Smallest value of each column. */
  readonly min: readonly number[];
  /** Largest value of each column. */
  readonly max: readonly number[];
}

/**
 * Measures the columns of a row-major matrix, in float64.
 *
 * mean_j = Σᵢ x_ij / n, std_j = √(Σᵢ (x_ij − mean_j)² / n). Fit on the training examples only, then
 * apply to all of them.
 *
 * @param values Row-major values, [n, width], n at least 1.
 * @throws RangeError when `values` is empty or not a whole number of rows.
 *
 * @example
 * ```ts
 * import { columnStats, standardize } from "@layerwise/data";
 *
 * const x = Float32Array.of(1, 10, 3, 30);
 * if (standardize(x, columnStats(x, 2)).join() !== "-1,-1,1,1") throw new Error("wrong");
 * ```
 */
export function columnStats(values: ArrayLike<number>, width: number): ColumnStats {
  const count = rowCount("columnStats", values.length, width);
  if (count === 0) throw new RangeError("columnStats: expected at least one row, got none");
  const mean = new Array<number>(width).fill(0);
  const std = new Array<number>(width).fill(0);
  const min = new Array<number>(width).fill(Infinity);
  const max = new Array<number>(width).fill(-Infinity);
  forEach(values, width, (x, j) => {
    mean[j] = (mean[j] as number) + x / count;
    min[j] = Math.min(min[j] as number, x);
    max[j] = Math.max(max[j] as number, x);
  });
  // Two passes: the one-pass sum of squares cancels badly when the mean is large.
  forEach(values, width, (x, j) => {
    std[j] = (std[j] as number) + (x - (mean[j] as number)) ** 2 / count;
  });
  // A constant column may come out as rounding noise above 0, which standardize would blow up.
  return { mean, std: std.map((v, j) => (min[j] === max[j] ? 0 : Math.sqrt(v))), min, max };
}

/**
 * Returns the values with every column shifted to mean 0 and scaled to standard deviation 1.
 *
 * y_ij = (x_ij − mean_j) / std_j; a constant column (std 0) becomes 0 plus its distance from the mean.
 *
 * @throws RangeError when `values` is not a whole number of rows.
 *
 * @example
 * ```ts
 * import { columnStats, standardize } from "@layerwise/data";
 *
 * const train = Float32Array.of(0, 2);
 * if (standardize(Float32Array.of(4), columnStats(train, 1))[0] !== 3) throw new Error("wrong");
 * ```
 */
export function standardize(
  values: ArrayLike<number>,
  { mean, std }: ColumnStats,
): Float32Array<ArrayBuffer> {
  return affine("standardize", values, mean, std);
}

/**
 * Returns the values with every column scaled so that the fitted range becomes [0, 1].
 *
 * y_ij = (x_ij − min_j) / (max_j − min_j); values outside the fitted range fall outside [0, 1], and
 * a constant column becomes 0 plus its distance from the minimum.
 *
 * @throws RangeError when `values` is not a whole number of rows.
 *
 * @example
 * ```ts
 * import { columnStats, minMaxScale } from "@layerwise/data";
 *
 * const x = Float32Array.of(10, 20, 15);
 * if (minMaxScale(x, columnStats(x, 1)).join() !== "0,1,0.5") throw new Error("wrong");
 * ```
 */
export function minMaxScale(
  values: ArrayLike<number>,
  { min, max }: ColumnStats,
): Float32Array<ArrayBuffer> {
  const range = max.map((high, j) => high - (min[j] as number));
  return affine("minMaxScale", values, min, range);
}

/**
 * Returns one row per label with a 1 in the label's column and 0 elsewhere, [n, classes].
 *
 * @throws RangeError when a label is outside [0, classes).
 *
 * @example
 * ```ts
 * import { oneHot } from "@layerwise/data";
 *
 * if (oneHot([1, 0], 2).join() !== "0,1,1,0") throw new Error("wrong");
 * ```
 */
export function oneHot(labels: ArrayLike<number>, classes: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(labels.length * classes);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] as number;
    if (!(Number.isInteger(label) && label >= 0 && label < classes)) {
      throw new RangeError(`oneHot: expected labels in [0, ${classes}), got ${label} at ${i}`);
    }
    out[i * classes + label] = 1;
  }
  return out;
}

function affine(
  caller: string,
  values: ArrayLike<number>,
  shift: readonly number[],
  scale: readonly number[],
): Float32Array<ArrayBuffer> {
  rowCount(caller, values.length, shift.length);
  const out = new Float32Array(values.length);
  let i = 0;
  forEach(values, shift.length, (x, j) => {
    out[i++] = (x - (shift[j] as number)) / (scale[j] || 1);
  });
  return out;
}

function forEach(
  values: ArrayLike<number>,
  width: number,
  visit: (value: number, column: number) => void,
): void {
  for (let i = 0, j = 0; i < values.length; i++) {
    visit(values[i] as number, j);
    j = j + 1 === width ? 0 : j + 1;
  }
}
