import { psgdKron, scaleByPsgdKron } from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import golden from "./fixtures/optimizers.json" with { type: "json" };
import { any, derived, ema, type Rule, worst } from "./support/derived.ts";
import { eagerDifferences, float64Differences } from "./support/golden.ts";
import { build, eye, frobenius, type Matrix, product, transposed, zip } from "./support/matrix.ts";
import "./setup.ts";

const [rate, mu, beta, b1, decay, damping] = [0.1, 0.2, 0.8, 0.9, 0.01, 1e-3];

const kronecker = (a: Matrix, b: Matrix): Matrix =>
  build(a.length * b.length, a.length * b.length, (i, j) => {
    const [r, c] = [Math.floor(i / b.length), Math.floor(j / b.length)];
    return (a[r]?.[c] ?? Number.NaN) * (b[i % b.length]?.[j % b.length] ?? Number.NaN);
  });

/** The mean direction, clipped to a root mean square of 1.1, with decay. */
const step = (p: Matrix, u: Matrix): Matrix => {
  const rms = frobenius(u) / Math.sqrt(u.flat().length);
  return zip((x, y) => x - rate * (y / Math.max(1, rms / 1.1) + decay * x), p, u);
};

/**
 * The rule with the whole matrix P = P_L ⊗ P_R: moments of P (g + n) over noise n of size `damping` are
 * sums over blocks of P (g gᵀ + damping² I) P. Vectors have one diagonal factor.
 */
function whitening(rows: number, columns: number): Rule {
  let [left, right]: Matrix[] = [eye(rows), eye(columns)];
  let [ofLeft, ofRight] = [0, 0];
  let m: Matrix = build(rows, columns, () => 0);
  let t = 0;
  const fit = (q: Matrix, moment: Matrix, lipschitz: number): [Matrix, number] => {
    const size = (rows * columns) / q.length;
    const bound =
      columns === 1 ? Math.max(...moment.map((row, i) => row[i] ?? 0)) : frobenius(moment);
    const next = Math.max(beta * lipschitz + (1 - beta) * (bound + size), bound + size);
    const excess = zip((x, one) => x - size * one, moment, eye(q.length));
    return [zip((x, y) => x - (mu / next) * y, q, product(q, excess)), next];
  };
  return (grad, p) => {
    m = ema(b1, m, grad);
    t++;
    const g = zip((x) => x / (1 - b1 ** t), m);
    let [l, r] = [left, right] as [Matrix, Matrix];
    if (t === 1) {
      const fourth = g.flat().reduce((sum, x) => sum + x ** 4, 0) / (rows * columns);
      const scale = fourth ** (-1 / (columns === 1 ? 8 : 16));
      l = zip((x) => scale * x, l);
      if (columns > 1) r = zip((x) => scale * x, r);
    }
    const squared = (q: Matrix): Matrix => product(transposed(q), q);
    const whole = kronecker(squared(l), squared(r));
    const vector = g.flat().map((x) => [x]);
    const covariance = zip(
      (x, one) => x + damping ** 2 * one,
      product(vector, transposed(vector)),
      eye(rows * columns),
    );
    const moments = product(product(whole, covariance), whole);
    const block = (i: number, j: number): number => moments[i]?.[j] ?? Number.NaN;
    const sum = (n: number, term: (k: number) => number): number => {
      let total = 0;
      for (let k = 0; k < n; k++) total += term(k);
      return total;
    };
    const along = build(rows, rows, (i, j) =>
      columns === 1 && i !== j ? 0 : sum(columns, (k) => block(i * columns + k, j * columns + k)),
    );
    const across = build(columns, columns, (i, j) =>
      sum(rows, (k) => block(k * columns + i, k * columns + j)),
    );
    [left, ofLeft] = fit(l, along, ofLeft);
    if (columns > 1) [right, ofRight] = fit(r, across, ofRight);
    const flat = product(kronecker(squared(left), squared(right as Matrix)), vector).flat();
    return step(
      p,
      build(rows, columns, (i, j) => flat[i * columns + j] ?? Number.NaN),
    );
  };
}

test("psgdKron is the rule with the whole Kronecker matrix (oracle: plain JavaScript)", () => {
  const optimizer = any(
    psgdKron({
      learningRate: rate,
      b1,
      weightDecay: decay,
      preconditionerLearningRate: mu,
      lipschitzDecay: beta,
      damping,
    }),
  );
  const oracle = derived({ w: whitening(3, 4), b: whitening(4, 1) });
  expect(worst(float64Differences(optimizer, oracle))).toBeLessThan(1e-12);
  expect(worst(eagerDifferences(optimizer, oracle))).toBeLessThan(1e-4);
});

test("whitens: P E[g gᵀ] P = I for gradients with a Kronecker-factored covariance", () => {
  const tx = scaleByPsgdKron({ preconditionerLearningRate: 0.02 });
  const [a, b] = [tf.tensor2d([2, 0, 1, 0.1], [2, 2]), tf.tensor2d([1, 0.5, 0, 0.2], [2, 2])];
  // A E B for all unit matrices E in turn: their covariance is (A Aᵀ ⊗ Bᵀ B) / 4.
  const source = [0, 1, 2, 3].map((i) =>
    tf.matMul(tf.matMul(a, tf.reshape(tf.oneHot(i, 4), [2, 2])), b),
  );
  let state = tx.init(a);
  let seen: tf.Tensor[] = [];
  for (let i = 0; i < 440; i++) {
    const result = tx.update(source[i % 4] as tf.Tensor2D, state);
    seen = [...seen.slice(-3), tf.reshape(result.updates, [4])];
    state = result.state;
  }
  const rows = tf.stack(seen);
  const covariance = tf.div(tf.matMul(rows, rows, true, false), 4);
  const error = tf.max(tf.abs(tf.sub(covariance, tf.eye(4))));
  // The fit keeps turning at each step: the error is 0.154, 0.064, 0.032 at rates 0.05, 0.02, 0.01.
  expect(error.dataSync()[0]).toBeLessThan(0.07);
});

test("does not feel the scale of gradients", () => {
  const run = (scale: number): tf.Tensor => {
    const tx = scaleByPsgdKron({ damping: 0 });
    let state = tx.init(tf.tensor2d(golden.params.w));
    let updates: tf.Tensor = tf.scalar(0);
    for (const { w } of golden.grads.slice(0, 5)) {
      const result = tx.update(tf.mul(tf.tensor2d(w), scale), state);
      ({ updates, state } = { updates: result.updates as tf.Tensor, state: result.state });
    }
    return updates;
  };
  const difference = tf.max(tf.abs(tf.sub(run(1), run(4096)))).dataSync()[0];
  expect(difference).toBeLessThan(1e-4);
});

test("a first gradient of zeros changes nothing but the fit; errors name the option", () => {
  const tx = scaleByPsgdKron();
  const zero = tf.zeros([2, 3]);
  const { updates, state } = tx.update(zero, tx.init(zero));
  expect(Math.max(...updates.dataSync())).toBe(0);
  const scalar = tf.scalar(2);
  expect(tx.update(scalar, tx.init(scalar)).updates.shape).toEqual([]);
  expect([...state.count.dataSync()]).toEqual([1]);
  expect(() => psgdKron({ learningRate: 1, preconditionerLearningRate: 1 })).toThrow(
    "scaleByPsgdKron: preconditionerLearningRate: expected a number in [0, 1), got 1",
  );
  expect(() => psgdKron({ learningRate: 1, b1: 1 })).toThrow(
    "psgdKron: b1: expected a number in [0, 1), got 1",
  );
});
