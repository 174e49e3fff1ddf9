import { describe, expect, test } from "vitest";
import { evaluateGraph, hostTensor } from "../../src/host/index.ts";
import type { Builder } from "../../src/ir/builder.ts";
import type { Shape, TensorType, Value } from "../../src/ir/types.ts";
import { jvpGraph, vjpGraph } from "../../src/transform/index.ts";
import { graphOf } from "./graphs.ts";

const f32 = (...shape: Shape): TensorType => ({ shape, dtype: "f32" });
const vector = (values: readonly number[]) => hostTensor(f32(values.length), values);

/** Gradient of the sum of a function's elements. */
const gradient = (
  body: (b: Builder, ...xs: Value[]) => Value,
  ...inputs: readonly (readonly number[])[]
): number[][] => {
  const graph = graphOf(
    inputs.map((x) => f32(x.length)),
    (b, ...xs) => {
      const y = body(b, ...xs);
      return [
        b.reduce(
          y,
          "add",
          y.type.shape.map((_, i) => i),
        ),
      ];
    },
  );
  const all = inputs.map(() => true);
  const one = hostTensor(f32(), [1]);
  const found = evaluateGraph(vjpGraph(graph, all), [...inputs.map(vector), one]);
  return found.slice(1).map((g) => [...g.data]);
};

/** Second derivative of an elementwise function of one operand. */
const second = (body: (b: Builder, x: Value) => Value, x: readonly number[]): number[] => {
  const graph = graphOf([f32(x.length)], (b, v) => [body(b, v)]);
  const once = jvpGraph(graph, [true]);
  const twice = jvpGraph({ ...once, outputs: once.outputs.slice(1) }, [true, false]);
  const ones = hostTensor(f32(x.length), [1]);
  return [...evaluateGraph(twice, [vector(x), ones, ones]).at(-1)!.data];
};

const { POSITIVE_INFINITY: INF } = Number;

// The values are the conventions themselves (see the derivative conventions of the IR).
describe("derivatives where functions are not smooth", () => {
  test("maximum and minimum give each side half at a tie, also of an infinite cotangent", () => {
    expect(gradient((b, x, y) => b.map("maximum", x, y), [1, 2, 3], [1, 5, 0])).toEqual([
      [0.5, 0, 1],
      [0.5, 1, 0],
    ]);
    expect(gradient((b, x, y) => b.map("minimum", x, y), [1, 2, 3], [1, 5, 0])).toEqual([
      [0.5, 1, 0],
      [0.5, 0, 1],
    ]);
    const root = (b: Builder, x: Value) => b.map("sqrt", b.map("maximum", x, b.zeros(x.type)));
    expect(gradient(root, [-1, 4])).toEqual([[0, 0.25]]);
  });

  test("reduce, over all and over prefixes, splits evenly among ties", () => {
    expect(gradient((b, x) => b.reduce(x, "maximum", [0]), [3, 1, 3, 3])).toEqual([
      [1 / 3, 0, 1 / 3, 1 / 3],
    ]);
    expect(gradient((b, x) => b.reduce(x, "minimum", [0]), [3, 1, 1, 3])).toEqual([
      [0, 0.5, 0.5, 0],
    ]);
    const prefix = (reverse: boolean) => (b: Builder, x: Value) =>
      b.one("cumulative", [x], { monoid: "maximum", dimension: 0, reverse });
    // Prefix maxima 2, 2, 2, 5: from {0}, {0}, {0, 2}, {3}.
    expect(gradient(prefix(false), [2, 1, 2, 5])).toEqual([[2.5, 0, 0.5, 1]]);
    expect(gradient(prefix(true), [5, 2, 1, 2])).toEqual([[1, 0.5, 0, 2.5]]);
  });

  test("a window's maximum goes to the first of several", () => {
    const pool = (monoid: "maximum" | "minimum") => (b: Builder, x: Value) =>
      b.one("reduce_window", [x], {
        monoid,
        dimensions: [2],
        strides: [2],
        padding: [[0, 0]],
      });
    expect(gradient(pool("maximum"), [1, 1, 2, 3])).toEqual([[1, 0, 0, 1]]);
    expect(gradient(pool("minimum"), [1, 1, 3, 2])).toEqual([[1, 0, 0, 1]]);
  });

  test("sign, floor, ceil, round and stop_gradient have derivative 0, abs 0 at 0", () => {
    for (const op of ["sign", "floor", "ceil", "round_nearest_even", "stop_gradient"] as const) {
      expect(gradient((b, x) => b.map(op, x), [-1.5, 0, 2])).toEqual([[0, 0, 0]]);
    }
    expect(gradient((b, x) => b.map("abs", x), [-1.5, 0, 2])).toEqual([[-1, 0, 1]]);
  });

  test("sqrt has an infinite derivative at 0", () => {
    expect(gradient((b, x) => b.map("sqrt", x), [0, 4])).toEqual([[INF, 0.25]]);
  });

  test("clamp passes on its bounds, and gives to the bound outside", () => {
    const clamp = (b: Builder, low: Value, x: Value, high: Value) => b.map("clamp", low, x, high);
    expect(gradient(clamp, [0, 0, 0, 0], [-1, 0, 2, 3], [2, 2, 2, 2])).toEqual([
      [1, 0, 0, 0],
      [0, 1, 1, 0],
      [0, 0, 0, 1],
    ]);
  });

  test("remainder counts how often the divisor fits", () => {
    expect(gradient((b, x, y) => b.map("remainder", x, y), [7, -7, 1], [2, 2, 3])).toEqual([
      [1, 1, 1],
      [-3, 3, -0],
    ]);
  });
});

describe("power", () => {
  const power = (b: Builder, x: Value, y: Value) => b.map("power", x, y);

  test("0 with respect to the base where the exponent is 0, also at 0⁰", () => {
    expect(gradient(power, [0, 2, -3], [0, 0, 0])[0]!.map(Math.abs)).toEqual([0, 0, 0]);
  });

  test("0 with respect to the exponent where the base is not positive", () => {
    expect(gradient(power, [0, -2, 0, -2], [2, 3, -1, 0.5])[1]).toEqual([0, 0, 0, 0]);
  });

  test("y·x^(y−1) at base 0 and for negative bases", () => {
    expect(gradient(power, [0, 0, 0, -2], [1, 2, 3, 3])[0]).toEqual([1, 0, 0, 12]);
  });

  test("constant exponents have all derivatives at 0", () => {
    const to = (exponent: number) => (b: Builder, x: Value) =>
      b.map("power", x, b.fill(x.type, exponent));
    expect(second(to(2), [0, 3])).toEqual([2, 2]);
    expect(second(to(3), [0, 2])).toEqual([0, 12]);
    expect(second(to(1), [0, 3])).toEqual([0, 0]);
    expect(second(to(0), [0, 3])).toEqual([0, 0]);
  });
});

describe("products with zeros", () => {
  test("reduce multiply: the product of the others", () => {
    const product = (b: Builder, x: Value) => b.reduce(x, "multiply", [0]);
    expect(gradient(product, [2, 3, 5])).toEqual([[15, 10, 6]]);
    expect(gradient(product, [2, 0, 5])).toEqual([[0, 10, 0]]);
    expect(gradient(product, [0, 0, 5])).toEqual([[0, 0, 0]]);
  });

  test("cumulative multiply: the prefix products of the others", () => {
    const prefix = (b: Builder, x: Value) =>
      b.one("cumulative", [x], { monoid: "multiply", dimension: 0, reverse: false });
    // x₀ + x₀x₁ + x₀x₁x₂ at (2, 0, 5): [1 + x₁ + x₁x₂, x₀ + x₀x₂, x₀x₁]
    expect(gradient(prefix, [2, 0, 5])).toEqual([[1, 12, 0]]);
  });
});
