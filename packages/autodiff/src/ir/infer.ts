import { type Infer, operands, reject } from "./check.ts";
import { inferControl } from "./infer-control.ts";
import { inferIndexing } from "./infer-indexing.ts";
import { inferMovement } from "./infer-movement.ts";
import { inferReduction } from "./infer-reduction.ts";
import { isFloat, sameShape, sameType } from "./shape.ts";
import {
  BINARY_OPS,
  type BinaryOp,
  type OpName,
  type TensorType,
  UNARY_OPS,
  type UnaryOp,
} from "./types.ts";

const ANY_UNARY: ReadonlySet<UnaryOp> = new Set(["abs", "negate", "sign", "stop_gradient"]);
const LOGICAL: ReadonlySet<string> = new Set(["and", "or", "xor"]);
const SHIFTS: ReadonlySet<string> = new Set([
  "shift_left",
  "shift_right_logical",
  "shift_right_arithmetic",
]);

const unary =
  (op: UnaryOp): Infer<UnaryOp> =>
  (inputs) => {
    const [x] = operands(op, inputs, 1);
    const fits = op === "not" ? !isFloat(x.dtype) : ANY_UNARY.has(op) || isFloat(x.dtype);
    if (!fits) reject(op, inputs, op === "not" ? "expected bool or integer" : "expected a float");
    return [x];
  };

const binary =
  (op: BinaryOp): Infer<BinaryOp> =>
  (inputs) => {
    const [x, y] = operands(op, inputs, 2);
    if (!sameType(x, y)) reject(op, inputs, "expected two operands of one type");
    const integral = LOGICAL.has(op) || SHIFTS.has(op);
    if (integral && isFloat(x.dtype)) reject(op, inputs, "expected bool or integer");
    if (!integral && x.dtype === "bool") reject(op, inputs, "expected numbers");
    return [x];
  };

const elementwise = Object.fromEntries([
  ...UNARY_OPS.map((op) => [op, unary(op)]),
  ...BINARY_OPS.map((op) => [op, binary(op)]),
]) as { readonly [K in UnaryOp | BinaryOp]: Infer<K> };

const bool = (shape: readonly number[]): TensorType => ({ shape, dtype: "bool" });

/** The type rule of every operation. */
export const infer: { readonly [K in OpName]: Infer<K> } = {
  ...elementwise,
  ...inferMovement,
  ...inferReduction,
  ...inferIndexing,
  ...inferControl,
  is_finite: (inputs) => [bool(operands("is_finite", inputs, 1)[0].shape)],
  compare: (inputs) => {
    const [x, y] = operands("compare", inputs, 2);
    if (!sameType(x, y)) reject("compare", inputs, "expected two operands of one type");
    return [bool(x.shape)];
  },
  select: (inputs) => {
    const [predicate, x, y] = operands("select", inputs, 3);
    if (predicate.dtype !== "bool" || !sameShape(predicate.shape, x.shape) || !sameType(x, y)) {
      reject("select", inputs, "expected a bool and two operands of one type, all of one shape");
    }
    return [x];
  },
  clamp: (inputs) => {
    const [low, x, high] = operands("clamp", inputs, 3);
    if (!sameType(low, x) || !sameType(x, high)) {
      reject("clamp", inputs, "expected three operands of one type");
    }
    return [x];
  },
  threefry2x32: (inputs) => {
    const [key, x0, x1] = operands("threefry2x32", inputs, 3);
    if (!sameType(key, { shape: [2], dtype: "u32" }) || x0.dtype !== "u32" || !sameType(x0, x1)) {
      reject("threefry2x32", inputs, "expected u32[2] and two u32 operands of one shape");
    }
    return [x0, x1];
  },
};
