import { at, type ConvAttrs, type Shape } from "@layerwise/autodiff/executor";
import type { Reach } from "./pad.ts";

/**
 * Every `outStep`-th output position along an axis, and the taps of the window that meet elements
 * there. Positions between the elements of a dilated input would only add zeros.
 */
export interface AxisPhase {
  readonly phase: number;
  readonly outStep: number;
  readonly count: number;
  readonly firstTap: number;
  readonly tapStep: number;
  readonly taps: number;
  /** Position in the input of the first tap at the first output position. */
  readonly start: number;
}

/** One spatial axis: its phases and what they reach of the input. */
export interface PhasedAxis {
  readonly phases: readonly AxisPhase[];
  readonly reach: Reach;
}

/** Phases of spatial axis number `i`. One, if the input is not dilated or the output is strided too. */
export const phasesOf = (
  attrs: ConvAttrs,
  i: number,
  kernelShape: Shape,
  outShape: Shape,
): PhasedAxis => {
  const size = at(outShape, at(attrs.dims.outSpatial, i));
  const window = at(kernelShape, at(attrs.dims.rhsSpatial, i));
  const [low] = at(attrs.padding, i);
  const dilation = at(attrs.lhsDilation, i);
  const [stride, tapStride] = [at(attrs.strides, i), at(attrs.rhsDilation, i)];
  const end = ({ start, count, taps }: AxisPhase): number =>
    start + (count - 1) * stride + (taps - 1) * tapStride;
  if (dilation === 1 || stride > 1 || tapStride > 1) {
    const common = { phase: 0, outStep: 1, firstTap: 0, tapStep: 1 };
    const only = { ...common, count: size, taps: window, start: -low };
    return { phases: [only], reach: { first: -low, last: end(only), dilation } };
  }
  const phases = Array.from({ length: Math.min(dilation, size) }, (_, phase): AxisPhase => {
    const firstTap = (((low - phase) % dilation) + dilation) % dilation;
    return {
      phase,
      outStep: dilation,
      count: Math.ceil((size - phase) / dilation),
      firstTap,
      tapStep: dilation,
      taps: Math.max(0, Math.ceil((window - firstTap) / dilation)),
      start: (phase + firstTap - low) / dilation,
    };
  });
  const used = phases.filter(({ taps }) => taps > 0);
  const first = Math.min(...used.map(({ start }) => start));
  return { phases, reach: { first, last: Math.max(...used.map(end)), dilation: 1 } };
};

/** All combinations of one item of each list. */
export const combinations = <T>(lists: readonly (readonly T[])[]): T[][] =>
  lists.reduce<T[][]>((all, list) => all.flatMap((head) => list.map((x) => [...head, x])), [[]]);
