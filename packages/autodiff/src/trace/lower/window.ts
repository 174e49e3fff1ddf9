import { backend_util } from "@tensorflow/tfjs-core";
import { at, range } from "../../ir/shape.ts";
import type { Shape } from "../../ir/types.ts";
import type { KernelCall } from "./kernel-call.ts";

/** Where the axes of an image lie. */
export interface Layout {
  readonly batch: number;
  readonly feature: number;
  readonly spatial: readonly number[];
}

/** A window that slides over the spatial axes of an image. */
export interface Sliding {
  readonly layout: Layout;
  readonly window: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** [low, high] per spatial axis, so that exactly `out` positions fit; negative ones crop. */
  readonly padding: readonly (readonly [number, number])[];
  readonly input: readonly number[];
  readonly out: readonly number[];
}

/** The layout that the attribute `dataFormat` names; channels last where it is missing. */
export const layoutOf = (call: KernelCall, rank: number): Layout => {
  const [last, first] = rank === 5 ? ["NDHWC", "NCDHW"] : ["NHWC", "NCHW"];
  const channelsLast = call.choice("dataFormat", last ?? "", first ?? "") === last;
  return {
    batch: 0,
    feature: channelsLast ? rank - 1 : 1,
    spatial: range(rank - 2).map((i) => (channelsLast ? i + 1 : i + 2)),
  };
};

/** A number or one per spatial axis; 1 where the attribute is missing. */
const perAxis = (call: KernelCall, name: string, rank: number): readonly number[] => {
  const given = call.optionalNumbers(name) ?? [1];
  return range(rank).map((i) => (given.length === 1 ? at(given, 0) : at(given, i)));
};

type Four = [number, number, number, number];
type Five = [number, number, number, number, number];
type Info = ReturnType<typeof backend_util.computeConv2DInfo>;
type Info3D = ReturnType<typeof backend_util.computeConv3DInfo>;

// tfjs's own functions decide on sizes: they have their own mind on numeric padding and rounding.
const infoOf = (
  call: KernelCall,
  pad: ReturnType<KernelCall["padding"]>,
  sizes: readonly number[],
  window: readonly number[],
  strides: readonly number[],
  dilations: readonly number[],
): { out: readonly number[]; low: readonly number[]; high: readonly number[] } => {
  const rounding = call.choice("dimRoundingMode", "", "floor", "round", "ceil") || undefined;
  const input = [1, ...sizes, 1];
  const filter = [...window, 1, 1];
  if (sizes.length === 3) {
    const info: Info3D = backend_util.computeConv3DInfo(
      input as Five,
      filter as Five,
      strides as [number, number, number],
      dilations as [number, number, number],
      pad as number,
      false,
      "channelsLast",
      rounding,
    );
    const { front, top, left, back, bottom, right } = info.padInfo;
    const out = [info.outDepth, info.outHeight, info.outWidth];
    return { out, low: [front, top, left], high: [back, bottom, right] };
  }
  const info: Info = backend_util.computeConv2DInfo(
    input as Four,
    filter as Four,
    strides as [number, number],
    dilations as [number, number],
    pad as number,
    rounding,
  );
  const { top, left, bottom, right } = info.padInfo;
  return { out: [info.outHeight, info.outWidth], low: [top, left], high: [bottom, right] };
};

/** Reads the window attributes of a call over an image of shape `input`. */
export const slidingOf = (
  call: KernelCall,
  input: Shape,
  layout: Layout,
  window: readonly number[],
): Sliding => {
  const sizes = layout.spatial.map((axis) => at(input, axis));
  const rank = sizes.length;
  const strides = perAxis(call, "strides", rank);
  const dilations = perAxis(call, "dilations", rank);
  const given = call.padding("pad");
  // Explicit pads name every axis of the image; below, the image has its channels last.
  const pad =
    typeof given === "object"
      ? [[0, 0] as const, ...layout.spatial.map((axis) => at(given, axis)), [0, 0] as const]
      : given;
  const { out, low, high } = infoOf(call, pad, sizes, window, strides, dilations);
  const padding = range(rank).map((i): [number, number] => {
    const reach = (at(window, i) - 1) * at(dilations, i) + 1;
    const room = at(sizes, i) + at(low, i) + at(high, i) - reach;
    const fits = Math.floor(room / at(strides, i)) + 1 === at(out, i);
    const exact = (at(out, i) - 1) * at(strides, i) + reach - at(sizes, i) - at(low, i);
    return [at(low, i), fits ? at(high, i) : exact];
  });
  return { layout, window, strides, dilations, padding, input: sizes, out };
};

/** The window size of a pooling kernel. */
export const filterSize = (call: KernelCall, rank: number): readonly number[] =>
  perAxis(call, "filterSize", rank);
