import type { Monoid, Value } from "../../ir/types.ts";
import type { KernelCall } from "./kernel-call.ts";
import type { Family, Lowering } from "./lowering.ts";
import { arithmetic, float } from "./operands.ts";

/** Kernels that fold or scan along axes. */
export type ReductionKernel =
  | "All"
  | "Any"
  | "ArgMax"
  | "ArgMin"
  | "Cumprod"
  | "Cumsum"
  | "Max"
  | "Mean"
  | "Min"
  | "Prod"
  | "Sum";

const reduce = (call: KernelCall, x: Value, monoid: Monoid, axes: readonly number[]): Value => {
  const reduced = call.b.reduce(x, monoid, axes);
  if (!call.flag("keepDims")) return reduced;
  return call.b.reshape(
    reduced,
    x.type.shape.map((d, i) => (axes.includes(i) ? 1 : d)),
  );
};

const extremum =
  (axis: string, monoid: Monoid, ofBool: Monoid): Lowering =>
  (call) => {
    const x = call.signedInput("x");
    const axes = call.axes(axis, x.type.shape.length);
    return reduce(call, x, x.type.dtype === "bool" ? ofBool : monoid, axes);
  };

const fold =
  (monoid: Monoid): Lowering =>
  (call) => {
    const x = arithmetic(call.b, call.input("x"));
    return reduce(call, x, monoid, call.axes("axis", x.type.shape.length));
  };

const logical =
  (monoid: Monoid): Lowering =>
  (call) => {
    const x = call.b.convert(call.signedInput("x"), "bool");
    return reduce(call, x, monoid, call.axes("axis", x.type.shape.length));
  };

const mean: Lowering = (call) => {
  const x = float(call.b, call.input("x"));
  const axes = call.axes("axis", x.type.shape.length);
  const count = axes.reduce((n, axis) => n * (x.type.shape[axis] ?? 1), 1);
  // tfjs's mean of nothing is 0 and not NaN.
  return reduce(call, call.b.scale(x, 1 / Math.max(count, 1)), "add", axes);
};

const arg =
  (monoid: "maximum" | "minimum"): Lowering =>
  (call) => {
    const x = arithmetic(call.b, call.input("x"));
    const dimension = call.axis("axis", x.type.shape.length, 0);
    return call.b.one("arg_reduce", [x], { monoid, dimension });
  };

/** Moves one step along the axis: the last element falls off, `unit` comes in at the other end. */
const shift = (call: KernelCall, x: Value, axis: number, step: 1 | -1, unit: number): Value => {
  const by = (n: number): number[] => x.type.shape.map((_, i) => (i === axis ? n : 0));
  const filler = call.b.fill({ shape: [], dtype: x.type.dtype }, unit);
  return call.b.pad(x, by(step), by(-step), by(0), filler);
};

const cumulative =
  (monoid: "add" | "multiply", unit: number): Lowering =>
  (call) => {
    const x = arithmetic(call.b, call.input("x"));
    const dimension = call.axis("axis", x.type.shape.length, 0);
    const reverse = call.flag("reverse");
    const scanned = call.b.one("cumulative", [x], { monoid, dimension, reverse });
    if (!call.flag("exclusive") || x.type.shape[dimension] === 0) return scanned;
    return shift(call, scanned, dimension, reverse ? -1 : 1, unit);
  };

/** Lowerings of reductions and scans. */
export const reduction: Family<ReductionKernel> = {
  All: logical("and"),
  Any: logical("or"),
  ArgMax: arg("maximum"),
  ArgMin: arg("minimum"),
  Cumprod: cumulative("multiply", 1),
  Cumsum: cumulative("add", 0),
  Max: extremum("reductionIndices", "maximum", "or"),
  Mean: mean,
  Min: extremum("axis", "minimum", "and"),
  Prod: fold("multiply"),
  Sum: fold("add"),
};
