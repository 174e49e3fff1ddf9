import { compile, grad, hessian, hvp, jacrev } from "@layerwise/autodiff";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import {
  differences,
  expectTensor,
  numbers,
  onCpu,
  type Scalar,
  secondDifferences,
} from "./support.ts";

onCpu();

describe("closed forms", () => {
  test("quadratic form: A + Aᵀ", () => {
    const a = tf.tensor2d([1, 2, 3, 4, 5, 6, 7, 8, 9], [3, 3]);
    const f = (x: tf.Tensor) => tf.dot(x, tf.dot(a, x));
    expectTensor(hessian(f)(tf.tensor1d([1, -2, 3])), [3, 3], [2, 6, 10, 6, 10, 14, 10, 14, 18]);
  });

  test("log-sum-exp: diag(p) − p pᵀ", () => {
    const x = [0.3, -1.2, 2];
    const sum = x.reduce((s, v) => s + Math.exp(v), 0);
    const p = x.map((v) => Math.exp(v) / sum);
    const wanted = p.flatMap((a, i) => p.map((b, k) => (i === k ? a : 0) - a * b));
    expectTensor(hessian((v: tf.Tensor) => tf.logSumExp(v))(tf.tensor1d(x)), [3, 3], wanted);
  });

  test("Rosenbrock", () => {
    const f = (v: tf.Tensor) => {
      const [x, y] = tf.unstack(v) as [tf.Tensor, tf.Tensor];
      return tf.add(tf.square(tf.sub(1, x)), tf.mul(100, tf.square(tf.sub(y, tf.square(x)))));
    };
    const [x, y] = [-1.5, 2];
    const wanted = [2 - 400 * (y - x * x) + 800 * x * x, -400 * x, -400 * x, 200];
    expectTensor(hessian(f)(tf.tensor1d([x, y])), [2, 2], wanted);
  });

  test("of trees, and by several arguments", () => {
    const f = (p: { a: tf.Tensor; b: tf.Tensor }) => tf.sum(tf.mul(tf.square(p.a), p.b));
    const h = hessian(f)({ a: tf.tensor1d([2, 3]), b: tf.tensor1d([5, 7]) });
    expectTensor(h.a.a, [2, 2], [10, 0, 0, 14]);
    expectTensor(h.a.b, [2, 2], [4, 0, 0, 6]);
    expectTensor(h.b.a, [2, 2], [4, 0, 0, 6]);
    expectTensor(h.b.b, [2, 2], [0, 0, 0, 0]);
    const g = (x: tf.Tensor, y: tf.Tensor) => tf.mul(tf.square(x), y);
    const [[xx, xy], [yx, yy]] = hessian(g, { argnums: [0, 1] })(tf.scalar(2), tf.scalar(3));
    expect([xx, xy, yx, yy].map((t) => t.arraySync())).toEqual([6, 4, 4, 0]);
  });

  test("of a function with several results", () => {
    const f = (x: tf.Tensor) => tf.stack([tf.sum(tf.square(x)), tf.prod(x)]);
    expectTensor(hessian(f)(tf.tensor1d([2, 3])), [2, 2, 2], [2, 0, 0, 2, 0, 1, 1, 0]);
  });
});

// tfjs's own second derivatives of these are wrong without an error (issue #3252).
const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
const softmax = (x: readonly number[]): number[] => {
  const sum = x.reduce((s, v) => s + Math.exp(v), 0);
  return x.map((v) => Math.exp(v) / sum);
};
const weights = [0.5, -1.5, 2];
const dotted = (values: readonly number[]): number =>
  values.reduce((s, v, i) => s + v * weights[i]!, 0);
const weighted = (f: (x: tf.Tensor) => tf.Tensor) => (x: tf.Tensor) =>
  tf.sum(tf.mul(f(x), weights)) as tf.Tensor;
const labels = [0.2, 0.5, 0.3];

const functions: readonly (readonly [string, (x: tf.Tensor) => tf.Tensor, Scalar])[] = [
  ["tanh", weighted(tf.tanh), (x) => dotted(x.map(Math.tanh))],
  ["sigmoid", weighted(tf.sigmoid), (x) => dotted(x.map(logistic))],
  ["exp", weighted(tf.exp), (x) => dotted(x.map(Math.exp))],
  ["softmax", weighted(tf.softmax), (x) => dotted(softmax(x))],
  ["logSoftmax", weighted(tf.logSoftmax), (x) => dotted(softmax(x).map(Math.log))],
  ["logSigmoid", weighted(tf.logSigmoid), (x) => dotted(x.map((v) => Math.log(logistic(v))))],
  ["softplus", weighted(tf.softplus), (x) => dotted(x.map((v) => Math.log1p(Math.exp(v))))],
  ["elu", weighted(tf.elu), (x) => dotted(x.map((v) => (v > 0 ? v : Math.expm1(v))))],
  [
    "softmaxCrossEntropy",
    (x) => tf.losses.softmaxCrossEntropy([labels], tf.expandDims(x)),
    (x) => -softmax(x).reduce((s, p, i) => s + labels[i]! * Math.log(p), 0),
  ],
  [
    "sigmoidCrossEntropy",
    (x) => tf.losses.sigmoidCrossEntropy([labels], tf.expandDims(x)),
    (x) =>
      -x.reduce((s, v, i) => {
        const p = logistic(v);
        return s + labels[i]! * Math.log(p) + (1 - labels[i]!) * Math.log(1 - p);
      }, 0) / x.length,
  ],
];

describe("second derivatives agree with central differences in double precision", () => {
  const point = [0.7, -1.1, 0.4].map(Math.fround);
  const x = tf.tensor1d(point);

  test.each(functions)("%s", (_, f, reference) => {
    // The differences themselves are good to about 1e-7, single precision to 1e-6.
    expectTensor(grad(f)(x), [3], differences(reference, point), 2e-6);
    const wanted = secondDifferences(reference, point);
    expectTensor(hessian(f)(x), [3, 3], wanted, 2e-6);
    expectTensor(jacrev(grad(f))(x), [3, 3], wanted, 2e-6);
  });

  test.each(functions)(
    "%s, by grad of grad and by tf.grad of tf.grad in a trace",
    (_, f, reference) => {
      const wanted = secondDifferences(reference, point);
      const rowSums = [0, 1, 2].map((i) =>
        wanted.slice(3 * i, 3 * i + 3).reduce((s, v) => s + v, 0),
      );
      expectTensor(grad((v: tf.Tensor) => tf.sum(grad(f)(v)))(x), [3], rowSums, 4e-6);
      const nested = tf.grad((v) => tf.sum(tf.grad(f)(v)));
      expectTensor(compile(nested)(x), [3], rowSums, 4e-6);
    },
  );
});

describe("hvp", () => {
  test("equals the Hessian times the vector", () => {
    const f = (x: tf.Tensor) => tf.sum(tf.tanh(tf.mul(x, tf.sum(tf.sin(x)))));
    const x = tf.tensor1d([0.3, -0.8, 1.1]);
    const v = tf.tensor1d([1, -2, 0.5]);
    const [product] = hvp(f, [x], [v]);
    expectTensor(product, [3], numbers(tf.dot(hessian(f)(x), v)), 4e-6);
  });

  test("of all arguments and their trees: blocks between arguments count too", () => {
    const f = (p: { w: tf.Tensor }, y: tf.Tensor) => tf.sum(tf.mul(tf.square(p.w), y));
    const [{ w }, y] = hvp(
      f,
      [{ w: tf.tensor1d([2, 3]) }, tf.tensor1d([5, 7])],
      [{ w: tf.tensor1d([1, 0]) }, tf.tensor1d([0, 1])],
    );
    expectTensor(w, [2], [10, 6]); // 2 y dw + 2 w dy
    expectTensor(y, [2], [4, 0]); // 2 w dw
  });
});
