import { slice_util } from "@tensorflow/tfjs-core";
import { at, range } from "../../ir/shape.ts";
import type { Value } from "../../ir/types.ts";
import type { KernelCall } from "./kernel-call.ts";
import type { Family, Lowering } from "./lowering.ts";

/** Kernels that cut arrays into parts. */
export type SlicingKernel = "Slice" | "SplitV" | "StridedSlice" | "Unpack";

const slice: Lowering = (call) => {
  const x = call.input("x");
  const { shape } = x.type;
  const begin = call.numbers("begin");
  const size = call.optionalNumbers("size") ?? [];
  const start = range(shape.length).map((i) => begin[i] ?? 0);
  const limit = shape.map((d, i) => {
    const length = size[i] ?? -1;
    return length === -1 ? d : at(start, i) + length;
  });
  if (begin.includes(-1)) throw call.error("slice() does not support negative begin indexing.");
  const fits = shape.every((d, i) => at(start, i) >= 0 && at(limit, i) <= d);
  if (!fits) throw call.error(`begin [${begin}] and size [${size}] leave the input [${shape}]`);
  return call.b.slice(x, start, limit);
};

/** Elements `from` to `to` of one axis. */
const part = (call: KernelCall, x: Value, axis: number, from: number, to: number): Value => {
  const start = x.type.shape.map((_, i) => (i === axis ? from : 0));
  const limit = x.type.shape.map((d, i) => (i === axis ? to : d));
  return call.b.slice(x, start, limit);
};

const split: Lowering = (call) => {
  const x = call.input("x");
  const axis = call.axis("axis", x.type.shape.length, 0);
  const total = at(x.type.shape, axis);
  const given = call.numbers("numOrSizeSplits");
  const [count = 1] = given;
  const isCount = !call.isList("numOrSizeSplits");
  const known = given.reduce((n, size) => n + Math.max(size, 0), 0);
  const sizes = isCount
    ? range(count).map(() => total / count)
    : given.map((size) => (size === -1 ? total - known : size));
  if (!sizes.every(Number.isInteger) || sizes.reduce((n, s) => n + s, 0) !== total) {
    throw call.error(`cannot split ${total} into [${given}] (input [${x.type.shape}])`);
  }
  const ends = sizes.map((_, i) => sizes.slice(0, i + 1).reduce((n, s) => n + s, 0));
  return sizes.map((size, i) => part(call, x, axis, at(ends, i) - size, at(ends, i)));
};

const unpack: Lowering = (call) => {
  const x = call.input("value");
  const { shape } = x.type;
  const axis = call.axis("axis", shape.length, 0);
  const rest = shape.filter((_, i) => i !== axis);
  return range(at(shape, axis)).map((i) => call.b.reshape(part(call, x, axis, i, i + 1), rest));
};

const stridedSlice: Lowering = (call) => {
  const { b } = call;
  const x = call.input("x");
  const mask = (name: string): number => call.int(name, 0);
  const info = slice_util.sliceInfo(
    [...x.type.shape],
    [...call.numbers("begin")],
    [...call.numbers("end")],
    [...(call.optionalNumbers("strides") ?? call.numbers("begin").map(() => 1))],
    mask("beginMask"),
    mask("endMask"),
    mask("ellipsisMask"),
    mask("newAxisMask"),
    mask("shrinkAxisMask"),
  );
  // A negative stride walks the reversed axis forwards.
  const backwards = info.strides.map((stride) => stride < 0);
  const flipped = b.reverse(
    x,
    range(x.type.shape.length).filter((i) => backwards[i]),
  );
  const place = (position: number, i: number): number =>
    backwards[i] ? at(x.type.shape, i) - 1 - position : position;
  const start = info.begin.map(place);
  const limit = info.end.map((end, i) => Math.max(place(end, i), at(start, i)));
  const cut = b.slice(flipped, start, limit, info.strides.map(Math.abs));
  return b.reshape(cut, info.finalShape);
};

/** Lowerings of slicing. */
export const slicing: Family<SlicingKernel> = {
  Slice: slice,
  SplitV: split,
  StridedSlice: stridedSlice,
  Unpack: unpack,
};
