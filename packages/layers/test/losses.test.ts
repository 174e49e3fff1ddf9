import { grad, random } from "@layerwise/autodiff";
import {
  binaryCrossEntropy,
  cosineDistance,
  gaussianKL,
  hinge,
  huber,
  klDivergence,
  l1Penalty,
  l2Penalty,
  maximumMeanDiscrepancy,
  sigmoidBinaryCrossEntropy,
  smoothLabels,
  softmaxCrossEntropy,
  squaredError,
  tripletLoss,
} from "@layerwise/layers";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { alive, maxDifference } from "./setup.ts";

const logits = [
  [1.5, -0.3, 0.2],
  [0, 0, 0],
  [-2, 4, 0.5],
  [1000, -1000, 0],
];
const classes = [2, 0, 1, 0];
const probabilities = [
  [0.2, 0.3, 0.5],
  [1, 0, 0],
  [0, 0.5, 0.5],
  [0.25, 0.5, 0.25],
];

const value = (scalar: tf.Tensor): number => scalar.dataSync()[0] ?? Number.NaN;

// Oracle: the definitions in float64.
const logSoftmax = (row: number[]): number[] => {
  const top = Math.max(...row);
  const total = top + Math.log(row.reduce((sum, v) => sum + Math.exp(v - top), 0));
  return row.map((v) => v - total);
};
const logSigmoid = (v: number): number => Math.min(v, 0) - Math.log1p(Math.exp(-Math.abs(v)));
const sigmoid = (v: number): number => Math.exp(logSigmoid(v));
const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const rows = (fn: (x: number, t: number) => number): number[][] =>
  logits.map((row, i) => row.map((x, j) => fn(x, probabilities[i]?.[j] ?? 0)));
const batchMean = (terms: number[][]): number =>
  mean(terms.map((row) => row.reduce((a, b) => a + b, 0)));

test("softmax cross-entropy: value and gradient (softmax − t) / batch, stable at ±1000", () => {
  const want = mean(
    logits.map(
      (row, i) => -logSoftmax(row).reduce((sum, v, j) => sum + v * (probabilities[i]?.[j] ?? 0), 0),
    ),
  );
  const targets = tf.tensor2d(probabilities);
  const loss = (x: tf.Tensor) => softmaxCrossEntropy(x, targets);
  expect(Math.abs(value(loss(tf.tensor2d(logits))) / want - 1)).toBeLessThan(1e-6);
  const gradient = logits.map((row, i) =>
    logSoftmax(row).map((v, j) => (Math.exp(v) - (probabilities[i]?.[j] ?? 0)) / 4),
  );
  expect(maxDifference(grad(loss)(tf.tensor2d(logits)), gradient)).toBeLessThan(1e-6);
});

test("softmax cross-entropy: class numbers mean one-hot rows, also with more axes", () => {
  const labels = tf.tensor1d(classes, "int32");
  const oneHot = tf.oneHot(labels, 3);
  const x = tf.tensor2d(logits);
  expect(value(softmaxCrossEntropy(x, labels))).toBe(value(softmaxCrossEntropy(x, oneHot)));
  const wide = softmaxCrossEntropy(tf.reshape(x, [2, 2, 3]), tf.reshape(labels, [2, 2]));
  expect(value(wide)).toBeCloseTo(value(softmaxCrossEntropy(x, labels)), 5);
});

test("sigmoid cross-entropy: sum over features, mean over batch; gradient σ(x) − t, also at 0", () => {
  const want = batchMean(rows((x, t) => -t * logSigmoid(x) - (1 - t) * logSigmoid(-x)));
  const targets = tf.tensor2d(probabilities);
  const loss = (x: tf.Tensor) => sigmoidBinaryCrossEntropy(x, targets);
  expect(Math.abs(value(loss(tf.tensor2d(logits))) / want - 1)).toBeLessThan(1e-6);
  const gradient = rows((x, t) => (sigmoid(x) - t) / 4);
  expect(maxDifference(grad(loss)(tf.tensor2d(logits)), gradient)).toBeLessThan(1e-6);
  const extreme = sigmoidBinaryCrossEntropy(tf.tensor2d([[1000, -1000]]), tf.tensor2d([[1, 0]]));
  expect(value(extreme)).toBe(0);
});

test("squared error: sum over features, mean over batch, no half", () => {
  const x = [
    [1, 2],
    [3, -4],
  ];
  const targets = tf.tensor2d([
    [0, 2],
    [1, 1],
  ]);
  const loss = (v: tf.Tensor) => squaredError(v, targets);
  expect(value(loss(tf.tensor2d(x)))).toBe((1 + 0 + 4 + 25) / 2);
  expect(
    maxDifference(grad(loss)(tf.tensor2d(x)), [
      [1, 0],
      [2, -5],
    ]),
  ).toBe(0);
});

test("probabilities: agrees with the loss from logits, logarithms stop at −100", () => {
  const x = tf.tensor2d(logits.slice(0, 3));
  const t = tf.tensor2d(probabilities.slice(0, 3));
  const difference =
    value(binaryCrossEntropy(tf.sigmoid(x), t)) - value(sigmoidBinaryCrossEntropy(x, t));
  expect(Math.abs(difference)).toBeLessThan(2e-6);
  const wrong = tf.tensor2d([[0, 1, 0, 1]]);
  const truth = tf.tensor2d([[1, 0, 0, 1]]);
  expect(value(binaryCrossEntropy(wrong, truth))).toBe(200);
  const slope = grad((p: tf.Tensor) => binaryCrossEntropy(p, truth))(wrong);
  expect([...slope.dataSync()]).toEqual([0, 0, 1, -1]);
});

test("smoothed labels stay probabilities", () => {
  const t = smoothLabels(tf.oneHot(tf.tensor1d(classes, "int32"), 3), 0.3);
  expect(maxDifference(tf.sum(t, -1), [1, 1, 1, 1])).toBeLessThan(1e-6);
  expect(maxDifference(tf.slice(t, 0, 1), [0.1, 0.1, 0.8])).toBeLessThan(1e-6);
  expect(() => smoothLabels(t, 2)).toThrow(
    "smoothLabels: expected a label smoothing in [0, 1], got 2",
  );
  expect(() => softmaxCrossEntropy(t, t, { labelSmoothing: -1 })).toThrow(
    "softmaxCrossEntropy: expected a label smoothing in [0, 1], got -1",
  );
});

test("divergences are 0 between equals, with derivative 0", () => {
  const x = tf.tensor2d(logits.slice(0, 3));
  const zero = grad((v: tf.Tensor) => klDivergence(v, tf.softmax(x)))(x);
  expect(Math.abs(value(klDivergence(x, tf.softmax(x))))).toBeLessThan(1e-6);
  expect(maxDifference(zero, new Array(9).fill(0))).toBeLessThan(1e-6);
  const q = { mean: x, logVariance: tf.mul(x, 0.5) };
  expect(value(gaussianKL(q, q))).toBe(0);
  expect(value(gaussianKL({ mean: tf.zeros([2, 3]), logVariance: tf.zeros([2, 3]) }))).toBe(0);
});

test("cosine distance: 0, 1 and 2; vectors of zeros count as orthogonal, without NaN", () => {
  const x = tf.tensor2d([[3, 4]]);
  const to = (y: number[]): number => value(cosineDistance(x, tf.tensor2d([y])));
  expect(to([6, 8])).toBeCloseTo(0, 6);
  expect(to([-4, 3])).toBeCloseTo(1, 6);
  expect(to([-3, -4])).toBeCloseTo(2, 6);
  expect(to([0, 0])).toBe(1);
  const zero = tf.zeros([1, 2]);
  const slope = grad((v: tf.Tensor) => cosineDistance(v, x))(zero);
  expect([...slope.dataSync()].every(Number.isFinite)).toBe(true);
});

test("MMD: 0 of a sample with itself, translation invariant, near 0 for equal distributions", () => {
  const x = random.normal(random.key(0), [60, 3]);
  const y = random.normal(random.key(1), [50, 3]);
  expect(Math.abs(value(maximumMeanDiscrepancy(x, x)))).toBeLessThan(1e-6);
  const here = value(maximumMeanDiscrepancy(x, y));
  const far = value(maximumMeanDiscrepancy(tf.add(x, 1000), tf.add(y, 1000)));
  // The points themselves are rounded to multiples of 2⁻¹⁴ there.
  expect(Math.abs(here - far)).toBeLessThan(1e-4);
  const unbiased = (seed: number): number => {
    const [a, b] = [seed, seed + 100].map((s) => random.normal(random.key(s), [40, 2]));
    return value(maximumMeanDiscrepancy(a as tf.Tensor, b as tf.Tensor, { unbiased: true }));
  };
  const draws = Array.from({ length: 40 }, (_, i) => unbiased(i));
  const deviation = Math.sqrt(mean(draws.map((v) => v ** 2)) / draws.length);
  expect(Math.abs(mean(draws))).toBeLessThan(4 * deviation);
  expect(Math.min(...draws)).toBeLessThan(0);
  expect(() => maximumMeanDiscrepancy(x, tf.ones([4, 2]))).toThrow(
    "maximumMeanDiscrepancy: expected samples [n, ...] and [m, ...] with n, m of at least 1, " +
      "got [60, 3] and [4, 2]",
  );
  expect(() => maximumMeanDiscrepancy(x, y, { bandwidths: [] })).toThrow("at least one bandwidth");
  expect(() => maximumMeanDiscrepancy(x, y, { bandwidths: [0] })).toThrow(
    "maximumMeanDiscrepancy: expected bandwidths above 0 and finite, got 0",
  );
});

test("penalties choose parameters by path", () => {
  const params = {
    encoder: [{ kernel: tf.tensor2d([[1, -2]]), bias: tf.tensor1d([3]) }],
    out: { kernel: tf.tensor1d([0.5]), bias: null },
    norm: { kernelScale: tf.scalar(7) },
  };
  expect(value(l2Penalty(params, 0.1))).toBeCloseTo(0.525, 6);
  expect(value(l1Penalty(params, 2))).toBe(7);
  expect(value(l1Penalty(params, 1, { match: /^encoder/g }))).toBe(6);
  expect(value(l1Penalty(params, 1, { match: /^encoder/g }))).toBe(6);
  expect(value(l2Penalty(params, 1, { match: (_, leaf) => leaf.rank === 1 }))).toBe(9.25);
  const before = alive();
  l1Penalty(params, 1);
  expect(alive()).toBe(before + 1);
  const slope = grad((p: typeof params) => l2Penalty(p, 0.5))(params);
  expect(slope.encoder[0]?.kernel.arraySync()).toEqual([[1, -2]]);
  expect(slope.encoder[0]?.bias.arraySync()).toEqual([0]);
  expect(() => l1Penalty(params, 1, { match: /weight$/ })).toThrow(
    "l1Penalty: expected parameters that match, got encoder.0.bias, encoder.0.kernel, norm.kernelScale, out.kernel",
  );
  expect(() => l2Penalty(params, -1)).toThrow(
    "l2Penalty: expected a finite strength of at least 0, got -1",
  );
});

test("shape errors name both shapes", () => {
  const x = tf.ones([4, 3]);
  expect(() => softmaxCrossEntropy(x, tf.ones([4]))).toThrow(
    "softmaxCrossEntropy: expected labels int32 [4] or probabilities [4, 3], got float32 [4]",
  );
  expect(() => softmaxCrossEntropy(x, tf.ones([4, 2]))).toThrow(
    "softmaxCrossEntropy: expected targets of shape [4, 3], got [4, 2]",
  );
  expect(() => squaredError(x, tf.ones([3]))).toThrow(
    "squaredError: expected targets of shape [4, 3], got [3]",
  );
  expect(() => tripletLoss(x, x, tf.ones([4, 2]))).toThrow(
    "tripletLoss: expected targets of shape [4, 3], got [4, 2]",
  );
  expect(() => hinge(x, tf.ones([4]))).toThrow("hinge: expected targets of shape [4, 3], got [4]");
  expect(() => huber(x, x, { delta: 0 })).toThrow(
    "huber: expected delta above 0 and finite, got 0",
  );
});
