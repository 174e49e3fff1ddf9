import { rowMajor } from "../host/offsets.ts";
import { at, broadcastShapes, sizeOf } from "../ir/shape.ts";
import type { DType, Shape } from "../ir/types.ts";
import { copiesOnHost, copyElements } from "./copy.ts";
import type { Emitter } from "./emitter.ts";
import {
  groupSizes,
  mergeAxes,
  padRank,
  type Ref,
  type TfType,
  trimRank,
  type Val,
  view,
} from "./ref.ts";

// Kernels of the tfjs backends stop at four to six axes (some fail silently beyond).
const MAX_RANK = 4;

const tile = (e: Emitter, x: Ref, reps: readonly number[]): Ref => {
  const shape = x.shape.map((d, i) => d * at(reps, i));
  return e.kernel("Tile", { x }, { reps }, shape, x.dtype);
};

/** Stretches a buffer, by Numpy's rule, to `shape`. */
export const stretch = (e: Emitter, x: Ref, shape: Shape): Ref => {
  if (sizeOf(x.shape) === sizeOf(shape)) return view(x, shape);
  const from = padRank(x.shape, shape.length);
  const stretched = (axis: number): boolean => from[axis] === 1;
  const groups = mergeAxes(shape, (a, b) => stretched(a) === stretched(b));
  const sizes = groupSizes(shape, groups);
  const reps = groups.map((group, i) => (stretched(at(group, 0)) ? at(sizes, i) : 1));
  const base = sizes.map((size, i) => (at(reps, i) === 1 ? size : 1));
  if (copiesOnHost(e)) {
    const [source, target] = [rowMajor(base), rowMajor(sizes)];
    const axes = sizes.map((size, i) => ({
      size,
      from: at(reps, i) === 1 ? at(source, i) : 0,
      to: at(target, i),
    }));
    return view(copyElements(e, view(x, base), sizes, { from: 0, to: 0, axes }), shape);
  }
  if (sizes.length <= MAX_RANK) return view(tile(e, view(x, base), reps), shape);
  let current = view(x, base);
  reps.forEach((rep, axis) => {
    if (rep === 1) return;
    const { shape: s } = current;
    const three = [sizeOf(s.slice(0, axis)), 1, sizeOf(s.slice(axis + 1))];
    const next = s.map((d, i) => (i === axis ? rep : d));
    current = view(tile(e, view(current, three), [1, rep, 1]), next);
  });
  return view(current, shape);
};

/** All elements of a value, in its shape. */
export const full = (e: Emitter, x: Val): Ref => {
  // Broadcast by a kernel, integers would pass through floats on WebGPU.
  const integers = e.target.name === "webgpu" && x.ref.dtype === "int32";
  if (!integers || sizeOf(x.ref.shape) === sizeOf(x.shape)) return stretch(e, x.ref, x.shape);
  if (x.splat !== undefined) return e.constant("int32", x.shape, [x.splat]);
  if (!e.has("LayerwiseBitcast")) return stretch(e, x.ref, x.shape);
  const cast = (ref: Ref, dtype: "float32" | "int32"): Ref =>
    e.kernel("LayerwiseBitcast", { x: ref }, { dtype }, ref.shape, dtype);
  return cast(stretch(e, cast(x.ref, "float32"), x.shape), "int32");
};

/** Shapes with the same broadcast and as few axes as possible. */
const compact = (shapes: readonly Shape[], out: Shape): Shape[] => {
  if (out.length <= MAX_RANK) return [...shapes];
  const padded = shapes.map((shape) => padRank(shape, out.length));
  const kind = (axis: number): string => padded.map((shape) => shape[axis] === 1).join();
  const groups = mergeAxes(out, (a, b) => kind(a) === kind(b));
  return padded.map((shape) => groupSizes(shape, groups));
};

/** A kernel that maps one array elementwise. */
export const mapOne = (
  e: Emitter,
  kernel: string,
  x: Ref,
  dtype: TfType = x.dtype,
  attrs: object = {},
): Ref => {
  const flat = x.shape.length > MAX_RANK ? view(x, [sizeOf(x.shape)]) : x;
  return view(e.kernel(kernel, { x: flat }, attrs, flat.shape, dtype), x.shape);
};

/** A kernel that maps two arrays elementwise and broadcasts them. */
export const mapTwo = (
  e: Emitter,
  kernel: string,
  a: Ref,
  b: Ref,
  dtype: TfType = a.dtype,
): Ref => {
  const out = broadcastShapes(a.shape, b.shape);
  const [left, right] = compact([a.shape, b.shape], out);
  const shape = broadcastShapes(left!, right!);
  const inputs = { a: view(a, left!), b: view(b, right!) };
  return view(e.kernel(kernel, inputs, {}, shape, dtype), out);
};

/** Like {@link mapTwo} for kernels that want operands of one shape. */
export const mapAligned = (
  e: Emitter,
  kernel: string,
  inputs: Readonly<Record<string, Ref>>,
  attrs: object,
  dtype: TfType,
): Ref => {
  const out = Object.values(inputs)
    .map((ref) => ref.shape)
    .reduce(broadcastShapes);
  const flat = out.length > MAX_RANK ? [sizeOf(out)] : out;
  const aligned = Object.fromEntries(
    Object.entries(inputs).map(([name, ref]) => [name, view(stretch(e, ref, out), flat)]),
  );
  return view(e.kernel(kernel, aligned, attrs, flat, dtype), out);
};

/** Wraps the result of an elementwise kernel as a value of `shape`. */
export const lifted = (shape: Shape, dtype: DType, ref: Ref): Val => ({ shape, dtype, ref });

/** broadcast_in_dim: only the view changes. */
export const broadcastInDim = (x: Val, shape: Shape, dimensions: readonly number[]): Val => {
  if (x.splat !== undefined) return { shape, dtype: x.dtype, ref: x.ref, splat: x.splat };
  const physical = padRank(x.ref.shape, x.shape.length);
  const sizes = shape.map(() => 1);
  dimensions.forEach((axis, i) => {
    sizes[axis] = at(physical, i);
  });
  return { shape, dtype: x.dtype, ref: view(x.ref, trimRank(sizes)) };
};

/** A value whose axes of the given sizes are the only ones that vary. */
export const spread = (x: Ref, dtype: DType, shape: Shape, axis: number): Val => ({
  shape,
  dtype,
  ref: view(x, trimRank(shape.map((d, i) => (i === axis ? d : 1)))),
});
