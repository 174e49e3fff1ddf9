import { offsets } from "../host/offsets.ts";
import { at, sizeOf } from "../ir/shape.ts";
import type { Shape } from "../ir/types.ts";
import type { Emitter } from "./emitter.ts";
import type { CopyAttributes, CopyAxis } from "./host-kernels/copy.ts";
import type { Ref } from "./ref.ts";

/** Whether the backend moves elements by one kernel on the host. */
export const copiesOnHost = (e: Emitter): boolean => e.has("LayerwiseCopy");

const ONE: CopyAxis = { size: 1, from: 0, to: 0 };

/** Drops loops of one step and joins loops that walk on where the inner one ends. */
const join = (axes: readonly CopyAxis[]): CopyAxis[] => {
  const joined: CopyAxis[] = [];
  for (const axis of axes) {
    const last = joined.at(-1);
    if (axis.size === 1) continue;
    const walksOn =
      last !== undefined && last.from === axis.from * axis.size && last.to === axis.to * axis.size;
    if (walksOn) joined[joined.length - 1] = { ...axis, size: last.size * axis.size };
    else joined.push(axis);
  }
  return joined;
};

/** Where a copy reads first and writes first, and what it leaves out. */
export interface CopyPlan {
  readonly from: number;
  readonly to: number;
  readonly axes: readonly CopyAxis[];
  /** Value of elements that are not written; undefined where all are. */
  readonly fill?: number | undefined;
}

/** A new buffer of `shape` with elements of `x` moved by a nest of loops. */
export const copyElements = (e: Emitter, x: Ref, shape: Shape, plan: CopyPlan): Ref => {
  const axes = join(plan.axes);
  const outer = axes.slice(0, -2);
  const table = (start: number, step: (axis: CopyAxis) => number): Int32Array =>
    offsets(
      outer.map((axis) => axis.size),
      outer.map(step),
      start,
    );
  const attrs: CopyAttributes = {
    shape: [...shape],
    fill: plan.fill,
    from: table(plan.from, (axis) => axis.from),
    to: table(plan.to, (axis) => axis.to),
    middle: axes.length > 1 ? at(axes, axes.length - 2) : ONE,
    inner: axes.length > 0 ? at(axes, axes.length - 1) : ONE,
  };
  if (sizeOf(shape) === 0) return e.constant(x.dtype, shape, []);
  return e.kernel("LayerwiseCopy", { x }, attrs, shape, x.dtype);
};
