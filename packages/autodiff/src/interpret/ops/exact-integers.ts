import { at } from "../../ir/shape.ts";
import type { DType, OpAttrs, OpName, TensorType } from "../../ir/types.ts";
import { full, lifted, mapAligned, mapOne } from "../broadcast.ts";
import type { Emitter } from "../emitter.ts";
import { onHost } from "../host-step.ts";
import type { Lower } from "../lower.ts";
import { type Val, whole } from "../ref.ts";
import { combine, not, num } from "./arithmetic.ts";

// tfjs's WebGPU kernels pass integers through floats: exact up to 2²⁴. With kernels of our own they are
// moved as floats of the same bits, and computed by those kernels or on the host.

/** How to keep every bit of an operation on integers. */
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

// The same for signed and unsigned integers.
const ARITHMETIC: ReadonlySet<OpName> = new Set(["add", "subtract", "multiply"]);

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

/** The bits of an integer as a float. */
export const asFloat = (e: Emitter, x: Val): Val => {
  const ref = mapOne(e, "LayerwiseBitcast", full(e, x), "float32", { dtype: "float32" });
  return whole(ref, "f32", x.shape);
};

/** Undoes {@link asFloat}. */
export const asInteger = (e: Emitter, x: Val, dtype: DType): Val => {
  const ref = mapOne(e, "LayerwiseBitcast", full(e, x), "int32", { dtype: "int32" });
  return whole(ref, dtype, x.shape);
};

/**
 * Whether values of the type lose bits when a kernel of tfjs moves them. Without kernels of our own
 * i32 is left to tfjs's, exact up to 2²⁴, which is enough for indices.
 */
export const losesBits = (e: Emitter, { dtype }: TensorType): boolean =>
  e.target.name === "webgpu" && (dtype === "u32" || (dtype === "i32" && e.has("LayerwiseBitcast")));

/** Whether the operation needs care for its bits. */
export const needsBits = (
  e: Emitter,
  op: OpName,
  inputs: readonly Val[],
  types: readonly TensorType[],
): boolean => {
  if (e.target.name !== "webgpu") return false;
  const has = (dtype: DType): boolean => [...inputs, ...types].some((x) => x.dtype === dtype);
  if (has("u32")) return true;
  if (ARITHMETIC.has(op)) return has("i32") && e.has("LayerwiseInt32Binary");
  return MOVES.has(op) && types.some((type) => losesBits(e, type));
};

// Operands that are moved; the others are indices.
const DATA: Readonly<Partial<Record<OpName, number>>> = {
  dynamic_slice: 1,
  dynamic_update_slice: 2,
  gather: 1,
};

/** Lowers an operation on integers so that no bit is lost. */
export const lowerExactly = <K extends OpName>(
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
      const { shape, dtype } = at(types, 0);
      const data = (i: number): boolean => i < (DATA[op] ?? inputs.length);
      const moved = inputs.map((x, i) => (data(i) && x.dtype === dtype ? asFloat(e, x) : x));
      return lower(e, moved, attrs, [{ shape, dtype: "f32" }]).map((x) => asInteger(e, x, dtype));
    }
  }
};
