import { compile, random } from "@layerwise/autodiff";
import {
  accuracy,
  auc,
  confusionMatrix,
  errorRate,
  expectedCalibrationError,
  f1Score,
  precision,
  recall,
  topKAccuracy,
} from "@layerwise/layers";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { alive, maxDifference } from "./setup.ts";

const value = (scalar: tf.Tensor): number => scalar.dataSync()[0] ?? Number.NaN;

const logits = tf.tensor2d([
  [1.5, -0.3, 0.2],
  [0, 0, 0],
  [-2, 4, 0.5],
  [1000, -1000, 0],
]);
const labels = tf.tensor1d([0, 1, 1, 0], "int32");

test("accuracy and error rate count arg-max hits", () => {
  expect(value(accuracy(logits, labels))).toBe(0.75);
  expect(value(errorRate(logits, labels))).toBe(0.25);
  expect(value(accuracy(logits, tf.oneHot(labels, 3)))).toBe(0.75);
});

test("top-k accuracy: k = 1 is accuracy, k = classes is 1, ties go to the first", () => {
  expect([1, 2, 3].map((k) => value(topKAccuracy(logits, labels, k)))).toEqual([0.75, 1, 1]);
  const tied = tf.zeros([1, 4]);
  const last = tf.tensor1d([3], "int32");
  expect([1, 3, 4].map((k) => value(topKAccuracy(tied, last, k)))).toEqual([0, 0, 1]);
  const many = random.normal(random.key(0), [200, 7]);
  const classes = random.randint(random.key(1), [200], 0, 7);
  // Oracle: the place of the label's logit in the sorted row.
  const [rows, wanted] = [many.arraySync() as number[][], [...classes.dataSync()]];
  const ranks = rows.map((row, i) => row.filter((v) => v > (row[wanted[i] ?? 0] ?? 0)).length);
  for (const k of [1, 2, 5]) {
    const share = ranks.filter((rank) => rank < k).length / 200;
    expect(value(topKAccuracy(many, classes, k))).toBeCloseTo(share, 6);
  }
  expect(() => topKAccuracy(logits, labels, 4)).toThrow(
    "topKAccuracy: expected a whole k from 1 to 3, got 4",
  );
});

test("confusion matrix: rows are classes, columns predictions; scores by hand", () => {
  const predicted = [0, 0, 1, 2, 2, 2, 0, 1];
  const actual = [0, 1, 1, 2, 0, 2, 0, 2];
  const x = tf.oneHot(tf.tensor1d(predicted, "int32"), 4);
  const counts = confusionMatrix(x, tf.tensor1d(actual, "int32"));
  expect(counts.arraySync()).toEqual([
    [2, 0, 1, 0],
    [1, 1, 0, 0],
    [0, 1, 2, 0],
    [0, 0, 0, 0],
  ]);
  expect(maxDifference(precision(counts), [2 / 3, 1 / 2, 2 / 3, 0])).toBeLessThan(1e-7);
  expect(maxDifference(recall(counts), [2 / 3, 1 / 2, 2 / 3, 0])).toBeLessThan(1e-7);
  const other = tf.tensor2d([
    [5, 3],
    [1, 2],
  ]);
  expect(maxDifference(precision(other), [5 / 6, 2 / 5])).toBeLessThan(1e-7);
  expect(maxDifference(recall(other), [5 / 8, 2 / 3])).toBeLessThan(1e-7);
  // The harmonic means of the two.
  expect(maxDifference(f1Score(other), [10 / 14, 1 / 2])).toBeLessThan(1e-7);
  expect(() => precision(tf.zeros([2, 3]))).toThrow(
    "precision: expected a matrix [classes, classes], got [2, 3]",
  );
});

/** The definition: the share of (positive, negative) pairs in order, ties half. */
const areaByPairs = (scores: readonly number[], truth: readonly number[]): number => {
  let [won, pairs] = [0, 0];
  scores.forEach((p, i) => {
    if (truth[i] !== 1) return;
    scores.forEach((n, j) => {
      if (truth[j] !== 0) return;
      pairs++;
      won += p > n ? 1 : p === n ? 0.5 : 0;
    });
  });
  return won / pairs;
};

test("AUC agrees with the count of pairs, with and without ties", () => {
  for (const levels of [3, 10, 1e6]) {
    const n = 300;
    const scores = tf.cast(random.randint(random.key(levels), [n], 0, levels), "float32");
    const truth = random.randint(random.key(7), [n], 0, 2);
    const want = areaByPairs([...scores.dataSync()], [...truth.dataSync()]);
    expect(Math.abs(value(auc(scores, truth)) - want)).toBeLessThan(1e-6);
  }
  const at = (scores: number[], truth: number[]): number =>
    value(auc(tf.tensor1d(scores), tf.tensor1d(truth)));
  expect(at([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])).toBe(0.75);
  expect(at([1, 2, 3], [0, 0, 1])).toBe(1);
  expect(at([1, 2, 3], [1, 1, 0])).toBe(0);
  expect(at([5, 5, 5], [1, 0, 1])).toBe(0.5);
  expect(at([1, 2], [1, 1])).toBeNaN();
  expect(() => auc(tf.zeros([2, 1]), tf.zeros([2]))).toThrow(
    "auc: expected scores [n] and labels [n], got [2, 1] and [2]",
  );
});

test("AUC of 20000 examples is as good as float64 ranks", () => {
  const n = 20_000;
  const noise = random.normal(random.key(3), [n]);
  const truth = tf.cast(random.bernoulli(random.key(4), 0.1, [n]), "float32");
  const scores = tf.add(noise, truth);
  const order = [...scores.dataSync()].map((s, i) => [s, truth.dataSync()[i] ?? 0] as const);
  order.sort(([a], [b]) => a - b);
  const positives = order.filter(([, t]) => t === 1).length;
  const ranks = order.reduce((sum, [, t], i) => sum + (t === 1 ? i + 1 : 0), 0);
  // Mann and Whitney's U; equal scores are too few to matter at 1e-6.
  const want = (ranks - (positives * (positives + 1)) / 2) / (positives * (n - positives));
  expect(Math.abs(value(auc(scores, truth)) - want)).toBeLessThan(1e-6);
});

test("calibration error agrees with its definition; 0 where confidence is right", () => {
  const rows = tf.softmax(tf.mul(random.normal(random.key(5), [500, 4]), 2)) as tf.Tensor2D;
  const classes = random.randint(random.key(6), [500], 0, 4);
  const wanted = [...classes.dataSync()];
  for (const bins of [1, 10, 15]) {
    const sums = new Array<number>(bins).fill(0);
    rows.arraySync().forEach((row, i) => {
      const top = Math.max(...row);
      const bin = Math.max(0, Math.ceil(Math.fround(top * bins)) - 1);
      sums[bin] = (sums[bin] ?? 0) + (row.indexOf(top) === wanted[i] ? 1 : 0) - top;
    });
    const want = sums.reduce((sum, v) => sum + Math.abs(v), 0) / 500;
    const got = value(expectedCalibrationError(rows, classes, { bins }));
    expect(Math.abs(got - want)).toBeLessThan(1e-6);
  }
  // A half is the last of its bin: these two are in different ones.
  const edge = tf.tensor2d([
    [0.5, 0.5],
    [0.625, 0.375],
  ]);
  const apart = expectedCalibrationError(edge, tf.tensor1d([1, 0], "int32"), { bins: 4 });
  expect(value(apart)).toBe((0.5 + 0.375) / 2);
  const sure = tf.oneHot(classes, 4);
  expect(value(expectedCalibrationError(tf.cast(sure, "float32"), classes))).toBe(0);
  expect(() => expectedCalibrationError(rows, classes, { bins: 0 })).toThrow(
    "expectedCalibrationError: expected a positive number of bins, got 0",
  );
});

test("metrics leave only their result, and compiled ones agree", () => {
  const scores = tf.tensor1d([0.5, 0.25, 0.25, 1]);
  const binary = tf.tensor1d([1, 0, 1, 1]);
  const counts = confusionMatrix(logits, labels);
  const probabilities = tf.softmax(logits);
  const calls: (() => tf.Tensor)[] = [
    () => accuracy(logits, labels),
    () => errorRate(logits, labels),
    () => topKAccuracy(logits, labels, 2),
    () => confusionMatrix(logits, labels),
    () => precision(counts),
    () => recall(counts),
    () => f1Score(counts),
    () => auc(scores, binary),
    () => expectedCalibrationError(probabilities, labels),
  ];
  for (const call of calls) {
    const before = alive();
    const eager = call();
    expect(alive()).toBe(before + 1);
    const compiled = compile(call);
    expect(maxDifference(compiled(), eager.arraySync())).toBeLessThan(1e-6);
    compiled.dispose();
  }
});
