import { rowMajor } from "../host/offsets.ts";
import { at, dilated, range, sizeOf } from "../ir/shape.ts";
import type { Shape } from "../ir/types.ts";
import { stretch } from "./broadcast.ts";
import { copiesOnHost, copyElements } from "./copy.ts";
import type { Emitter } from "./emitter.ts";
import {
  flipByKernel,
  padByKernel,
  sliceByKernel,
  stridedSliceByKernel,
  transposeByKernel,
} from "./move-kernels.ts";
import { groupSizes, mergeAxes, type Ref, view } from "./ref.ts";

export { concat } from "./move-kernels.ts";

// Movement of elements: one copy kernel where the host reaches the backend's memory, else tfjs's.

/** Transposes a buffer; a permutation that moves no elements is only a view. */
export const transpose = (e: Emitter, x: Ref, permutation: readonly number[]): Ref => {
  const shape = permutation.map((p) => at(x.shape, p));
  const place = (axis: number): number => permutation.indexOf(axis);
  // Axes that stay neighbours move as one, whatever unit axes lie between.
  const moving = permutation.filter((p) => at(x.shape, p) !== 1);
  const groups = mergeAxes(x.shape, (a, b) => moving.indexOf(a) + 1 === moving.indexOf(b));
  const order = range(groups.length).sort(
    (a, b) => place(at(at(groups, a), 0)) - place(at(at(groups, b), 0)),
  );
  if (order.every((group, i) => group === i)) return view(x, shape);
  const merged = view(x, groupSizes(x.shape, groups));
  // wasm's own transpose is compiled code.
  if (!copiesOnHost(e) || e.target.name === "wasm") {
    return view(transposeByKernel(e, merged, order), shape);
  }
  const out = order.map((group) => at(merged.shape, group));
  const [from, to] = [rowMajor(merged.shape), rowMajor(out)];
  const axes = order.map((group, i) => ({
    size: at(out, i),
    from: at(from, group),
    to: at(to, i),
  }));
  return view(copyElements(e, merged, out, { from: 0, to: 0, axes }), shape);
};

/** Every `strides[i]`-th element from `start[i]` on, `size[i]` of them. */
export const stridedSlice = (
  e: Emitter,
  x: Ref,
  start: readonly number[],
  strides: readonly number[],
  size: Shape,
): Ref => {
  if (size.every((n, axis) => n === x.shape[axis])) return view(x, size);
  if (sizeOf(size) === 0) return e.constant(x.dtype, size, []);
  if (!copiesOnHost(e)) {
    return strides.every((step) => step === 1)
      ? sliceByKernel(e, x, start, size)
      : stridedSliceByKernel(e, x, start, strides, size);
  }
  const [steps, to] = [rowMajor(x.shape), rowMajor(size)];
  const axes = size.map((n, i) => ({
    size: n,
    from: at(steps, i) * at(strides, i),
    to: at(to, i),
  }));
  const from = start.reduce((sum, n, i) => sum + n * at(steps, i), 0);
  return copyElements(e, x, size, { from, to: 0, axes });
};

/** A box of a buffer. */
export const slice = (e: Emitter, x: Ref, begin: readonly number[], size: Shape): Ref =>
  stridedSlice(
    e,
    x,
    begin,
    size.map(() => 1),
    size,
  );

/** Reverses axes. */
export const flip = (e: Emitter, x: Ref, axes: readonly number[]): Ref => {
  if (!copiesOnHost(e)) return flipByKernel(e, x, axes);
  const { shape } = x;
  const steps = rowMajor(shape);
  const turned = (axis: number): boolean => axes.includes(axis);
  const loops = shape.map((size, i) => {
    const step = at(steps, i);
    return { size, from: turned(i) ? -step : step, to: step };
  });
  const from = axes.reduce((sum, axis) => sum + (at(shape, axis) - 1) * at(steps, axis), 0);
  return copyElements(e, x, shape, { from, to: 0, axes: loops });
};

/** The IR's pad: interior first, then the edges, where negative padding crops. */
export const pad = (
  e: Emitter,
  x: Ref,
  low: readonly number[],
  high: readonly number[],
  interior: readonly number[],
  value: number,
): Ref => {
  if ([...low, ...high, ...interior].every((n) => n === 0)) return x;
  if (!copiesOnHost(e)) return padByKernel(e, x, low, high, interior, value);
  const step = interior.map((n) => n + 1);
  const shape = x.shape.map((d, i) => at(low, i) + dilated(d, at(step, i)) + at(high, i));
  // Of each axis, the elements that land inside the result.
  const first = low.map((n, i) => Math.ceil(Math.max(0, -n) / at(step, i)));
  const counts = x.shape.map((d, i) => {
    const end = Math.floor((at(shape, i) - 1 - at(low, i)) / at(step, i));
    return Math.max(0, Math.min(d - 1, end) - at(first, i) + 1);
  });
  if (sizeOf(counts) === 0) return stretch(e, e.scalar(x.dtype, value), shape);
  const [from, to] = [rowMajor(x.shape), rowMajor(shape)];
  const axes = counts.map((size, i) => ({
    size,
    from: at(from, i),
    to: at(to, i) * at(step, i),
  }));
  const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);
  return copyElements(e, x, shape, {
    from: sum(first.map((n, i) => n * at(from, i))),
    to: sum(first.map((n, i) => (at(low, i) + n * at(step, i)) * at(to, i))),
    axes,
    fill: value,
  });
};

/** A buffer as [outer, size of the axis], the axis moved to the end, and the way back. */
export const axisLast = (e: Emitter, x: Ref, axis: number): Ref => {
  const outer = sizeOf(x.shape.slice(0, axis));
  const inner = sizeOf(x.shape.slice(axis + 1));
  const size = at(x.shape, axis);
  return view(transpose(e, view(x, [outer, size, inner]), [0, 2, 1]), [outer * inner, size]);
};

/** Undoes {@link axisLast} for an array of `shape`. */
export const axisBack = (e: Emitter, x: Ref, shape: Shape, axis: number): Ref => {
  const outer = sizeOf(shape.slice(0, axis));
  const inner = sizeOf(shape.slice(axis + 1));
  const back = transpose(e, view(x, [outer, inner, at(shape, axis)]), [0, 2, 1]);
  return view(back, shape);
};
