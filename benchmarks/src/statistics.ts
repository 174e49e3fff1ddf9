/** The value at fraction `q` of the sorted list, interpolated. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = q * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)] ?? Number.NaN, sorted[Math.ceil(at)] ?? Number.NaN];
  return low + (high - low) * (at - Math.floor(at));
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** A middle and how far it moved from round to round. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** Quartiles: half of the rounds lie between them. */
  readonly q1: number;
  readonly q3: number;
}

export const spread = (values: readonly number[]): Spread => ({
  median: median(values),
  min: quantile(values, 0),
  max: quantile(values, 1),
  q1: quantile(values, 0.25),
  q3: quantile(values, 0.75),
});
