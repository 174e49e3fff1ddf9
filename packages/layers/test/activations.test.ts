import { grad, hvp, random } from "@layerwise/autodiff";
import * as layers from "@layerwise/layers";
import { float64, float64Tensor, numbers, toHost } from "@layerwise/test";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import golden from "./fixtures/activations.json" with { type: "json" };
import { maxDifference } from "./setup.ts";

type Fn = (x: tf.Tensor, options?: object) => tf.Tensor;
type Nested = number | readonly Nested[];

// prelu is a layer; its function is tfjs's.
const functions = {
  ...layers.activations,
  kWinners: layers.kWinners,
  prelu: (x: tf.Tensor, { slope }: { slope: number }) => tf.prelu(x, tf.scalar(slope)),
} as unknown as Readonly<Record<string, Fn>>;

const find = (name: string, options: object = {}): ((x: tf.Tensor) => tf.Tensor) => {
  const fn = functions[name];
  if (fn === undefined) throw new Error(`no function ${name}`);
  return (x) => fn(x, options);
};

const flat = (nested: unknown): number[] => [nested].flat(Number.POSITIVE_INFINITY) as number[];
const shapeOf = (nested: Nested): number[] =>
  typeof nested === "number" ? [] : [nested.length, ...shapeOf(nested[0] ?? 0)];

/** Largest difference relative to the larger of 1 and the number wanted; NaN counts as infinite. */
const distance = (got: readonly number[], want: readonly number[]): number => {
  expect(got.length).toBe(want.length);
  const off = got.map((v, i) => Math.abs(v - (want[i] ?? 0)) / Math.max(1, Math.abs(want[i] ?? 0)));
  return Math.max(...off.map((v) => (Number.isNaN(v) ? Number.POSITIVE_INFINITY : v)));
};

/** Values and the gradient of Σ y · cot, in float64 and in float32. */
const both = (fn: (x: tf.Tensor) => tf.Tensor, x: Nested, cot?: Nested) => {
  const [shape, values] = [shapeOf(x), flat(x)];
  const weighted = (v: tf.Tensor): tf.Tensor =>
    tf.sum(cot === undefined ? fn(v) : tf.mul(fn(v), tf.tensor(flat(cot), shapeOf(cot))));
  const x32 = tf.tensor(values, shape);
  const x64 = float64Tensor(shape, values);
  const cot64 = cot === undefined ? [] : [float64Tensor(shapeOf(cot), flat(cot))];
  const gradient64 = float64(
    (c: tf.Tensor[], v: tf.Tensor) =>
      grad((u: tf.Tensor) => tf.sum(c[0] === undefined ? fn(u) : tf.mul(fn(u), c[0])))(v),
    cot64.map(({ type }) => tf.zeros([...type.shape])),
    x32,
  );
  return {
    y64: numbers(float64(fn, x32)([x64])),
    dx64: numbers(gradient64([...cot64, x64])),
    y32: [...fn(x32).dataSync()],
    dx32: [...grad(weighted)(x32).dataSync()],
  };
};

describe("PyTorch's values and derivatives at 17 points from −50 to 50", () => {
  test.each(golden.elementwise)("$fn $options", ({ fn, options, x, y, dydx }) => {
    const got = both(find(fn, options), x);
    expect(distance(got.y64, y)).toBeLessThan(1e-12);
    expect(distance(got.dx64, dydx)).toBeLessThan(1e-12);
    expect(distance(got.y32, y)).toBeLessThan(1e-6);
    expect(distance(got.dx32, dydx)).toBeLessThan(1e-6);
  });
});

describe("at ±1000 nothing overflows", () => {
  test.each(golden.extreme)("$fn", ({ fn, x, y, dydx }) => {
    const got = both(find(fn), x);
    expect(distance(got.y64, y)).toBeLessThan(1e-12);
    expect(distance(got.dx64, dydx)).toBeLessThan(1e-12);
    expect(distance(got.y32, y)).toBeLessThan(1e-6);
    expect(distance(got.dx32, dydx)).toBeLessThan(1e-6);
  });
});

describe("second derivatives of the smooth ones", () => {
  test.each(golden.second)("$fn", ({ fn, x, d2 }) => {
    const call = find(fn);
    const at = tf.tensor1d(x);
    const product = (v: tf.Tensor): tf.Tensor =>
      hvp((u: tf.Tensor) => tf.sum(call(u)), [v] as const, [tf.onesLike(v)] as const)[0];
    const got = numbers(float64(product, at)([float64Tensor([x.length], x)]));
    expect(distance(got, d2)).toBeLessThan(1e-12);
    expect(distance([...product(at).dataSync()], d2)).toBeLessThan(1e-6);
  });
});

describe("functions of the last axis", () => {
  test.each(golden.rows)("$fn $options", ({ fn, options, x, y, cot, dx }) => {
    const got = both(find(fn, options), x as Nested, cot as Nested);
    expect(distance(got.y64, flat(y))).toBeLessThan(1e-12);
    expect(distance(got.dx64, flat(dx))).toBeLessThan(1e-12);
    expect(distance(got.y32, flat(y))).toBeLessThan(1e-6);
    // A row of ±1000 against gates at 5, where 1 − σ has lost 2⁻²⁴ / (1 − σ) of itself.
    expect(distance(got.dx32, flat(dx))).toBeLessThan(fn === "glu" ? 1e-5 : 1e-6);
  });
});

test("every name is in the golden table, and no NaN becomes a number", () => {
  const covered = new Set([...golden.elementwise, ...golden.rows].map(({ fn }) => fn));
  for (const name of Object.keys(layers.activations)) {
    if (name !== "binaryStep") expect(covered).toContain(name);
  }
  for (const { fn, options } of golden.elementwise) {
    const y = find(fn, options)(tf.tensor1d([Number.NaN]));
    expect([fn, ...y.dataSync()]).toEqual([fn, Number.NaN]);
  }
});

test("leaky slopes and hard sigmoids: each contested variant has its name", () => {
  const one = tf.scalar(1);
  const at = (y: tf.Tensor): number => Number(y.dataSync()[0]?.toFixed(4));
  expect(at(layers.hardSigmoid(one))).toBe(0.6667);
  expect(at(layers.hardSigmoidKeras2(one))).toBe(0.7);
  expect(at(layers.gelu(one))).toBe(0.8413);
  expect(at(layers.geluTanh(one))).toBe(0.8412);
  expect(at(layers.leakyRelu(tf.neg(one)))).toBe(-0.01);
  expect(at(layers.leakyReluKeras(tf.neg(one)))).toBe(-0.3);
});

test("identities between them", () => {
  const x = tf.mul(random.normal(random.key(2), [40, 6]), 3);
  const close = (a: tf.Tensor, b: tf.Tensor): void =>
    expect(maxDifference(a, b.arraySync())).toBeLessThan(2e-6);
  close(layers.silu(x), layers.swish(x));
  close(layers.quickGelu(x), layers.swish(x, { beta: 1.702 }));
  close(layers.logSigmoid(x), tf.neg(layers.softplus(tf.neg(x))));
  close(tf.sub(layers.softplus(x), layers.softplus(tf.neg(x))), x);
  close(tf.sub(layers.squareplus(x), layers.squareplus(tf.neg(x))), x);
  close(layers.tanh(x), tf.sub(tf.mul(layers.sigmoid(tf.mul(x, 2)), 2), 1));
  close(layers.tanhShrink(x), tf.sub(x, layers.tanh(x)));
  close(layers.hardSwish(x), tf.mul(x, layers.hardSigmoid(x)));
  close(layers.celu(x), layers.elu(x));
  close(tf.exp(layers.logSoftmax(x)), layers.softmax(x));
  close(layers.softmin(tf.neg(x)), layers.softmax(x));
  close(layers.maxout(tf.concat([x, x], -1), { pieces: 1 }), tf.concat([x, x], -1));
  close(layers.kWinners(x, { k: 6 }), x);
  close(tf.add(layers.softShrink(x), layers.hardTanh(x, { min: -0.5, max: 0.5 })), x);
});

test("selu keeps mean 0 and variance 1 of normal numbers", () => {
  const n = 200_000;
  const y = layers.selu(random.normal(random.key(1), [n]));
  const { mean, variance } = tf.moments(y);
  // Four standard errors; the fourth moment of y is 2.51.
  expect(Math.abs(mean.dataSync()[0] ?? 1)).toBeLessThan(4 / Math.sqrt(n));
  expect(Math.abs((variance.dataSync()[0] ?? 0) - 1)).toBeLessThan(4 * Math.sqrt(1.51 / n));
});

test("sparsemax is a point of the simplex and follows a constant shift", () => {
  const x = tf.mul(random.normal(random.key(5), [50, 7]), 2);
  const p = layers.sparsemax(x);
  expect(maxDifference(tf.sum(p, -1), new Array(50).fill(1))).toBeLessThan(1e-6);
  expect(tf.min(p).dataSync()[0]).toBe(0);
  expect(maxDifference(layers.sparsemax(tf.add(x, 3)), p.arraySync())).toBeLessThan(2e-6);
});

test("kWinners keeps exactly k, the first of equals", () => {
  const y = layers.kWinners(
    tf.tensor2d([
      [1, 2, 2, 2, 0],
      [-1, -1, -1, -1, -1],
    ]),
    { k: 2 },
  );
  expect(y.arraySync()).toEqual([
    [0, 2, 2, 0, 0],
    [-1, -1, 0, 0, 0],
  ]);
});

test("log cosh keeps its relative precision near 0", () => {
  const x = [1e-2, 1e-4, -1e-6];
  const y = layers.logCosh(tf.tensor1d(x)).dataSync();
  // x²/2 − x⁴/12 + …
  x.forEach((v, i) => {
    expect(Math.abs((y[i] ?? 0) / (v ** 2 / 2 - v ** 4 / 12) - 1)).toBeLessThan(1e-6);
  });
});

test("trained coefficients get gradients (oracle: closed forms)", () => {
  const x = [-2, 0.5, 3];
  const s = (v: number): number => 1 / (1 + Math.exp(-v));
  const slope = (fn: (c: tf.Tensor) => tf.Tensor, at: number): number =>
    numbers(
      float64(
        (c) => grad((v: tf.Tensor) => tf.sum(fn(v)))(c),
        tf.scalar(at),
      )([toHost(tf.scalar(at))]),
    )[0] ?? Number.NaN;
  const swish = x.reduce((sum, v) => sum + v * v * s(0.5 * v) * (1 - s(0.5 * v)), 0);
  expect(slope((beta) => layers.swish(tf.tensor1d(x), { beta }), 0.5)).toBeCloseTo(swish, 12);
  const snake = x.reduce((sum, v) => sum + (v * Math.sin(4 * v)) / 2 - Math.sin(2 * v) ** 2 / 4, 0);
  expect(slope((alpha) => layers.snake(tf.tensor1d(x), { alpha }), 2)).toBeCloseTo(snake, 12);
});

test("options out of range are refused by name", () => {
  const x = tf.ones([2, 5]);
  const refused: [() => unknown, string][] = [
    [() => layers.elu(x, { alpha: 0 }), "elu: expected alpha above 0 and finite, got 0"],
    [
      () => layers.celu(x, { alpha: Number.NaN }),
      "celu: expected alpha above 0 and finite, got NaN",
    ],
    [() => layers.softplus(x, { beta: -1 }), "softplus: expected beta above 0 and finite, got -1"],
    [() => layers.squareplus(x, { b: 0 }), "squareplus: expected b above 0 and finite, got 0"],
    [() => layers.hardTanh(x, { min: 2 }), "hardTanh: expected min < max, got 2 and 1"],
    [
      () => layers.softShrink(x, { lambda: -1 }),
      "softShrink: expected lambda of at least 0 and finite, got -1",
    ],
    [() => layers.glu(x), "glu: expected an even last axis, got 5 (input [2, 5])"],
    [() => layers.maxout(x), "maxout: expected a last axis divisible by 2, got 5 (input [2, 5])"],
    [
      () => layers.maxout(x, { pieces: 0.5 }),
      "maxout: expected a positive whole number of pieces, got 0.5",
    ],
    [
      () => layers.kWinners(x, { k: 6 }),
      "kWinners: expected a whole k from 1 to the last axis, got 6 (input [2, 5])",
    ],
    [() => layers.snake(x, { alpha: 0 }), "snake: expected alpha other than 0, got 0"],
    [() => layers.crelu(tf.scalar(1)), "crelu: expected a last axis, got input []"],
  ];
  for (const [call, message] of refused) {
    expect(call).toThrow(layers.LayerError);
    expect(call).toThrow(message);
  }
});
