import { offsets, rowMajor } from "../../host/offsets.ts";
import { at, range, sizeOf } from "../../ir/shape.ts";
import type { Shape } from "../../ir/types.ts";
import { full, mapTwo } from "../broadcast.ts";
import type { Emitter } from "../emitter.ts";
import { type Ref, type Val, view } from "../ref.ts";
import { reduceAxes } from "./reduction.ts";

/** Which axes of an operand indices address, and the windows they mark. */
export interface Addressing {
  readonly indexed: readonly number[];
  readonly batching: readonly number[];
  readonly indicesBatching: readonly number[];
  /** Size of a window along every axis of the operand. */
  readonly window: Shape;
}

/** An operand seen as rows that are addressed whole. */
export interface Rows {
  readonly count: number;
  /** Elements of a row: the trailing axes that every window covers in full. */
  readonly inner: number;
  /** Row number at each window's start, one per index. */
  readonly starts: Ref;
  /** Row numbers within a window, relative to its start. */
  readonly within: readonly number[];
  /** Which windows lie inside the operand. */
  readonly inside: () => Ref;
}

/** Number of leading axes of the operand that must be addressed. */
const addressed = (shape: Shape, a: Addressing): number => {
  let axes = shape.length;
  while (axes > 0) {
    const axis = axes - 1;
    const whole = a.window[axis] === shape[axis];
    if (!whole || a.indexed.includes(axis) || a.batching.includes(axis)) break;
    axes--;
  }
  return axes;
};

/** Turns indices [batch…, depth] into numbers of rows; `clamped` moves windows inside. */
export const rowsOf = (
  e: Emitter,
  shape: Shape,
  indices: Val,
  a: Addressing,
  clamped: boolean,
): Rows => {
  const axes = addressed(shape, a);
  const outer = shape.slice(0, axes);
  const strides = rowMajor(outer);
  const batch = indices.shape.slice(0, -1);
  const size = sizeOf(batch);
  const depth = a.indexed.length;
  const vector = (values: readonly number[]): Ref => e.constant("int32", [depth], values);
  const room = a.indexed.map((axis) => at(shape, axis) - at(a.window, axis));
  const stride = a.indexed.map((axis) => at(strides, axis));
  // The batching axes of the operand move along with those of the indices.
  const step = batch.map((_, i) => {
    const n = a.indicesBatching.indexOf(i);
    return n < 0 ? 0 : at(strides, at(a.batching, n));
  });
  const base = e.constant("int32", [size], offsets(batch, step));
  const given = (): Ref => view(full(e, indices), [size, depth]);
  const starts = (): Ref => {
    if (depth === 0) return base;
    const low = e.scalar("int32", 0);
    const raw = given();
    const safe = clamped ? mapTwo(e, "Maximum", mapTwo(e, "Minimum", raw, vector(room)), low) : raw;
    const scaled = stride.every((n) => n === 1)
      ? safe
      : mapTwo(e, "Multiply", safe, vector(stride));
    const sum = depth === 1 ? view(scaled, [size]) : reduceAxes(e, "Sum", scaled, [1]);
    return a.batching.length === 0 ? sum : mapTwo(e, "Add", sum, base);
  };
  const windowAxes = range(axes);
  return {
    count: sizeOf(outer),
    inner: sizeOf(shape.slice(axes)),
    starts: starts(),
    within: [
      ...offsets(
        windowAxes.map((axis) => at(a.window, axis)),
        strides,
      ),
    ],
    inside: () => {
      if (depth === 0)
        return e.constant(
          "bool",
          [size],
          range(size).map(() => 1),
        );
      const raw = given();
      const above = mapTwo(e, "GreaterEqual", raw, e.scalar("int32", 0), "bool");
      const below = mapTwo(e, "LessEqual", raw, vector(room), "bool");
      return reduceAxes(e, "All", mapTwo(e, "LogicalAnd", above, below), [1]);
    },
  };
};

/** Numbers of all rows of all windows, window after window. */
export const allRows = (e: Emitter, starts: Ref, within: readonly number[]): Ref => {
  const size = sizeOf(starts.shape);
  if (within.length === 1) return starts;
  const offset = e.constant("int32", [1, within.length], within);
  const sum = mapTwo(e, "Add", view(starts, [size, 1]), offset);
  return view(sum, [size * within.length]);
};

/** Slices of the middle one of three axes by number. */
export const takeMiddle = (e: Emitter, x: Ref, numbers: Ref): Ref => {
  const [outer, , inner] = x.shape as [number, number, number];
  const inputs = { x, indices: view(numbers, [sizeOf(numbers.shape)]) };
  const shape = [outer, sizeOf(numbers.shape), inner];
  // tfjs's WebGPU kernel computes with what it moves; ours copies every bit.
  if (e.has("LayerwiseTake")) return e.kernel("LayerwiseTake", inputs, {}, shape, x.dtype);
  return e.kernel("GatherV2", inputs, { axis: 1, batchDims: 0 }, shape, x.dtype);
};

/** Rows of a matrix by number. */
export const takeRows = (e: Emitter, x: Ref, rows: Ref, inner: number): Ref => {
  const taken = takeMiddle(e, view(x, [1, sizeOf(x.shape) / inner, inner]), rows);
  return view(taken, [sizeOf(rows.shape), inner]);
};
