import { type ScaleLinear, type ScaleLogarithmic, scaleLinear, scaleLog } from "d3-scale";
import { formatNumber } from "./format-number.ts";

/** Names the spacing of an axis. */
export type ScaleKind = "linear" | "log";

/** Is a d3 scale from values to pixels. */
export type NumberScale = ScaleLinear<number, number> | ScaleLogarithmic<number, number>;

/** Is a labelled position on an axis, in pixels. */
export interface Tick {
  /** Position in pixels. */
  readonly at: number;
  /** What is written there. */
  readonly label: string;
}

/** Says whether a value can be drawn: finite, and positive on a log axis. */
export const drawable = (value: number | undefined, kind: ScaleKind): value is number =>
  value !== undefined && Number.isFinite(value) && (kind === "linear" || value > 0);

/** Makes a scale whose domain holds all drawable values, or undefined when there are none. */
export function numberScale(
  kind: ScaleKind,
  values: Iterable<number | undefined>,
  range: readonly [number, number],
  tight = false,
): NumberScale | undefined {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (!drawable(value, kind)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return undefined;
  if (kind === "log") {
    // A margin of 3 % on each side, or a factor of two around a single value.
    const margin = low === high ? 2 : (high / low) ** 0.03;
    return scaleLog([low / margin, high * margin], range);
  }
  const margin = low === high ? Math.abs(low) / 10 || 1 : 0;
  const scale = scaleLinear([low - margin, high + margin], range);
  return tight ? scale : scale.nice(6);
}

/** Says how the ticks of an axis are chosen. */
export interface TickOptions {
  /** Ticks wanted on a linear axis. */
  readonly count: number;
  /** Pixels that a label needs along the axis. */
  readonly room: (label: string) => number;
  /** Whether to leave out fractions, for counts such as epochs. Default false. */
  readonly integers?: boolean;
}

/** Returns the most ticks whose labels do not touch. */
export function ticks(scale: NumberScale, { count, room, integers }: TickOptions): readonly Tick[] {
  let best: readonly Tick[] = [];
  for (const [values, decimals] of candidates(scale, count)) {
    const format = integers ? roundLabel : decimals;
    best = values
      .filter((value) => !integers || Number.isInteger(value))
      .map((value) => ({ at: scale(value), label: format(value) }));
    const touch = best.some(({ at, label }, i) => {
      const before = best[i - 1];
      return before && Math.abs(at - before.at) < (room(label) + room(before.label)) / 2;
    });
    if (!touch) break;
  }
  return best;
}

type Choice = readonly [values: readonly number[], format: (value: number) => string];

/** Yields choices of tick values and their format, the densest first. */
function* candidates(scale: NumberScale, count: number): Generator<Choice> {
  if (!("base" in scale)) {
    for (let n = count; n > 0; n--) yield [scale.ticks(n), scale.tickFormat(n)];
    return;
  }
  const [low = 1, high = 1] = scale.domain();
  const decades = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))] as const;
  for (const [digits, step] of [
    [[1, 2, 3, 4, 5, 6, 7, 8, 9], 1],
    [[1, 2, 5], 1],
    [[1, 3], 1],
    ...Array.from({ length: 100 }, (_, i) => [[1], i + 1] as const),
  ] as const) {
    const values: number[] = [];
    // Number("2e-3"), not 2 * 10 ** -3, which is 0.002 only by luck.
    for (let e = Math.ceil(decades[0] / step) * step; e <= decades[1]; e += step) {
      values.push(...digits.map((digit) => Number(`${digit}e${e}`)));
    }
    const shown = values.filter((value) => value >= low && value <= high);
    // Less than a decade may hold one round number or none: then linear ticks say more.
    if (shown.length < 2) yield [scaleLinear([low, high], [0, 1]).ticks(count), roundLabel];
    yield [shown, roundLabel];
  }
}

const roundLabel = (value: number): string =>
  value >= 1000 && value < 1e6 ? value.toLocaleString("en-US") : formatNumber(value);
