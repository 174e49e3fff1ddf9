import { at } from "../../ir/shape.ts";
import type { OpAttrs, OpName, TensorType } from "../../ir/types.ts";
import { full, lifted, mapAligned, mapOne } from "../broadcast.ts";
import type { Emitter } from "../emitter.ts";
import { onHost } from "../host-step.ts";
import type { Lower } from "../lower.ts";
import { type Val, whole } from "../ref.ts";
import { combine, not, num } from "./arithmetic.ts";

// tfjs's WebGPU kernels pass integers through floats: exact up to 2²⁴, which is enough for indices
// but not for the bits of a u32. Those are only moved as floats of the same bits, and computed by
// kernels of our own or on the host.

/** How to keep every bit of an operation on u32. */
type Way = "as it is" | "moves" | "kernel" | "host";

const AS_IT_IS: ReadonlySet<OpName> = new Set([
  "constant",
  "iota",
  "reshape",
  "broadcast_in_dim",
  "stop_gradient",
  "abs",
  "convert",
  "bitcast_convert",
  "threefry2x32",
  "and",
  "or",
  "xor",
  "shift_left",
  "shift_right_logical",
  "shift_right_arithmetic",
  "call",
  "scan",
  "while",
]);

const MOVES: ReadonlySet<OpName> = new Set([
  "transpose",
  "reverse",
  "slice",
  "concatenate",
  "dynamic_slice",
  "dynamic_update_slice",
  "gather",
  "select",
]);

const KERNELS: Readonly<Partial<Record<OpName, string>>> = {
  add: "LayerwiseInt32Binary",
  subtract: "LayerwiseInt32Binary",
  multiply: "LayerwiseInt32Binary",
  not: "LayerwiseBitwise",
  compare: "LayerwiseUint32Compare",
  divide: "LayerwiseUint32Binary",
  remainder: "LayerwiseUint32Binary",
  maximum: "LayerwiseUint32Binary",
  minimum: "LayerwiseUint32Binary",
};

const wayOf = (e: Emitter, op: OpName): Way => {
  if (AS_IT_IS.has(op)) return "as it is";
  if (MOVES.has(op) && e.has("LayerwiseBitcast")) return "moves";
  const kernel = KERNELS[op];
  return kernel !== undefined && e.has(kernel) ? "kernel" : "host";
};

const aligned = (e: Emitter, kernel: string, a: Val, b: Val, attrs: object): Val => {
  const boolean = kernel === "LayerwiseUint32Compare";
  const ref = mapAligned(e, kernel, { a: a.ref, b: b.ref }, attrs, boolean ? "bool" : "int32");
  return lifted(a.shape, boolean ? "bool" : a.dtype, ref);
};

const byKernel = (e: Emitter, op: OpName, inputs: readonly Val[], attrs: object): Val => {
  const kernel = KERNELS[op]!;
  const a = at(inputs, 0);
  if (op === "not") return aligned(e, kernel, a, num(e, a, -1), { op: "xor" });
  const b = at(inputs, 1);
  if (op !== "compare") return aligned(e, kernel, a, b, { op });
  const { direction } = attrs as OpAttrs["compare"];
  const compare = (order: string): Val => aligned(e, kernel, a, b, { direction: order });
  if (direction !== "EQ" && direction !== "NE") return compare(direction);
  const equal = combine(e, "LogicalAnd", compare("LE"), compare("GE"));
  return direction === "EQ" ? equal : not(e, equal);
};

/** The bits of a u32 as a float. */
export const asFloat = (e: Emitter, x: Val): Val => {
  const ref = mapOne(e, "LayerwiseBitcast", full(e, x), "float32", { dtype: "float32" });
  return whole(ref, "f32", x.shape);
};

/** Undoes {@link asFloat}. */
export const asUnsigned = (e: Emitter, x: Val): Val => {
  const ref = mapOne(e, "LayerwiseBitcast", full(e, x), "int32", { dtype: "int32" });
  return whole(ref, "u32", x.shape);
};

/** Whether the operation needs care for its bits. */
export const losesBits = (
  e: Emitter,
  inputs: readonly Val[],
  types: readonly TensorType[],
): boolean =>
  e.target.name === "webgpu" && [...inputs, ...types].some(({ dtype }) => dtype === "u32");

/** Lowers an operation on u32 so that no bit is lost. */
export const lowerUnsigned = <K extends OpName>(
  e: Emitter,
  op: K,
  lower: Lower<K>,
  inputs: readonly Val[],
  attrs: OpAttrs[K],
  types: readonly TensorType[],
): readonly Val[] => {
  switch (wayOf(e, op)) {
    case "as it is":
      return lower(e, inputs, attrs, types);
    case "kernel":
      return [byKernel(e, op, inputs, attrs)];
    case "host":
      return onHost(e, op, inputs, attrs, types);
    case "moves": {
      const moved = inputs.map((x) => (x.dtype === "u32" ? asFloat(e, x) : x));
      const floats = types.map(({ shape }): TensorType => ({ shape, dtype: "f32" }));
      return lower(e, moved, attrs, floats).map((x) => asUnsigned(e, x));
    }
  }
};
