import { offsets, rowMajor } from "../host/offsets.ts";
import { at, sizeOf } from "../ir/shape.ts";
import type { Shape } from "../ir/types.ts";
import { stretch } from "./broadcast.ts";
import type { Emitter } from "./emitter.ts";
import { groupSizes, mergeAxes, type Ref, view } from "./ref.ts";

// Movement of elements by tfjs's own kernels, with neighbouring axes merged so that few remain.

const MAX_RANK = 4;
const MAX_EXACT = 2 ** 24;

/** Moves axis `order[i]` to place i. */
export const transposeByKernel = (e: Emitter, x: Ref, order: readonly number[]): Ref => {
  // The WGSL of tfjs's Transpose compiles for floats only.
  if (e.target.name === "webgpu" && x.dtype !== "float32") return transposeByIndex(e, x, order);
  const out = order.map((axis) => at(x.shape, axis));
  return e.kernel("Transpose", { x }, { perm: order }, out, x.dtype);
};

const transposeByIndex = (e: Emitter, x: Ref, order: readonly number[]): Ref => {
  const strides = rowMajor(x.shape);
  const out = order.map((group) => at(x.shape, group));
  const from = offsets(
    out,
    order.map((group) => at(strides, group)),
  );
  const indices = e.constant("int32", [from.length], from);
  const inputs = { x: view(x, [from.length]), indices };
  return view(e.kernel("GatherV2", inputs, { axis: 0, batchDims: 0 }, [from.length], x.dtype), out);
};

/** A box of a buffer. */
export const sliceByKernel = (e: Emitter, x: Ref, begin: readonly number[], size: Shape): Ref => {
  const whole = (axis: number): boolean => size[axis] === x.shape[axis];
  const groups = mergeAxes(x.shape, (a, b) => whole(a) && whole(b));
  // An axis cut beside whole inner axes is cut as one with them: fewer axes, contiguous copies.
  const merged: { begin: number; size: number; full: number }[] = [];
  for (const group of groups) {
    const full = sizeOf(group.map((axis) => at(x.shape, axis)));
    const last = merged.at(-1);
    const inner = group.every(whole);
    const from = inner ? 0 : at(begin, at(group, 0));
    const take = inner ? full : at(size, at(group, 0));
    if (inner && last !== undefined) {
      last.begin *= full;
      last.size *= full;
      last.full *= full;
    } else merged.push({ begin: from, size: take, full });
  }
  const flat = view(
    x,
    merged.map((axis) => axis.full),
  );
  const out = merged.map((axis) => axis.size);
  const attrs = { begin: merged.map((axis) => axis.begin), size: out };
  return view(e.kernel("Slice", { x: flat }, attrs, out, x.dtype), size);
};

/** Concatenation of buffers along one axis. */
export const concat = (e: Emitter, parts: readonly Ref[], axis: number): Ref => {
  const first = at(parts, 0);
  const total = parts.reduce((n, part) => n + at(part.shape, axis), 0);
  const shape = first.shape.map((d, i) => (i === axis ? total : d));
  if (sizeOf(shape) === 0) return e.constant(first.dtype, shape, []);
  const present = parts.filter((part) => sizeOf(part.shape) > 0);
  if (present.length === 1) return view(at(present, 0), shape);
  const outer = sizeOf(shape.slice(0, axis));
  const flat = present.map((part) => view(part, [outer, sizeOf(part.shape) / outer]));
  const out = [outer, sizeOf(shape) / outer];
  return view(e.kernel("Concat", flat, { axis: 1 }, out, first.dtype), shape);
};

/** Constant padding without interior. */
const padEdges = (
  e: Emitter,
  x: Ref,
  low: readonly number[],
  high: readonly number[],
  value: number,
): Ref => {
  const plain = (axis: number): boolean => low[axis] === 0 && high[axis] === 0;
  if (x.shape.every((_, axis) => plain(axis))) return x;
  if (x.dtype === "int32" && Math.abs(value) > MAX_EXACT) return frame(e, x, low, high, value);
  const shape = x.shape.map((d, i) => at(low, i) + d + at(high, i));
  const groups = mergeAxesWithPadding(x.shape, plain);
  if (groups.length <= MAX_RANK || x.dtype !== "float32") {
    const flat = view(x, groupSizes(x.shape, groups));
    const pick = (list: readonly number[], group: readonly number[]): number =>
      group.every(plain) ? 0 : at(list, at(group, 0));
    const paddings = groups.map((group) => [pick(low, group), pick(high, group)]);
    const out = groupSizes(shape, groups);
    const attrs = { paddings, constantValue: value };
    return view(e.kernel("PadV2", { x: flat }, attrs, out, x.dtype), shape);
  }
  // One axis at a time where the kernel cannot hold all.
  return x.shape.reduce((current: Ref, _, axis) => {
    const only = (list: readonly number[]): number[] => list.map((n, i) => (i === axis ? n : 0));
    return padEdges(e, current, only(low), only(high), value);
  }, x);
};

// Padding by concatenation: the kernels take the padding value as a float.
const frame = (
  e: Emitter,
  x: Ref,
  low: readonly number[],
  high: readonly number[],
  value: number,
): Ref =>
  x.shape.reduce((current: Ref, _, axis) => {
    const block = (size: number): Ref[] => {
      const shape = current.shape.map((d, i) => (i === axis ? size : d));
      return size === 0 ? [] : [stretch(e, e.scalar(x.dtype, value), shape)];
    };
    const parts = [...block(at(low, axis)), current, ...block(at(high, axis))];
    return parts.length === 1 ? current : concat(e, parts, axis);
  }, x);

const mergeAxesWithPadding = (shape: Shape, plain: (axis: number) => boolean): number[][] => {
  const groups: number[][] = [];
  for (const axis of shape.keys()) {
    if (shape[axis] === 1 && plain(axis)) continue;
    const group = groups.at(-1);
    if (group !== undefined && plain(axis) && plain(at(group, 0))) group.push(axis);
    else groups.push([axis]);
  }
  return groups;
};

/** Puts `interior` copies of a value between neighbours along each axis. */
const padInterior = (e: Emitter, x: Ref, interior: readonly number[], value: number): Ref =>
  interior.reduce((current: Ref, gap, axis) => {
    const count = at(current.shape, axis);
    if (gap === 0 || count <= 1) return current;
    const outer = sizeOf(current.shape.slice(0, axis));
    const inner = sizeOf(current.shape.slice(axis + 1));
    const rows = view(current, [outer * count, inner]);
    const spaced = padEdges(e, rows, [0, 0], [0, gap * inner], value);
    const all = current.shape.map((d, i) => (i === axis ? d * (1 + gap) : d));
    const kept = all.map((d, i) => (i === axis ? d - gap : d));
    return cut(
      e,
      view(spaced, all),
      all.map(() => 0),
      kept,
    );
  }, x);

/** Reverses axes. */
export const flipByKernel = (e: Emitter, x: Ref, axes: readonly number[]): Ref =>
  axes.reduce((ref, axis) => {
    const outer = sizeOf(x.shape.slice(0, axis));
    const three = [outer, at(x.shape, axis), sizeOf(x.shape.slice(axis + 1))];
    const inputs = { x: view(ref, three) };
    return view(e.kernel("Reverse", inputs, { dims: [1] }, three, x.dtype), x.shape);
  }, x);

const cut = (e: Emitter, x: Ref, begin: readonly number[], size: Shape): Ref =>
  size.every((n, axis) => n === x.shape[axis]) || sizeOf(size) === 0
    ? emptyOr(e, x, size)
    : sliceByKernel(e, x, begin, size);

const emptyOr = (e: Emitter, x: Ref, size: Shape): Ref =>
  sizeOf(size) === 0 ? e.constant(x.dtype, size, []) : view(x, size);

/** Every `strides[i]`-th element from `start[i]` on, `size[i]` of them. */
export const stridedSliceByKernel = (
  e: Emitter,
  x: Ref,
  start: readonly number[],
  strides: readonly number[],
  size: Shape,
): Ref => {
  // First the box that is touched, then per strided axis: fill up to whole runs of `stride`
  // elements, and keep the first of each run.
  const touched = size.map((n, i) => Math.min(at(x.shape, i) - at(start, i), n * at(strides, i)));
  const box = cut(e, x, start, touched);
  return strides.reduce((current: Ref, step, axis) => {
    const count = at(size, axis);
    const have = at(current.shape, axis);
    if (step === 1) return current;
    const zero = current.shape.map(() => 0);
    const missing = current.shape.map((_, i) => (i === axis ? count * step - have : 0));
    const runs = padEdges(e, current, zero, missing, 0);
    const outer = sizeOf(current.shape.slice(0, axis)) * count;
    const inner = sizeOf(current.shape.slice(axis + 1));
    const taken = cut(e, view(runs, [outer, step * inner]), [0, 0], [outer, inner]);
    return view(
      taken,
      current.shape.map((d, i) => (i === axis ? count : d)),
    );
  }, box);
};

/** The IR's pad: interior first, then the edges, where negative padding crops. */
export const padByKernel = (
  e: Emitter,
  x: Ref,
  low: readonly number[],
  high: readonly number[],
  interior: readonly number[],
  value: number,
): Ref => {
  const spaced = padInterior(e, x, interior, value);
  const crop = (n: number): number => Math.max(0, -n);
  const kept = spaced.shape.map((d, i) => Math.max(0, d - crop(at(low, i)) - crop(at(high, i))));
  const cropped = cut(e, spaced, low.map(crop), kept);
  const positive = (list: readonly number[]): number[] => list.map((n) => Math.max(0, n));
  if (sizeOf(cropped.shape) === 0) {
    const shape = spaced.shape.map((d, i) => d + at(low, i) + at(high, i));
    return stretch(e, e.scalar(x.dtype, value), shape);
  }
  return padEdges(e, cropped, positive(low), positive(high), value);
};
