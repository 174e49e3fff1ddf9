import type { Monoid, ReductionOp } from "../../../src/ir/types.ts";
import { awayFromZero, bits, distinct, exactly, type Sampler, uniform } from "../random.ts";
import { bool, type Cases, example, f32, IEEE, i32, KINK, u32, WRAP } from "./case.ts";

type Reduction = ReductionOp | "sort" | "dot_general";

const { NaN: NAN, POSITIVE_INFINITY: INF } = Number;

// Far from 0 for products, all different for extremes: where the derivatives are unambiguous.
const SMOOTH: { readonly [M in Exclude<Monoid, "and" | "or">]: Sampler } = {
  add: uniform(),
  multiply: awayFromZero(0.5, 1.5),
  maximum: distinct(),
  minimum: distinct(),
};
const MONOIDS = ["add", "multiply", "maximum", "minimum"] as const;
const EXTREMES = ["maximum", "minimum"] as const;

/** Attributes of `dot_general` from [lhs, rhs] pairs of axes. */
const dot = (
  contracting: readonly (readonly [number, number])[],
  batch: readonly (readonly [number, number])[] = [],
) => ({
  lhsBatch: batch.map(([l]) => l),
  rhsBatch: batch.map(([, r]) => r),
  lhsContracting: contracting.map(([l]) => l),
  rhsContracting: contracting.map(([, r]) => r),
});

/** Cases of operations that combine or order the elements along axes. */
export const reductionCases: Cases<Reduction> = {
  reduce: [
    ...MONOIDS.flatMap((monoid) => {
      const values = SMOOTH[monoid];
      return [
        example(`${monoid} rows`, { monoid, dimensions: [0] }, [f32([3, 4], values)]),
        example(`${monoid} all`, { monoid, dimensions: [0, 1] }, [f32([2, 3], values)]),
        example(`${monoid} outer axes`, { monoid, dimensions: [2, 0] }, [f32([2, 3, 2], values)]),
        example(`${monoid} nothing`, { monoid, dimensions: [1] }, [f32([2, 0], values)], IEEE),
        example(`${monoid} size 0`, { monoid, dimensions: [1] }, [f32([0, 3], values)]),
        example(`${monoid} no axis`, { monoid, dimensions: [] }, [f32([3], values)]),
        example(`${monoid} scalar`, { monoid, dimensions: [] }, [f32([], values)]),
        example(`${monoid} i32`, { monoid, dimensions: [1] }, [i32([2, 3])]),
        example(`${monoid} i32 nothing`, { monoid, dimensions: [0] }, [i32([0])], WRAP),
        example(`${monoid} i32 that wraps`, { monoid, dimensions: [0] }, [i32([5], bits)], WRAP),
        example(`${monoid} u32`, { monoid, dimensions: [0] }, [u32([4, 1])], WRAP),
        example(
          `${monoid} special values`,
          { monoid, dimensions: [1] },
          [f32([4, 3], exactly(1, NAN, 2, INF, -INF, 3, 0, -0, -0, NAN, INF, 2))],
          IEEE,
        ),
      ];
    }),
    example("multiply with one 0", { monoid: "multiply", dimensions: [0] }, [
      f32([4, 2], exactly(2, 3, 0, -1, 0.5, 0, -1.5, 2)),
    ]),
    example("multiply with two 0", { monoid: "multiply", dimensions: [0] }, [
      f32([4], exactly(2, 0, -1, 0)),
    ]),
    example(
      "maximum at ties",
      { monoid: "maximum", dimensions: [0] },
      [f32([4], exactly(1))],
      KINK,
    ),
    ...(["and", "or"] as const).flatMap((monoid) => [
      example(`${monoid} bool`, { monoid, dimensions: [1] }, [
        bool([4, 2], exactly(0, 0, 0, 1, 1, 0, 1, 1)),
      ]),
      example(`${monoid} all`, { monoid, dimensions: [0, 1] }, [bool([2, 3])]),
      example(`${monoid} nothing`, { monoid, dimensions: [0] }, [bool([0, 2])]),
    ]),
  ],
  arg_reduce: EXTREMES.flatMap((monoid) => [
    example(`${monoid} rows`, { monoid, dimension: 0 }, [f32([4, 3], distinct())], KINK),
    example(`${monoid} columns`, { monoid, dimension: 1 }, [f32([3, 5], distinct())], KINK),
    example(
      `${monoid} first of ties`,
      { monoid, dimension: 0 },
      [f32([5], exactly(1, 3, 0, 3, 0))],
      KINK,
    ),
    example(`${monoid} size 1`, { monoid, dimension: 1 }, [f32([2, 1])], KINK),
    example(`${monoid} size 0`, { monoid, dimension: 1 }, [f32([0, 3])], KINK),
    example(`${monoid} i32`, { monoid, dimension: 1 }, [i32([2, 4])]),
    example(`${monoid} u32`, { monoid, dimension: 0 }, [u32([4])]),
    example(
      `${monoid} special values`,
      { monoid, dimension: 1 },
      [f32([3, 4], exactly(1, NAN, 5, NAN, -INF, -INF, 0, INF, INF, NAN, INF, -INF))],
      IEEE,
    ),
  ]),
  cumulative: MONOIDS.flatMap((monoid) => [
    example(`${monoid} rows`, { monoid, dimension: 0, reverse: false }, [
      f32([4, 2], SMOOTH[monoid]),
    ]),
    example(`${monoid} backwards`, { monoid, dimension: 1, reverse: true }, [
      f32([2, 5], SMOOTH[monoid]),
    ]),
    example(`${monoid} middle axis`, { monoid, dimension: 1, reverse: false }, [
      f32([2, 3, 2], SMOOTH[monoid]),
    ]),
    example(`${monoid} size 1`, { monoid, dimension: 0, reverse: false }, [
      f32([1, 3], SMOOTH[monoid]),
    ]),
    example(`${monoid} size 0`, { monoid, dimension: 1, reverse: true }, [f32([2, 0])]),
    example(`${monoid} i32`, { monoid, dimension: 0, reverse: false }, [i32([5])]),
    example(`${monoid} u32`, { monoid, dimension: 0, reverse: true }, [u32([4])], WRAP),
    example(
      `${monoid} special values`,
      { monoid, dimension: 0, reverse: false },
      [f32([5], exactly(1, INF, 2, NAN, 3))],
      IEEE,
    ),
  ]),
  sort: [false, true].flatMap((descending) => {
    const order = descending ? "descending" : "ascending";
    return [
      example(`${order} vector`, { dimension: 0, descending }, [f32([7], distinct())]),
      example(`${order} rows`, { dimension: 0, descending }, [f32([4, 2], distinct())]),
      example(`${order} columns`, { dimension: 1, descending }, [f32([2, 5], distinct())]),
      example(`${order} with payload`, { dimension: 1, descending }, [
        f32([2, 4], distinct()),
        f32([2, 4]),
        i32([2, 4]),
      ]),
      // The payload tells whether equal keys keep their order.
      example(`${order} ties`, { dimension: 0, descending }, [
        i32([6], exactly(2, 1, 2, 1, 0, 2)),
        i32([6], exactly(0, 1, 2, 3, 4, 5)),
      ]),
      example(
        `${order} special values`,
        { dimension: 0, descending },
        [
          f32([8], exactly(NAN, 0, INF, -0, -INF, NAN, 0, 3)),
          i32([8], exactly(0, 1, 2, 3, 4, 5, 6, 7)),
        ],
        IEEE,
      ),
      example(`${order} u32`, { dimension: 0, descending }, [u32([4])]),
      example(`${order} bool`, { dimension: 0, descending }, [bool([5]), i32([5])]),
      example(`${order} size 1`, { dimension: 1, descending }, [f32([3, 1])]),
      example(`${order} size 0`, { dimension: 0, descending }, [f32([0, 2])]),
    ];
  }),
  dot_general: [
    example("matrices", dot([[1, 0]]), [f32([3, 4]), f32([4, 2])]),
    example("odd sizes", dot([[1, 0]]), [f32([7, 9]), f32([9, 5])]),
    example("lhs transposed", dot([[0, 0]]), [f32([4, 3]), f32([4, 2])]),
    example("rhs transposed", dot([[1, 1]]), [f32([3, 4]), f32([2, 4])]),
    example("vectors", dot([[0, 0]]), [f32([5]), f32([5])]),
    example("matrix and vector", dot([[1, 0]]), [f32([2, 3]), f32([3])]),
    example("outer product", dot([]), [f32([3]), f32([2])]),
    example("scalars", dot([]), [f32([]), f32([])]),
    example("batch", dot([[2, 1]], [[0, 0]]), [f32([2, 3, 4]), f32([2, 4, 2])]),
    example("batch axes elsewhere", dot([[0, 1]], [[2, 0]]), [f32([4, 3, 2]), f32([2, 4, 3])]),
    example(
      "two batch axes, swapped",
      dot(
        [[3, 2]],
        [
          [0, 1],
          [1, 0],
        ],
      ),
      [f32([2, 3, 2, 2]), f32([3, 2, 2, 1])],
    ),
    example("batch only", dot([], [[0, 0]]), [f32([3]), f32([3])]),
    example(
      "two contracted axes, swapped",
      dot([
        [0, 1],
        [2, 0],
      ]),
      [f32([2, 3, 4]), f32([4, 2, 2])],
    ),
    example("size 1", dot([[1, 0]]), [f32([1, 1]), f32([1, 3])]),
    example("contracting nothing", dot([[1, 0]]), [f32([2, 0]), f32([0, 3])]),
    example("no rows", dot([[1, 0]]), [f32([0, 2]), f32([2, 3])]),
    example("i32", dot([[1, 0]]), [i32([2, 3]), i32([3, 2])]),
    example("i32 that wraps", dot([[1, 0]]), [i32([2, 3], bits), i32([3, 1], bits)], WRAP),
  ],
};
