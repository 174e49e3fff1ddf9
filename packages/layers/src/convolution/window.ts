import { LayerError } from "../core/layer-error.ts";

/** One number for all spatial axes, or one for each. */
export type PerAxis = number | readonly number[];

/**
 * How far a window may hang over the edge of the input.
 *
 * "valid": not at all. "same": so far that the output has ⌈input / stride⌉ elements, with the odd
 * one of the zeros at the end, as in TensorFlow. Numbers: so many zeros on both sides, or [before,
 * after], for all axes or for each. "causal", for sequences: all zeros before.
 */
export type Padding =
  | "valid"
  | "same"
  | "causal"
  | number
  | readonly (number | readonly [before: number, after: number])[];

/** Options of layers that slide a window. */
export interface WindowOptions {
  /** The step of the window. */
  readonly strides?: PerAxis | undefined;
  /** Default "valid". */
  readonly padding?: Padding | undefined;
  /** Channels on the axis after the batch, as PyTorch has them, not on the last. Default false. */
  readonly channelsFirst?: boolean | undefined;
}

/** Zeros before and after an axis. */
export type Pads = readonly [before: number, after: number];

/** What a window does along one axis. */
export interface WindowAxis {
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padding: "valid" | "same" | "causal" | Pads;
}

/** Reads options into one window per axis; throws where they make none. */
export function windowAxes(
  kind: string,
  rank: number,
  [name, size]: readonly [name: string, size: PerAxis],
  strides: PerAxis,
  padding: Padding,
  dilations: PerAxis = 1,
): readonly WindowAxis[] {
  const sizes = perAxis(kind, name, size, rank);
  const steps = perAxis(kind, "strides", strides, rank);
  const gaps = perAxis(kind, "dilations", dilations, rank);
  const pads = paddings(kind, padding, rank);
  return sizes.map((n, i) => ({
    size: n,
    stride: steps[i] ?? 1,
    dilation: gaps[i] ?? 1,
    padding: pads[i] ?? "valid",
  }));
}

/** One positive whole number per axis; throws where some are not. */
export function perAxis(kind: string, name: string, value: PerAxis, rank: number): number[] {
  const list = typeof value === "number" ? new Array<number>(rank).fill(value) : [...value];
  if (list.length === rank && list.every((n) => Number.isInteger(n) && n >= 1)) return list;
  const wanted = rank === 1 ? "a positive whole number" : `${rank} positive whole numbers`;
  throw new LayerError(kind, `expected ${name}: ${wanted}, got ${JSON.stringify(value)}`);
}

/** Zeros before and after each axis; throws where there are not as many as axes. */
export function padPairs(
  kind: string,
  name: string,
  padding: number | readonly (number | Pads)[],
  rank: number,
): Pads[] {
  const list = typeof padding === "number" ? new Array<number>(rank).fill(padding) : padding;
  const pairs = list.map((p): Pads => (typeof p === "number" ? [p, p] : p));
  if (pairs.length === rank && pairs.flat().every((n) => Number.isInteger(n) && n >= 0)) {
    return pairs;
  }
  const numbers = rank === 1 ? "a whole number" : `${rank} whole numbers`;
  const wanted = `expected ${name}: ${numbers} of at least 0, or [before, after]`;
  throw new LayerError(kind, `${wanted}, got ${JSON.stringify(padding)}`);
}

/** The number of input elements between the first and the last that a window sees. */
export function reach({ size, dilation }: WindowAxis): number {
  return (size - 1) * dilation + 1;
}

/** The zeros around an axis of some length. */
export function padsOf(axis: WindowAxis, length: number): Pads {
  const { stride, padding } = axis;
  if (padding === "valid") return [0, 0];
  if (padding === "causal") return [reach(axis) - 1, 0];
  if (padding !== "same") return padding;
  const outputs = Math.ceil(length / stride);
  const total = Math.max((outputs - 1) * stride + reach(axis) - length, 0);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

/** The number of places of the window along an axis of some length: less than 1 where it does not fit. */
export function placesOf(axis: WindowAxis, length: number): number {
  const [before, after] = padsOf(axis, length);
  return Math.floor((length + before + after - reach(axis)) / axis.stride) + 1;
}

function paddings(
  kind: string,
  padding: Padding,
  rank: number,
): (Pads | "valid" | "same" | "causal")[] {
  if (typeof padding !== "string") return padPairs(kind, "padding", padding, rank);
  const known = padding === "valid" || padding === "same" || (padding === "causal" && rank === 1);
  if (known) return new Array<typeof padding>(rank).fill(padding);
  const wanted = `expected padding "valid", "same"${rank === 1 ? ', "causal"' : ""} or numbers`;
  throw new LayerError(kind, `${wanted}, got ${JSON.stringify(padding)}`);
}
