import { random } from "@layerwise/autodiff";
import type { Initializer, Shape } from "@layerwise/layers";
import * as layers from "@layerwise/layers";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { alive, maxDifference } from "./setup.ts";

const key = random.key(12);
const matrix = (init: Initializer, shape: Shape, seed = 12): tf.Tensor2D =>
  init(random.key(seed), shape) as tf.Tensor2D;

/** Largest |QᵀQ − gain²·I| on the smaller side. */
function offOrthogonal(q: tf.Tensor2D, gain = 1): number {
  const [rows, columns] = q.shape;
  const wide = rows < columns;
  const gram = tf.matMul(q, q, !wide, wide);
  const size = Math.min(rows, columns);
  return maxDifference(gram, tf.mul(tf.eye(size), gain ** 2).arraySync());
}

test.each([[[20, 20]], [[100, 30]], [[30, 100]], [[150, 150]], [[33, 65]], [[1, 4]]])(
  "orthogonal %s: ‖QᵀQ − I‖ below 1e-5",
  (shape) => {
    expect(offOrthogonal(matrix(layers.orthogonal(), shape))).toBeLessThan(1e-6);
    expect(offOrthogonal(matrix(layers.orthogonal({ gain: 3 }), shape), 3)).toBeLessThan(1e-5);
  },
);

test("a kernel of more axes is a matrix [all others, last]", () => {
  const kernel = layers.orthogonal()(key, [3, 3, 4, 8]);
  expect(kernel.shape).toEqual([3, 3, 4, 8]);
  expect(offOrthogonal(tf.reshape(kernel, [36, 8]) as tf.Tensor2D)).toBeLessThan(1e-6);
});

test("orthogonal matrices are uniform: the sign of no entry is preferred (4 sigma)", () => {
  // Without the sign of R's diagonal, LAPACK's Q has a preferred first column.
  const draws = 150;
  let [first, trace] = [0, 0];
  for (let i = 0; i < draws; i++) {
    const q = layers.orthogonal()(random.foldIn(key, i), [2, 2]).dataSync();
    first += Math.sign(q[0] ?? 0);
    trace += (q[0] ?? 0) + (q[3] ?? 0);
  }
  expect(Math.abs(first)).toBeLessThan(4 * Math.sqrt(draws));
  // The trace of a Haar matrix has mean 0 and variance 1.
  expect(Math.abs(trace)).toBeLessThan(4 * Math.sqrt(draws));
});

test("a deltaOrthogonal convolution keeps the norm of its input", () => {
  const kernel = layers.deltaOrthogonal()(key, [3, 3, 4, 6]) as tf.Tensor4D;
  const x = random.normal(random.key(1), [2, 5, 5, 4]) as tf.Tensor4D;
  const y = tf.conv2d(x, kernel, 1, "same");
  const ratio = tf.div(tf.norm(y), tf.norm(x)).dataSync()[0] ?? 0;
  expect(Math.abs(ratio - 1)).toBeLessThan(1e-6);
});

test("a dirac convolution passes its input on", () => {
  const kernel = layers.dirac()(key, [3, 3, 4, 6]) as tf.Tensor4D;
  const x = random.normal(random.key(1), [2, 5, 5, 4]) as tf.Tensor4D;
  const y = tf.conv2d(x, kernel, 1, "same");
  expect(maxDifference(tf.slice(y, [0, 0, 0, 0], [2, 5, 5, 4]), x.arraySync())).toBe(0);
  expect(tf.max(tf.abs(tf.slice(y, [0, 0, 0, 4], [2, 5, 5, 2]))).dataSync()[0]).toBe(0);
});

describe("sparse", () => {
  test("each unit has exactly 15 connections, at different places, of deviation 1", () => {
    const w = matrix(layers.sparse(), [200, 300]);
    const nonzero = tf.notEqual(w, 0);
    expect(new Set(tf.sum(nonzero, 0).dataSync())).toEqual(new Set([15]));
    // Each input has 300 · 15 / 200 = 22.5 on average; 5 sigma is 22.8.
    expect(tf.max(tf.sum(nonzero, 1)).dataSync()[0]).toBeLessThan(46);
    const sumOfSquares = tf.sum(tf.square(w)).dataSync()[0] ?? 0;
    // χ² of 4500 degrees: deviation 95.
    expect(Math.abs(sumOfSquares - 4500)).toBeLessThan(4 * 95);
  });

  test("fewer inputs than connections are all connected; sparsity 1 leaves nothing", () => {
    expect(tf.sum(tf.notEqual(matrix(layers.sparse(), [4, 3]), 0)).dataSync()[0]).toBe(12);
    expect(
      tf.sum(tf.notEqual(matrix(layers.sparse({ sparsity: 1 }), [4, 3]), 0)).dataSync()[0],
    ).toBe(0);
    const std = tf.moments(matrix(layers.sparse({ sparsity: 0 }), [300, 300])).variance.dataSync();
    expect(Math.abs(Math.sqrt(std[0] ?? 0) / 0.01 - 1)).toBeLessThan(0.01);
  });
});

test("eye has the gain on its diagonal, irnn remembers", () => {
  expect(matrix(layers.eye(), [2, 3]).arraySync()).toEqual([
    [1, 0, 0],
    [0, 1, 0],
  ]);
  const { kernelInit, recurrentInit, biasInit } = layers.irnn({ gain: 0.5 });
  expect(matrix(recurrentInit, [2, 2]).arraySync()).toEqual([
    [0.5, 0],
    [0, 0.5],
  ]);
  expect(biasInit(key, [2]).arraySync()).toEqual([0, 0]);
  const { variance } = tf.moments(kernelInit(key, [300, 300]));
  expect(Math.abs(Math.sqrt(variance.dataSync()[0] ?? 0) / 0.001 - 1)).toBeLessThan(0.01);
});

test("siren keeps the deviation of sine activations over ten layers", () => {
  const limit = (init: Initializer): number => tf.max(init(key, [400, 600])).dataSync()[0] ?? 0;
  expect(limit(layers.siren({ first: true }))).toBeCloseTo(1 / 400, 5);
  expect(limit(layers.siren())).toBeCloseTo(Math.sqrt(6 / 400) / 30, 5);
  expect(limit(layers.siren({ omega: 10 }))).toBeCloseTo(Math.sqrt(6 / 400) / 10, 4);
  // Before a sine the variance is 2 v, after it (1 − exp(−4 v)) / 2: v = 0.398 where it stays.
  let x = tf.sin(tf.mul(random.uniform(key, [128, 100], { minval: -1, maxval: 1 }), 30));
  for (let i = 0; i < 10; i++) {
    const w = layers.siren()(random.foldIn(key, i), [100, 100]);
    x = tf.sin(tf.mul(tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D), 30));
  }
  const { variance } = tf.moments(x);
  expect(Math.abs((variance.dataSync()[0] ?? 0) - 0.398)).toBeLessThan(0.04);
});

test("fixup scales He's normal by branches^(−1 / (2 layers − 2))", () => {
  const std = (init: Initializer): number =>
    Math.sqrt(tf.moments(init(key, [400, 600])).variance.dataSync()[0] ?? 0);
  const he = Math.sqrt(2 / 400);
  expect(std(layers.fixup({ branches: 16 })) / (he * 16 ** -0.5)).toBeCloseTo(1, 2);
  expect(std(layers.fixup({ branches: 16, layers: 3 })) / (he * 16 ** -0.25)).toBeCloseTo(1, 2);
});

test("initializers leave nothing but their result and do not take shapes that do not fit", () => {
  const made: [Initializer, Shape][] = [
    [layers.orthogonal(), [40, 36]],
    [layers.deltaOrthogonal(), [3, 2, 4]],
    [layers.dirac({ groups: 2 }), [3, 2, 4]],
    [layers.sparse(), [20, 3]],
    [layers.eye(), [3, 3]],
    [layers.siren(), [3, 3]],
    [layers.truncatedNormalBetween(), [9]],
    [layers.forgetBias(), [8]],
    [layers.priorBias([0.1, 0.2]), [2]],
    [layers.classPriorBias([1, 2]), [2]],
    [layers.copyOf(tf.ones([2])), [2]],
  ];
  for (const [init, shape] of made) {
    const before = alive();
    const y = init(key, shape);
    expect(alive()).toBe(before + 1);
    expect([y.dtype, ...y.shape]).toEqual(["float32", ...shape]);
    expect(maxDifference(init(key, shape), y.arraySync())).toBe(0);
  }
  const refused: [() => unknown, string][] = [
    [
      () => layers.orthogonal()(key, [3]),
      "orthogonal: expected a shape [..., rows, columns], got [3]",
    ],
    [() => layers.deltaOrthogonal()(key, [3, 4, 2]), "deltaOrthogonal: expected a shape"],
    [() => layers.eye()(key, [3]), "eye: expected a shape [rows, columns], got [3]"],
    [() => layers.dirac({ groups: 3 })(key, [3, 2, 4]), "outputs divisible by 3, got [3, 2, 4]"],
    [() => layers.sparse()(key, [3]), "sparse: expected a shape [inputs, units], got [3]"],
    [() => layers.sparse({ connections: 0 }), "sparse: expected a positive whole number"],
    [() => layers.sparse({ sparsity: 2 }), "sparse: expected a sparsity in [0, 1], got 2"],
    [() => layers.sparse({ sparsity: 0, connections: 1 }), "connections or sparsity, got both"],
    [() => layers.siren({ omega: 0 }), "siren: expected a finite positive omega, got 0"],
    [() => layers.fixup({ branches: 0 }), "fixup: expected a finite positive number of branches"],
    [() => layers.fixup({ branches: 1, layers: 1 }), "fixup: expected at least 2 layers"],
    [() => layers.varianceScaling({ scale: -1 }), "varianceScaling: expected a finite positive"],
    [() => layers.truncatedNormalBetween({ stddev: 0 }), "truncatedNormalBetween: expected bounds"],
    [() => layers.truncatedNormalBetween({ min: 9 }), "truncatedNormalBetween: expected bounds"],
    [() => layers.forgetBias()(key, [6]), "forgetBias: expected a shape [4 units], got [6]"],
    [() => layers.priorBias(1), "priorBias: expected probabilities in (0, 1), got 1"],
    [() => layers.priorBias([0.5])(key, [2]), "priorBias: expected a bias [1], one for each"],
    [() => layers.classPriorBias([]), "classPriorBias: expected positive frequencies, got none"],
    [() => layers.classPriorBias([1, 0]), "classPriorBias: expected positive frequencies, got 0"],
    [() => layers.copyOf(tf.ones([2]))(key, [3]), "copyOf: expected a parameter [2], got [3]"],
    [() => layers.visibleBias(tf.ones([3])), "visibleBias: expected data [cases, ...features]"],
  ];
  for (const [call, message] of refused) {
    expect(call).toThrow(layers.LayerError);
    expect(call).toThrow(message);
  }
});
