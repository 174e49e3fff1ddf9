import { quantileSorted } from "d3-array";

/** Is a five-number summary after Tukey, with the values that lie outside the whiskers. */
export interface BoxStats {
  /** Number of finite values. */
  readonly count: number;
  /** First quartile. */
  readonly q1: number;
  /** Median. */
  readonly median: number;
  /** Third quartile. */
  readonly q3: number;
  /** Smallest value within 1.5 interquartile ranges of the box. */
  readonly low: number;
  /** Largest value within 1.5 interquartile ranges of the box. */
  readonly high: number;
  /** Values outside [low, high], ascending. */
  readonly outliers: readonly number[];
}

/**
 * Summarises values for a box plot (J. W. Tukey, Exploratory Data Analysis, 1977).
 *
 * Quartiles interpolate linearly between order statistics (type 7 of Hyndman & Fan 1996, the default
 * of R and NumPy); whiskers end at the last values within 1.5 · (q3 − q1) of the box. Values that
 * are not finite are left out.
 *
 * @returns The summary, or undefined when no value is finite.
 *
 * @example
 * ```ts
 * import { boxStats } from "@layerwise/report";
 *
 * const stats = boxStats([1, 2, 3, 4, 100]);
 * if (stats?.median !== 3 || stats.high !== 4 || stats.outliers[0] !== 100) throw new Error("wrong");
 * ```
 */
export function boxStats(values: ArrayLike<number>): BoxStats | undefined {
  const sorted = Array.from(values)
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  const quantile = (p: number): number => quantileSorted(sorted, p) ?? Number.NaN;
  const [q1, median, q3] = [quantile(0.25), quantile(0.5), quantile(0.75)];
  const reach = 1.5 * (q3 - q1);
  const inside = sorted.filter((x) => x >= q1 - reach && x <= q3 + reach);
  const [low, high] = [inside[0], inside.at(-1)];
  if (low === undefined || high === undefined) return undefined;
  const outliers = sorted.filter((x) => x < low || x > high);
  return { count: sorted.length, q1, median, q3, low, high, outliers };
}
