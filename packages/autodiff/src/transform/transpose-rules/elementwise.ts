import type { Builder } from "../../ir/builder.ts";
import type { BinaryOp, OpName, UnaryOp, Value } from "../../ir/types.ts";
import { given } from "../tangent.ts";
import type { TransposeArgs, TransposeRule } from "../types.ts";
import { isZero } from "../zero.ts";

type Elementwise = Extract<
  OpName,
  UnaryOp | BinaryOp | "is_finite" | "compare" | "select" | "clamp"
>;

/** An operand of a sum that does not depend on tangents must vanish, or the sum is not linear. */
const checkSum = (
  op: string,
  { linear, operand }: Pick<TransposeArgs<OpName>, "linear" | "operand">,
): void => {
  linear.forEach((here, i) => {
    if (!here && !isZero(operand(i))) {
      throw new Error(`transpose: ${op} of a tangent and a value that is not zero is not linear`);
    }
  });
};

const checkOneSide = (op: string, { linear }: TransposeArgs<"multiply">): void => {
  if (linear[0] && linear[1]) {
    throw new Error(`transpose: ${op} of two tangents is not linear`);
  }
};

const onBranch = (b: Builder, predicate: Value, ct: Value, branch: boolean): Value => {
  const zeros = b.zeros(ct.type);
  return branch ? b.select(predicate, ct, zeros) : b.select(predicate, zeros, ct);
};

/** Transposes of elementwise operations. */
export const elementwise: { readonly [K in Elementwise]: TransposeRule<K> | "nonlinear" } = {
  abs: "nonlinear",
  negate: (b, { cotangents }) => [b.neg(given(cotangents))],
  sign: "nonlinear",
  ceil: "nonlinear",
  floor: "nonlinear",
  round_nearest_even: "nonlinear",
  exponential: "nonlinear",
  exponential_minus_one: "nonlinear",
  log: "nonlinear",
  log_plus_one: "nonlinear",
  sqrt: "nonlinear",
  rsqrt: "nonlinear",
  sine: "nonlinear",
  cosine: "nonlinear",
  tan: "nonlinear",
  asin: "nonlinear",
  acos: "nonlinear",
  atan: "nonlinear",
  sinh: "nonlinear",
  cosh: "nonlinear",
  tanh: "nonlinear",
  asinh: "nonlinear",
  acosh: "nonlinear",
  atanh: "nonlinear",
  logistic: "nonlinear",
  erf: "nonlinear",
  erf_inv: "nonlinear",
  not: "nonlinear",
  // As a map it is the identity; only differentiation stops at it.
  stop_gradient: (_, { cotangents }) => [given(cotangents)],

  add: (_, args) => {
    checkSum("add", args);
    const ct = given(args.cotangents);
    return [ct, ct];
  },
  subtract: (b, args) => {
    checkSum("subtract", args);
    const ct = given(args.cotangents);
    return [ct, args.linear[1] ? b.neg(ct) : undefined];
  },
  multiply: (b, args) => {
    checkOneSide("multiply", args);
    const ct = given(args.cotangents);
    return args.linear[0]
      ? [b.mul(ct, args.operand(1)), undefined]
      : [undefined, b.mul(ct, args.operand(0))];
  },
  divide: (b, { linear, operand, cotangents }) => {
    if (linear[1]) throw new Error("transpose: divide by a tangent is not linear");
    return [b.div(given(cotangents), operand(1)), undefined];
  },
  remainder: "nonlinear",
  power: "nonlinear",
  maximum: "nonlinear",
  minimum: "nonlinear",
  atan2: "nonlinear",
  and: "nonlinear",
  or: "nonlinear",
  xor: "nonlinear",
  shift_left: "nonlinear",
  shift_right_logical: "nonlinear",
  shift_right_arithmetic: "nonlinear",

  is_finite: "nonlinear",
  compare: "nonlinear",
  select: (b, { linear, operand, cotangents }) => {
    const [predicate, ct] = [operand(0), given(cotangents)];
    return [
      undefined,
      linear[1] ? onBranch(b, predicate, ct, true) : undefined,
      linear[2] ? onBranch(b, predicate, ct, false) : undefined,
    ];
  },
  clamp: "nonlinear",
};
