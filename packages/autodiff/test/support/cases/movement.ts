import type { DynamicSliceOp, MovementOp } from "../../../src/ir/types.ts";
import { exactly, integers } from "../random.ts";
import { bool, type Cases, example, f32, IEEE, i32, NONE, u32 } from "./case.ts";

type Movement = MovementOp | DynamicSliceOp;

const start = (...values: number[]) => values.map((v) => i32([], exactly(v)));

/** Cases of constants and of operations that only move elements. */
export const movementCases: Cases<Movement> = {
  constant: [
    example(
      "f32",
      { type: { shape: [2, 3], dtype: "f32" }, data: new Float32Array([1, -2, 3.5, 0, 0.25, 7]) },
      [],
    ),
    example(
      "f32 splat",
      { type: { shape: [2, 3], dtype: "f32" }, data: new Float64Array([0.1]) },
      [],
    ),
    example("scalar", { type: { shape: [], dtype: "f32" }, data: new Float64Array([1 / 3]) }, []),
    example(
      "i32",
      { type: { shape: [3], dtype: "i32" }, data: new Int32Array([-1, 0, 2 ** 31 - 1]) },
      [],
    ),
    example(
      "u32",
      { type: { shape: [2], dtype: "u32" }, data: new Uint32Array([1, 2 ** 32 - 1]) },
      [],
    ),
    example("bool", { type: { shape: [3], dtype: "bool" }, data: new Uint8Array([1, 0, 1]) }, []),
    example(
      "bool splat",
      { type: { shape: [2, 2], dtype: "bool" }, data: new Uint8Array([1]) },
      [],
    ),
    example("size 0", { type: { shape: [0, 2], dtype: "f32" }, data: new Float64Array(0) }, []),
    example(
      "size 0 splat",
      { type: { shape: [0, 2], dtype: "i32" }, data: new Int32Array([7]) },
      [],
    ),
    example(
      "special values",
      {
        type: { shape: [4], dtype: "f32" },
        data: new Float64Array([
          Number.NaN,
          Number.POSITIVE_INFINITY,
          Number.NEGATIVE_INFINITY,
          -0,
        ]),
      },
      [],
      IEEE,
    ),
  ],
  iota: [
    example("f32 rows", { type: { shape: [3, 2], dtype: "f32" }, dimension: 0 }, []),
    example("i32 columns", { type: { shape: [3, 2], dtype: "i32" }, dimension: 1 }, []),
    example("u32 in the middle", { type: { shape: [2, 3, 2], dtype: "u32" }, dimension: 1 }, []),
    example("size 0", { type: { shape: [0], dtype: "i32" }, dimension: 0 }, []),
    example("size 1", { type: { shape: [1, 4], dtype: "f32" }, dimension: 0 }, []),
  ],
  broadcast_in_dim: [
    example("scalar", { shape: [2, 3], dimensions: [] }, [f32([])]),
    example("row", { shape: [2, 3], dimensions: [1] }, [f32([3])]),
    example("column", { shape: [2, 3], dimensions: [0] }, [f32([2])]),
    example("axes of size 1", { shape: [2, 4, 3], dimensions: [0, 2] }, [f32([2, 1])]),
    example("the same shape", { shape: [2, 3], dimensions: [0, 1] }, [f32([2, 3])]),
    example("to size 0", { shape: [0, 2], dimensions: [0, 1] }, [f32([1, 2])]),
    example("from size 0", { shape: [2, 0], dimensions: [1] }, [f32([0])]),
    example("scalar to scalar", { shape: [], dimensions: [] }, [f32([])]),
    example("i32", { shape: [3, 2], dimensions: [0, 1] }, [i32([3, 1])]),
    example("bool", { shape: [3, 2], dimensions: [1] }, [bool([2])]),
  ],
  reshape: [
    example("merge and split", { shape: [3, 4] }, [f32([2, 6])]),
    example("to a scalar", { shape: [] }, [f32([1, 1])]),
    example("from a scalar", { shape: [1] }, [f32([])]),
    example("size 0", { shape: [3, 0, 2] }, [f32([0, 5])]),
    example("i32", { shape: [4] }, [i32([2, 2])]),
    example("bool", { shape: [2, 1, 3] }, [bool([6])]),
  ],
  transpose: [
    example("matrix", { permutation: [1, 0] }, [f32([2, 3])]),
    example("rotate three axes", { permutation: [2, 0, 1] }, [f32([2, 3, 4])]),
    example("four axes", { permutation: [0, 3, 1, 2] }, [f32([2, 3, 1, 2])]),
    example("five axes", { permutation: [4, 2, 0, 3, 1] }, [f32([2, 1, 3, 2, 2])]),
    example("size 0", { permutation: [1, 2, 0] }, [f32([2, 0, 3])]),
    example("scalar", { permutation: [] }, [f32([])]),
    example("i32", { permutation: [1, 0] }, [i32([3, 2])]),
    example("bool", { permutation: [1, 0] }, [bool([1, 3])]),
  ],
  reverse: [
    example("vector", { dimensions: [0] }, [f32([5])]),
    example("some axes", { dimensions: [2, 0] }, [f32([2, 3, 2])]),
    example("no axis", { dimensions: [] }, [f32([3])]),
    example("size 0", { dimensions: [0, 1] }, [f32([0, 2])]),
    example("i32", { dimensions: [1] }, [i32([2, 3])]),
  ],
  slice: [
    example("block", { start: [1, 0], limit: [3, 2], strides: [1, 1] }, [f32([4, 3])]),
    example("strides", { start: [1, 0], limit: [6, 5], strides: [2, 3] }, [f32([7, 5])]),
    example("stride past the end", { start: [0], limit: [5], strides: [7] }, [f32([5])]),
    example("empty", { start: [2, 1], limit: [2, 3], strides: [1, 1] }, [f32([3, 4])]),
    example("size 0", { start: [0, 1], limit: [0, 3], strides: [1, 1] }, [f32([0, 4])]),
    example("scalar", { start: [], limit: [], strides: [] }, [f32([])]),
    example("i32", { start: [1], limit: [4], strides: [2] }, [i32([5])]),
    example("bool", { start: [0, 1], limit: [2, 2], strides: [1, 1] }, [bool([2, 3])]),
  ],
  pad: [
    example("edges", { low: [1, 0], high: [2, 1], interior: [0, 0] }, [f32([2, 3]), f32([])]),
    example("interior", { low: [0, 1], high: [1, 0], interior: [1, 2] }, [f32([3, 2]), f32([])]),
    example("crop", { low: [-1, 0], high: [0, -2], interior: [0, 0] }, [f32([3, 4]), f32([])]),
    example("crop on one side, fill on the other", { low: [-1], high: [2], interior: [0] }, [
      f32([3]),
      f32([]),
    ]),
    example("crop with interior", { low: [-2, -1], high: [-1, 1], interior: [1, 2] }, [
      f32([3, 3]),
      f32([]),
    ]),
    example("crop everything", { low: [-1], high: [-2], interior: [0] }, [f32([3]), f32([])]),
    example("crop past the elements", { low: [-4], high: [6], interior: [0] }, [f32([3]), f32([])]),
    example("size 0", { low: [2, 0], high: [1, 0], interior: [3, 0] }, [f32([0, 2]), f32([])]),
    example("scalar", { low: [], high: [], interior: [] }, [f32([]), f32([])]),
    example("i32", { low: [1], high: [1], interior: [1] }, [i32([3]), i32([], exactly(-7))]),
    example("bool", { low: [0], high: [2], interior: [0] }, [bool([2]), bool([], exactly(1))]),
  ],
  concatenate: [
    example("rows", { dimension: 0 }, [f32([2, 3]), f32([1, 3])]),
    example("columns of three", { dimension: 1 }, [f32([2, 1]), f32([2, 3]), f32([2, 2])]),
    example("with size 0", { dimension: 0 }, [f32([0, 2]), f32([2, 2]), f32([0, 2])]),
    example("all of size 0", { dimension: 1 }, [f32([0, 2]), f32([0, 3])]),
    example("one operand", { dimension: 0 }, [f32([3])]),
    example("i32", { dimension: 0 }, [i32([2]), i32([3])]),
    example("bool", { dimension: 1 }, [bool([1, 2]), bool([1, 1])]),
  ],
  dynamic_slice: [
    example("matrix", { sizes: [2, 2] }, [f32([4, 3]), ...start(1, 1)]),
    example("clamped", { sizes: [2, 2] }, [f32([4, 3]), ...start(9, -5)]),
    example("whole", { sizes: [3] }, [f32([3]), ...start(2)]),
    example("empty", { sizes: [0, 2] }, [f32([3, 2]), ...start(3, 0)]),
    example("size 0", { sizes: [0] }, [f32([0]), ...start(1)]),
    example("scalar", { sizes: [] }, [f32([])]),
    example("i32", { sizes: [2] }, [i32([5]), i32([], integers(0, 3))]),
    example("u32", { sizes: [1] }, [u32([2]), ...start(1)]),
  ],
  dynamic_update_slice: [
    example("matrix", NONE, [f32([4, 3]), f32([2, 2]), ...start(1, 1)]),
    example("clamped", NONE, [f32([4, 3]), f32([2, 2]), ...start(9, -5)]),
    example("whole", NONE, [f32([3]), f32([3]), ...start(1)]),
    example("empty update", NONE, [f32([3]), f32([0]), ...start(1)]),
    example("size 0", NONE, [f32([0, 2]), f32([0, 1]), ...start(0, 0)]),
    example("scalar", NONE, [f32([]), f32([])]),
    example("i32", NONE, [i32([5]), i32([2]), i32([], integers(0, 3))]),
  ],
};
