import { grad } from "@layerwise/autodiff";
import {
  accuracy,
  errorRate,
  sigmoidBinaryCrossEntropy,
  softmaxCrossEntropy,
  squaredError,
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

test("accuracy and error rate count arg-max hits", () => {
  const x = tf.tensor2d(logits);
  const labels = tf.tensor1d([0, 1, 1, 0], "int32");
  expect(value(accuracy(x, labels))).toBe(0.75);
  expect(value(errorRate(x, labels))).toBe(0.25);
  expect(value(accuracy(x, tf.oneHot(labels, 3)))).toBe(0.75);
});

test("losses leave only their result", () => {
  const x = tf.tensor2d(logits);
  const t = tf.tensor2d(probabilities);
  for (const fn of [
    softmaxCrossEntropy,
    sigmoidBinaryCrossEntropy,
    squaredError,
    accuracy,
    errorRate,
  ]) {
    const before = alive();
    expect(fn(x, t).shape).toEqual([]);
    expect(alive()).toBe(before + 1);
  }
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
});
