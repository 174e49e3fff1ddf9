import { formatNumber } from "./format-number.ts";
import type { ScaleKind } from "./number-scale.ts";

/** Is one curve of a line chart; arrays of a curve have the same length. */
export interface Curve {
  /** Name, shown in the legend. */
  readonly label: string;
  /** Heights; NaN and infinities leave a gap. */
  readonly y: ArrayLike<number>;
  /** Positions. Default 1, 2, 3, … */
  readonly x?: ArrayLike<number>;
  /** Lower ends of the error bars or of the band, for example minima over seeds. */
  readonly low?: ArrayLike<number>;
  /** Upper ends of the error bars or of the band. */
  readonly high?: ArrayLike<number>;
}

/** Is a chart of curves over a common x axis. */
export interface LineChart {
  /** Name of the chart. */
  readonly title: string;
  /** Name of the x axis. */
  readonly xLabel: string;
  /** Name of the y axis. */
  readonly yLabel: string;
  /** What is drawn. */
  readonly curves: readonly Curve[];
  /** Spacing of the x axis. Default `"linear"`. */
  readonly xScale?: ScaleKind;
  /** Spacing of the y axis; values that are not positive leave a gap in `"log"`. Default `"linear"`. */
  readonly yScale?: ScaleKind;
  /** How `low` and `high` are drawn. Default `"band"`. */
  readonly spread?: "band" | "bars";
}

/** Is one point of a curve. */
export interface CurvePoint {
  /** Position. */
  readonly x: number;
  /** Height. */
  readonly y: number;
  /** Lower end of its error bar. */
  readonly low?: number | undefined;
  /** Upper end of its error bar. */
  readonly high?: number | undefined;
}

/** Returns a curve's points in the order of their positions. */
export function curvePoints({ label, x, y, low, high }: Curve): readonly CurvePoint[] {
  for (const [name, array] of Object.entries({ x, low, high })) {
    if (array !== undefined && array.length !== y.length) {
      throw new RangeError(
        `line chart: expected ${y.length} values of ${name} for curve "${label}", got ${array.length}`,
      );
    }
  }
  return Array.from(y, (value, i) => ({
    x: x ? (x[i] as number) : i + 1,
    y: value,
    low: low?.[i],
    high: high?.[i],
  })).sort((a, b) => a.x - b.x);
}

/** Says in words what a chart shows, for those who cannot see it. */
export function describeCurves({ curves, xLabel, yLabel, yScale }: LineChart): string {
  const parts = curves.map((curve) => {
    const points = curvePoints(curve).filter(({ y }) => Number.isFinite(y));
    const [first, last] = [points[0], points.at(-1)];
    if (!first || !last) return `${curve.label}: no finite values.`;
    const lowest = points.reduce((best, p) => (p.y < best.y ? p : best));
    return (
      `${curve.label}: from ${formatNumber(first.y)} at ${formatNumber(first.x)} to ` +
      `${formatNumber(last.y)} at ${formatNumber(last.x)}, lowest ${formatNumber(lowest.y)} at ${formatNumber(lowest.x)}.`
    );
  });
  const axis = yScale === "log" ? `${yLabel} (log scale)` : yLabel;
  return [`Line chart of ${axis} by ${xLabel}.`, ...parts, thinNote(curves)].join(" ").trimEnd();
}

// More points than this are a solid block of ink, and a large file.
const MOST_POINTS = 1000;
const BUCKETS = 250;

/** Returns how many neighbouring points of a curve are drawn as one; 1 for a short curve. */
export const pointsPerBucket = (length: number): number =>
  length > MOST_POINTS ? Math.ceil(length / BUCKETS) : 1;

/** Replaces every few points of a long curve by their mean, with their range as low and high. */
export function thin(points: readonly CurvePoint[]): readonly CurvePoint[] {
  const size = pointsPerBucket(points.length);
  if (size === 1) return points;
  return Array.from({ length: Math.ceil(points.length / size) }, (_, b) => {
    const bucket = points.slice(b * size, (b + 1) * size);
    const finite = bucket.filter(({ y }) => Number.isFinite(y));
    const ends = (pick: (p: CurvePoint) => number | undefined): number[] =>
      finite.map((p) => pick(p) ?? p.y);
    return {
      x: mean(bucket.map(({ x }) => x)),
      y: mean(finite.map(({ y }) => y)),
      low: Math.min(...ends(({ low }) => low)),
      high: Math.max(...ends(({ high }) => high)),
    };
  });
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Says how long curves were thinned, or nothing. */
export function thinNote(curves: readonly Curve[]): string {
  const sizes = new Set(curves.map(({ y }) => pointsPerBucket(y.length)).filter((n) => n > 1));
  return sizes.size === 0
    ? ""
    : `Long curves: the line is the mean and the band the range of every ${[...sizes].join(" or ")} points.`;
}
