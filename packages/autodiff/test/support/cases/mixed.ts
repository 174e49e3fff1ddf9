import type { Direction } from "../../../src/ir/types.ts";
import { awayFromZero, betweenHalves, bits, distinct, exactly, integers } from "../random.ts";
import { bool, type Cases, example, f32, IEEE, i32, KINK, NONE, SPECIAL, u32 } from "./case.ts";

const { NaN: NAN, POSITIVE_INFINITY: INF } = Number;
const DIRECTIONS: readonly Direction[] = ["EQ", "NE", "LT", "LE", "GT", "GE"];

/** Cases of elementwise operations whose operands and result differ in type. */
export const mixedCases: Cases<
  "is_finite" | "compare" | "select" | "clamp" | "convert" | "bitcast_convert" | "threefry2x32"
> = {
  is_finite: [
    example("finite", NONE, [f32([2, 3])], KINK),
    example("scalar", NONE, [f32([])], KINK),
    example("special values", NONE, [f32([SPECIAL.length], exactly(...SPECIAL))], IEEE),
    example("size 0", NONE, [f32([0])], KINK),
  ],
  compare: DIRECTIONS.flatMap((direction) => [
    example(
      `${direction} f32`,
      { direction },
      [f32([2, 3], exactly(0, 1, 2)), f32([2, 3], exactly(1))],
      KINK,
    ),
    example(
      `${direction} special values`,
      { direction },
      [f32([6], exactly(NAN, NAN, INF, -INF, 0, -0)), f32([6], exactly(NAN, 1, INF, 1, -0, 0))],
      IEEE,
    ),
    example(`${direction} i32`, { direction }, [i32([5]), i32([5])]),
    example(`${direction} u32`, { direction }, [
      u32([4], exactly(2 ** 31, 1, 7, 2 ** 32 - 1)),
      u32([4], exactly(1, 2 ** 31, 7, 2 ** 31)),
    ]),
    example(`${direction} bool`, { direction }, [
      bool([4], exactly(0, 0, 1, 1)),
      bool([4], exactly(0, 1, 0, 1)),
    ]),
    example(`${direction} scalars`, { direction }, [i32([]), i32([])]),
    example(`${direction} size 0`, { direction }, [i32([0, 3]), i32([0, 3])]),
  ]),
  select: [
    example("f32", NONE, [bool([2, 3]), f32([2, 3]), f32([2, 3])]),
    example("scalars", NONE, [bool([]), f32([]), f32([])]),
    example("size 0", NONE, [bool([0, 3]), f32([0, 3]), f32([0, 3])]),
    example("i32", NONE, [bool([4]), i32([4], bits), i32([4])]),
    example("bool", NONE, [bool([5]), bool([5]), bool([5])]),
    // The branch that is not taken must not leak into the result.
    example(
      "around NaN",
      NONE,
      [bool([4], exactly(1, 0)), f32([4], exactly(1, NAN)), f32([4], exactly(INF, 2))],
      IEEE,
    ),
  ],
  clamp: [
    example("f32", NONE, [
      f32([3, 3], exactly(-1.05)),
      f32([3, 3], distinct(0.4)),
      f32([3, 3], exactly(0.95)),
    ]),
    example("scalars", NONE, [f32([], exactly(-1)), f32([], exactly(3)), f32([], exactly(2))]),
    example("low above high", NONE, [
      f32([3], exactly(2)),
      f32([3], exactly(0, 1.5, 3)),
      f32([3], exactly(1)),
    ]),
    example("i32", NONE, [i32([6], exactly(-3)), i32([6]), i32([6], exactly(4))]),
    example("u32", NONE, [u32([4], exactly(5)), u32([4]), u32([4], exactly(2 ** 31 + 1))]),
    example(
      "special values",
      NONE,
      [
        f32([6], exactly(-1, NAN, -1, -INF, -1, -1)),
        f32([6], exactly(NAN, 0, 0, 5, INF, -INF)),
        f32([6], exactly(1, 1, NAN, INF, 1, 1)),
      ],
      IEEE,
    ),
    example("size 0", NONE, [f32([2, 0]), f32([2, 0]), f32([2, 0])]),
  ],
  convert: [
    example("f32 to i32", { dtype: "i32" }, [f32([6], betweenHalves())], KINK),
    example(
      "f32 to i32 at halves",
      { dtype: "i32" },
      [f32([4], exactly(0.5, 1.5, -0.5, -1.5))],
      KINK,
    ),
    example(
      "f32 to i32 out of range",
      { dtype: "i32" },
      [f32([5], exactly(3e9, -3e9, NAN, INF, -INF))],
      IEEE,
    ),
    example("f32 to u32", { dtype: "u32" }, [f32([3], exactly(0, 7.9, 3e9))], KINK),
    example("f32 to bool", { dtype: "bool" }, [f32([4], exactly(0, 1, -0.25, 3))], KINK),
    example(
      "f32 to bool, special values",
      { dtype: "bool" },
      [f32([3], exactly(NAN, INF, -0))],
      IEEE,
    ),
    example("i32 to f32", { dtype: "f32" }, [i32([2, 3])]),
    example("i32 to u32", { dtype: "u32" }, [i32([3], exactly(-1, 5, -(2 ** 31)))]),
    example("i32 to bool", { dtype: "bool" }, [i32([4], integers(-1, 1))]),
    example("u32 to f32", { dtype: "f32" }, [u32([3], exactly(0, 2 ** 31, 4294967040))]),
    example("u32 to i32", { dtype: "i32" }, [u32([3], exactly(2 ** 32 - 1, 2 ** 31, 9))]),
    example("u32 to bool", { dtype: "bool" }, [u32([3], exactly(0, 2 ** 31, 9))]),
    example("bool to f32", { dtype: "f32" }, [bool([5])]),
    example("bool to i32", { dtype: "i32" }, [bool([2, 2])]),
    example("bool to u32", { dtype: "u32" }, [bool([])]),
    example("f32 to f32", { dtype: "f32" }, [f32([2, 2])]),
    example("scalar", { dtype: "f32" }, [i32([])]),
    example("size 0", { dtype: "i32" }, [f32([0, 3])], KINK),
  ],
  bitcast_convert: [
    example("f32 to i32", { dtype: "i32" }, [f32([2, 3], awayFromZero())], KINK),
    example(
      "f32 to i32, special values",
      { dtype: "i32" },
      [f32([3], exactly(INF, -INF, -0))],
      IEEE,
    ),
    example("f32 to u32", { dtype: "u32" }, [f32([4], exactly(1, -1, 0.1, 1e20))], KINK),
    example("i32 to f32", { dtype: "f32" }, [
      i32([3], exactly(0x3f800000, 0x40490fdb, 0x42c80000)),
    ]),
    example("u32 to f32", { dtype: "f32" }, [u32([2], exactly(0x3f800000, 0xbf800000))]),
    example("u32 to i32", { dtype: "i32" }, [u32([4])]),
    example("i32 to u32", { dtype: "u32" }, [i32([4], bits)]),
    example("scalar", { dtype: "f32" }, [i32([], exactly(0x3f000000))]),
    example("size 0", { dtype: "f32" }, [i32([0])]),
  ],
  threefry2x32: [
    // The known answers of Random123: see the test of the host.
    example("known answer 1", NONE, [
      u32([2], exactly(0)),
      u32([1], exactly(0)),
      u32([1], exactly(0)),
    ]),
    example("known answer 2", NONE, [
      u32([2], exactly(2 ** 32 - 1)),
      u32([], exactly(2 ** 32 - 1)),
      u32([], exactly(2 ** 32 - 1)),
    ]),
    example("known answer 3", NONE, [
      u32([2], exactly(0x13198a2e, 0x03707344)),
      u32([1], exactly(0x243f6a88)),
      u32([1], exactly(0x85a308d3)),
    ]),
    example("matrix", NONE, [u32([2]), u32([2, 3]), u32([2, 3])]),
    example("size 0", NONE, [u32([2]), u32([0]), u32([0])]),
  ],
};
