import type { DType, OpAttrs, OpName } from "@layerwise/autodiff/executor";
import type { MathFunction } from "../kernel/kernel.ts";
import type { Code, FunctionRef } from "../wasm/code.ts";
import type { Local } from "../wasm/locals.ts";

/** Operations that compute each element from the elements at the same place. */
export type LaneOp = Extract<
  OpName,
  | import("@layerwise/autodiff/executor").UnaryOp
  | import("@layerwise/autodiff/executor").BinaryOp
  | "convert"
  | "bitcast_convert"
  | "is_finite"
  | "compare"
  | "select"
  | "clamp"
  | "threefry2x32"
>;

/**
 * Where operations on vectors of four elements are written. A vector of f32, i32 or u32 has four
 * 32-bit lanes; of bool, lanes of all ones (true) or zeros.
 */
export interface Lanes {
  readonly code: Code;
  /** A v128 local with this f32 in each lane, set before the loop. */
  f32(value: number): Local;
  /** A v128 local with this 32-bit pattern in each lane, set before the loop. */
  i32(value: number): Local;
  /** A JavaScript function on doubles. */
  math(name: MathFunction): FunctionRef;
}

/** One operation on vectors. */
export interface LaneCall<K extends LaneOp = LaneOp> {
  readonly op: K;
  readonly attrs: OpAttrs[K];
  /** One v128 local per operand; they must not be changed. threefry2x32 gets (key 0, key 1, x0, x1). */
  readonly operands: readonly Local[];
  readonly operandTypes: readonly DType[];
  readonly resultType: DType;
}
