import type { Builder } from "../../ir/builder.ts";
import { at } from "../../ir/shape.ts";
import type { BinaryOp, UnaryOp, Value } from "../../ir/types.ts";
import { given, sum } from "../tangent.ts";
import type { LocalOp, LocalRule, Tangent } from "../types.ts";
import { power } from "./power.ts";

type Elementwise = Extract<
  LocalOp,
  UnaryOp | BinaryOp | "is_finite" | "compare" | "select" | "clamp"
>;
type Slope = (b: Builder, x: Value, y: Value) => Value;

/** The rule y' = slope(x, y) · x'. */
const chain =
  (slope: Slope): LocalRule<UnaryOp> =>
  (b, { inputs, output, tangents }) =>
    b.mul(given(tangents), slope(b, at(inputs, 0), output));

const ones = (b: Builder, like: Value): Value => b.fill(like.type, 1);
const oneMinus = (b: Builder, x: Value): Value => b.sub(ones(b, x), x);
const square = (b: Builder, x: Value): Value => b.mul(x, x);
/** 1 − x² as (1 − x)(1 + x), which does not cancel near ±1. */
const oneMinusSquare = (b: Builder, x: Value): Value => b.mul(oneMinus(b, x), b.shift(x, 1));

/**
 * max or min: the winner passes its tangent, a tie half of each. Selecting, not multiplying by 0 or
 * 1, keeps an infinite cotangent (√max(x, 0) at x < 0) from turning into NaN.
 */
const extremum =
  (wins: "GT" | "LT"): LocalRule<BinaryOp> =>
  (b, { inputs, tangents }) => {
    const [x, y] = [at(inputs, 0), at(inputs, 1)];
    const equal = b.compare(x, "EQ", y);
    const side = (mine: Value, other: Value, t: Tangent): Tangent => {
      if (t === undefined) return undefined;
      const tied = b.select(equal, b.scale(t, 0.5), b.zeros(t.type));
      return b.select(b.compare(mine, wins, other), t, tied);
    };
    return sum(b, side(x, y, tangents[0]), side(y, x, tangents[1]));
  };

/** The rule of a function of two operands from its two partial derivatives. */
const partials =
  (dx: (b: Builder, x: Value, y: Value, z: Value) => Value, dy: typeof dx): LocalRule<BinaryOp> =>
  (b, { inputs, output, tangents: [tx, ty] }) => {
    const [x, y] = [at(inputs, 0), at(inputs, 1)];
    return sum(b, tx && b.mul(tx, dx(b, x, y, output)), ty && b.mul(ty, dy(b, x, y, output)));
  };

const squaredRadius = (b: Builder, x: Value, y: Value): Value => b.add(square(b, x), square(b, y));

/** Derivatives of elementwise operations. */
export const elementwise: { readonly [K in Elementwise]: LocalRule<K> | "zero" } = {
  abs: chain((b, x) => b.map("sign", x)),
  negate: (b, { tangents }) => b.neg(given(tangents)),
  sign: "zero",
  ceil: "zero",
  floor: "zero",
  round_nearest_even: "zero",
  exponential: chain((_, __, y) => y),
  // Not y + 1: that loses all digits where y is close to −1.
  exponential_minus_one: chain((b, x) => b.map("exponential", x)),
  log: (b, { inputs, tangents }) => b.div(given(tangents), at(inputs, 0)),
  log_plus_one: (b, { inputs, tangents }) => b.div(given(tangents), b.shift(at(inputs, 0), 1)),
  sqrt: chain((b, _, y) => b.div(b.fill(y.type, 0.5), y)),
  rsqrt: chain((b, x, y) => b.scale(b.div(y, x), -0.5)),
  sine: chain((b, x) => b.map("cosine", x)),
  cosine: chain((b, x) => b.neg(b.map("sine", x))),
  tan: chain((b, _, y) => b.shift(square(b, y), 1)),
  asin: chain((b, x) => b.map("rsqrt", oneMinusSquare(b, x))),
  acos: chain((b, x) => b.neg(b.map("rsqrt", oneMinusSquare(b, x)))),
  atan: (b, { inputs, tangents }) => b.div(given(tangents), b.shift(square(b, at(inputs, 0)), 1)),
  sinh: chain((b, x) => b.map("cosh", x)),
  cosh: chain((b, x) => b.map("sinh", x)),
  tanh: chain((b, _, y) => oneMinus(b, square(b, y))),
  asinh: chain((b, x) => b.map("rsqrt", b.shift(square(b, x), 1))),
  acosh: chain((b, x) => b.map("rsqrt", b.mul(b.shift(x, -1), b.shift(x, 1)))),
  atanh: (b, { inputs, tangents }) => b.div(given(tangents), oneMinusSquare(b, at(inputs, 0))),
  logistic: chain((b, _, y) => b.mul(y, oneMinus(b, y))),
  erf: chain((b, x) => b.scale(b.map("exponential", b.neg(square(b, x))), 2 / Math.sqrt(Math.PI))),
  erf_inv: chain((b, _, y) => b.scale(b.map("exponential", square(b, y)), Math.sqrt(Math.PI) / 2)),
  not: "zero",
  stop_gradient: "zero",

  add: (b, { tangents: [x, y] }) => sum(b, x, y),
  subtract: (b, { tangents: [x, y] }) => {
    if (y === undefined) return x;
    return x === undefined ? b.neg(y) : b.sub(x, y);
  },
  multiply: partials(
    (_, __, y) => y,
    (_, x) => x,
  ),
  divide: (b, { inputs, output, tangents: [tx, ty] }) => {
    const y = at(inputs, 1);
    return sum(b, tx && b.div(tx, y), ty && b.mul(ty, b.neg(b.div(output, y))));
  },
  // x − y·trunc(x / y); the quotient is recovered from the result, where it is an integer exactly.
  remainder: (b, { inputs, output, tangents: [tx, ty] }) => {
    const [x, y] = [at(inputs, 0), at(inputs, 1)];
    const quotient = (): Value => b.map("round_nearest_even", b.div(b.sub(x, output), y));
    return sum(b, tx, ty && b.neg(b.mul(ty, quotient())));
  },
  power,
  maximum: extremum("GT"),
  minimum: extremum("LT"),
  atan2: partials(
    (b, y, x) => b.div(x, squaredRadius(b, x, y)),
    (b, y, x) => b.neg(b.div(y, squaredRadius(b, x, y))),
  ),
  and: "zero",
  or: "zero",
  xor: "zero",
  shift_left: "zero",
  shift_right_logical: "zero",
  shift_right_arithmetic: "zero",

  is_finite: "zero",
  compare: "zero",
  select: (b, { inputs, output, tangents: [, x, y] }) => {
    const zeros = b.zeros(output.type);
    return b.select(at(inputs, 0), x ?? zeros, y ?? zeros);
  },
  // min(max(x, low), high). Inside or on the bounds the operand passes (TensorFlow's convention).
  clamp: (b, { inputs, output, tangents: [low, x, high] }) => {
    const [min, operand, max] = [at(inputs, 0), at(inputs, 1), at(inputs, 2)];
    const zeros = b.zeros(output.type);
    const raised = b.select(b.compare(operand, "LT", min), low ?? zeros, x ?? zeros);
    const above = b.compare(b.map("maximum", operand, min), "GT", max);
    return b.select(above, high ?? zeros, raised);
  },
};
