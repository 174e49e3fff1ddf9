import type { BinaryOp } from "../../../src/ir/types.ts";
import {
  awayFromZero,
  bits,
  distinct,
  exactly,
  integers,
  type Sampler,
  uniform,
} from "../random.ts";
import { bool, type Cases, example, f32, IEEE, i32, KINK, NONE, u32, WRAP } from "./case.ts";

const MIN = -(2 ** 31);
const MAX = 2 ** 31 - 1;
const { NaN: NAN, POSITIVE_INFINITY: INF } = Number;

// Pairs that IEEE 754 says something particular about.
const LEFT = [NAN, 1, NAN, INF, INF, -INF, 0, -0, 0, 0, 1, -1, -1, 2, -8, INF, 5.5, -5.5, -0, 0];
const RIGHT = [1, NAN, 0, INF, -INF, 2, -0, 0, 0, -1, 0, INF, 0.5, INF, 3, 0, 2, 2, -3, -3];

const float = (x: Sampler, y: Sampler = x) => [
  example("scalars", NONE, [f32([], x), f32([], y)]),
  example("matrices", NONE, [f32([3, 4], x), f32([3, 4], y)]),
  example("size 0", NONE, [f32([0, 2], x), f32([0, 2], y)]),
  example(
    "special values",
    NONE,
    [f32([LEFT.length], exactly(...LEFT)), f32([LEFT.length], exactly(...RIGHT))],
    IEEE,
  ),
];

const whole = [
  example("i32", NONE, [i32([6]), i32([6], integers(1, 5))]),
  example(
    "i32 that wraps",
    NONE,
    [
      i32([7], exactly(MAX, MIN, MIN, 123456789, -7, 7, 65536)),
      i32([7], exactly(2, -1, 1, 987654321, 0, -2, 65537)),
    ],
    WRAP,
  ),
  example(
    "u32",
    NONE,
    [
      u32([6], exactly(2 ** 32 - 1, 2 ** 31, 3, 0, 4000000000, 17)),
      u32([6], exactly(2, 3, 2 ** 32 - 1, 7, 3999999999, 5)),
    ],
    WRAP,
  ),
];

const ties = example("ties, of which central differences give each side half", NONE, [
  f32([3], exactly(1, -2, 0.5)),
  f32([3], exactly(1, -2, 0.5)),
]);

const bitwise = [
  example("bool", NONE, [bool([4], exactly(0, 0, 1, 1)), bool([4], exactly(0, 1, 0, 1))]),
  example("i32", NONE, [i32([2, 3], bits), i32([2, 3], bits)]),
  example("u32", NONE, [u32([5]), u32([5])]),
  example("scalars", NONE, [bool([]), bool([])]),
  example("size 0", NONE, [bool([2, 0]), bool([2, 0])]),
];

const AMOUNTS = exactly(0, 1, 5, 31, 32, 33, -1, 8);

const shifts = [
  example("i32", NONE, [i32([8], bits), i32([8], integers(0, 31))]),
  example("i32 by any amount", NONE, [i32([8], exactly(-123456789, 987654321)), i32([8], AMOUNTS)]),
  example("u32 by any amount", NONE, [u32([8], exactly(3456789012, 98765432)), u32([8], AMOUNTS)]),
  example("scalars", NONE, [i32([], exactly(-5)), i32([], exactly(1))]),
  example("size 0", NONE, [i32([0]), i32([0])]),
];

/** Cases of the operations with two operands of one type. */
export const binaryCases: Cases<BinaryOp> = {
  add: [...float(uniform()), ...whole],
  subtract: [...float(uniform()), ...whole],
  multiply: [...float(uniform()), ...whole],
  divide: [...float(uniform(), awayFromZero(0.4, 2)), ...whole],
  remainder: [
    example("scalars", NONE, [f32([], exactly(5.3)), f32([], exactly(2))]),
    example("all signs", NONE, [
      f32([2, 2], exactly(5.3, -5.3, 2.2, -2.2)),
      f32([2, 2], exactly(2, 1.5, -0.9, -0.7)),
    ]),
    ...float(uniform()).slice(2),
    ...whole,
  ],
  power: [
    ...float(uniform(0.4, 2), uniform(-2, 2)),
    example(
      "negative bases",
      NONE,
      [f32([4], exactly(-2, -1.5, -0.5, -3)), f32([4], exactly(3, 2, -2, 0))],
      KINK,
    ),
    example("i32", NONE, [i32([6], integers(-3, 3)), i32([6], integers(0, 4))]),
    example(
      "i32 that wraps, and negative exponents",
      NONE,
      [i32([6], exactly(3, -7, 2, -1, 1, 5)), i32([6], exactly(25, 13, -1, -3, -4, 0))],
      WRAP,
    ),
  ],
  maximum: [...float(distinct(0.4), distinct(0.4, 0.2)), ...whole, ties],
  minimum: [...float(distinct(0.4), distinct(0.4, 0.2)), ...whole, ties],
  atan2: float(awayFromZero(0.3, 2)),
  and: bitwise,
  or: bitwise,
  xor: bitwise,
  shift_left: shifts,
  shift_right_logical: shifts,
  shift_right_arithmetic: shifts,
};
