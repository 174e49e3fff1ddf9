import type { UnaryOp } from "../../../src/ir/types.ts";
import {
  awayFromZero,
  betweenHalves,
  bits,
  exactly,
  integers,
  type Sampler,
  uniform,
} from "../random.ts";
import {
  bool,
  type Cases,
  example,
  f32,
  IEEE,
  i32,
  KINK,
  NONE,
  SPECIAL,
  u32,
  WRAP,
} from "./case.ts";

const MIN = -(2 ** 31);

const float = (values: Sampler) => [
  example("scalar", NONE, [f32([], values)]),
  example("matrix", NONE, [f32([2, 5], values)]),
  example("size 0", NONE, [f32([3, 0], values)]),
  example("special values", NONE, [f32([SPECIAL.length], exactly(...SPECIAL))], IEEE),
];

const signed = [
  example("i32", NONE, [i32([7], integers(-5, 5))]),
  example("i32 limits", NONE, [i32([3], exactly(MIN, 2 ** 31 - 1, -1))], WRAP),
  example("u32", NONE, [u32([4], exactly(0, 1, 2 ** 31, 2 ** 32 - 1))], WRAP),
];

/** Cases of the operations with one operand. */
export const unaryCases: Cases<UnaryOp> = {
  abs: [
    ...float(awayFromZero()),
    ...signed,
    example("at 0, where central differences give 0 too", NONE, [f32([2], exactly(0))]),
  ],
  negate: [...float(uniform()), ...signed],
  sign: [...float(awayFromZero()), ...signed],
  ceil: float(betweenHalves()),
  floor: float(betweenHalves()),
  round_nearest_even: [
    ...float(betweenHalves()),
    example("halves", NONE, [f32([6], exactly(0.5, 1.5, 2.5, -0.5, -1.5, -3.5))], KINK),
    example("large", NONE, [f32([3], exactly(8388609, -16777216, 4194304.5))], KINK),
  ],
  exponential: float(uniform()),
  exponential_minus_one: [
    ...float(uniform()),
    example("near 0", NONE, [f32([4], exactly(1e-3, -1e-6, 1e-8, -1e-10))]),
  ],
  log: float(uniform(0.3, 3)),
  log_plus_one: [
    ...float(uniform(-0.6, 2)),
    example("near 0", NONE, [f32([4], exactly(1e-3, -1e-6, 1e-8, -1e-10))]),
  ],
  sqrt: float(uniform(0.3, 3)),
  rsqrt: float(uniform(0.3, 3)),
  sine: float(uniform(-4, 4)),
  cosine: float(uniform(-4, 4)),
  tan: float(uniform(-1.2, 1.2)),
  asin: float(uniform(-0.9, 0.9)),
  acos: float(uniform(-0.9, 0.9)),
  atan: float(uniform(-3, 3)),
  sinh: float(uniform()),
  cosh: float(uniform()),
  tanh: [...float(uniform()), example("saturated", NONE, [f32([4], exactly(9, -9, 20, -88))])],
  asinh: float(uniform(-3, 3)),
  acosh: float(uniform(1.3, 4)),
  atanh: float(uniform(-0.9, 0.9)),
  logistic: [
    ...float(uniform(-4, 4)),
    example("saturated", NONE, [f32([4], exactly(20, -20, 80, -80))]),
  ],
  erf: [...float(uniform()), example("tails", NONE, [f32([5], exactly(1e-5, 2.5, -2.5, 3.5, 5))])],
  erf_inv: [
    ...float(uniform(-0.9, 0.9)),
    example("tails", NONE, [f32([4], exactly(0.97, -0.99, 0.999, 1e-5))], KINK),
  ],
  not: [
    example("bool", NONE, [bool([2, 3])]),
    example("bool scalar", NONE, [bool([])]),
    example("i32", NONE, [i32([5])]),
    example("u32", NONE, [u32([5], bits)]),
    example("size 0", NONE, [bool([0, 2])]),
  ],
  stop_gradient: [
    ...float(uniform()).map((c) => ({ ...c, ...KINK })),
    example("i32", NONE, [i32([3])]),
  ],
};
