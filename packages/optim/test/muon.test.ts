import {
  applyUpdates,
  type GradientTransformation,
  muon,
  orthogonalize,
  scaleByMuon,
  scaleByShampoo,
  scaleByShape,
} from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import golden from "./fixtures/optimizers.json" with { type: "json" };
import { any, derived, descend, type Rule, worst } from "./support/derived.ts";
import { eagerDifferences, float64Differences } from "./support/golden.ts";
import { frobenius, type Matrix, power, product, transposed, zip } from "./support/matrix.ts";
import "./setup.ts";

const wide = tf.tensor2d(golden.params.w);
const convergent = { coefficients: [15 / 8, -5 / 4, 3 / 8], steps: 15 } as const;
const largest = (x: tf.Tensor): number => tf.max(tf.abs(x)).dataSync()[0] ?? Number.NaN;

describe("orthogonalize", () => {
  test("gives the polar factor M (MᵀM)^(−1/2) (oracle: Jacobi eigenvalues in plain JavaScript)", () => {
    const tall = transposed(golden.params.w);
    const want = product(tall, power(product(transposed(tall), tall), -0.5));
    const got = orthogonalize(tf.tensor2d(tall), convergent);
    expect(largest(tf.sub(got, want))).toBeLessThan(2e-6);
  });

  test("brings singular values to [0.68, 1.14] with the published coefficients, near 1 with others", () => {
    // The square of the singular values of a wide matrix are the eigenvalues of X Xᵀ.
    const q = orthogonalize(tf.tensor2d([3, 1, 0, 0.2, -0.5, 1], [2, 3]));
    const gram = tf.matMul(q, q, false, true).arraySync() as [[number, number], [number, number]];
    const [mean, gap] = [(gram[0][0] + gram[1][1]) / 2, (gram[0][0] - gram[1][1]) / 2];
    const radius = Math.hypot(gap, gram[0][1]);
    expect(Math.sqrt(mean - radius)).toBeGreaterThan(0.68);
    expect(Math.sqrt(mean + radius)).toBeLessThan(1.14);
  });

  test("commutes with transposition, rotation and batching, and ignores scale", () => {
    const q = orthogonalize(wide);
    expect(largest(tf.sub(orthogonalize(tf.transpose(wide)), tf.transpose(q)))).toBeLessThan(1e-6);
    const turn = tf.tensor2d([0.6, 0.8, 0, -0.8, 0.6, 0, 0, 0, 1], [3, 3]);
    const turned = orthogonalize(tf.matMul(turn, wide) as tf.Tensor);
    expect(largest(tf.sub(turned, tf.matMul(turn, q)))).toBeLessThan(2e-6);
    expect(largest(tf.sub(orthogonalize(tf.mul(wide, 1000)), q))).toBeLessThan(1e-6);
    const batch = orthogonalize(tf.stack([wide, tf.mul(wide, -2)]));
    expect(largest(tf.sub(batch, tf.stack([q, tf.neg(q)])))).toBeLessThan(1e-6);
  });

  test("keeps zero zero, and makes no other tensors than its result", () => {
    const zero = tf.zeros([3, 2]);
    const before = tf.memory().numTensors;
    expect(largest(orthogonalize(zero))).toBe(0);
    expect(tf.memory().numTensors).toBe(before + 3);
  });
});

describe("muon without bias correction is PyTorch's and Keras's (oracle: plain JavaScript)", () => {
  const [rate, beta] = [0.05, 0.95];
  const orthogonal = (m: Matrix): Matrix => {
    const [a, b, c] = [3.4445, -4.775, 2.0315];
    const norm = frobenius(m);
    // Transposed where PyTorch is not: the result is the same.
    let x: Matrix = zip((y) => y / norm, transposed(m));
    for (let i = 0; i < 5; i++) {
      const gram = product(transposed(x), x);
      const polynomial = zip((g, s) => b * g + c * s, gram, product(gram, gram));
      x = zip((y, z) => a * y + z, x, product(x, polynomial));
    }
    return transposed(x);
  };
  const w = (nesterov: boolean): Rule => {
    let m: Matrix = zip(() => 0, golden.params.w);
    return (g, p) => {
      // Keras: sums. PyTorch: averages, which are 1 − β times them.
      m = zip((y, x) => beta * y + x, m, g);
      const ahead = nesterov ? zip((y, x) => beta * y + x, m, g) : m;
      const scale = Math.sqrt(4 / 3);
      return descend(rate * scale, p, orthogonal(ahead));
    };
  };

  test.each([true, false])("nesterov: %s", (nesterov) => {
    // A rate of 0 for Adam leaves the vector where it is.
    const oracle = derived({ w: w(nesterov), b: (_, p) => p });
    const options = { learningRate: rate, beta, nesterov, debias: false, eps: 0 } as const;
    const optimizer = any(
      muon({ ...options, adamLearningRate: 0, useMuon: (_, x) => x.rank === 2 }),
    );
    expect(worst(float64Differences(optimizer, oracle))).toBeLessThan(1e-12);
    expect(worst(eagerDifferences(optimizer, oracle))).toBeLessThan(1e-5);
  });
});

test("muon: paths choose the part; all may be one part; matrices near Adam's size", () => {
  const params = { head: { w: wide }, body: { w: tf.clone(wide), b: tf.zeros([4]) } };
  const tx = muon({
    learningRate: 1,
    adamLearningRate: 0.5,
    nesterov: false,
    useMuon: (path) => path === "body.w",
  });
  const { updates, state } = tx.update(params, tx.init(params), params);
  expect(largest(tf.sub(tf.abs(updates.head.w), 0.5))).toBeLessThan(1e-5);
  expect(largest(tf.sub(tf.abs(updates.body.w), 0.5))).toBeGreaterThan(0.1);
  expect((state.muon[0].mu as typeof params).head.w).toBe(null);
  const only = muon({ learningRate: 1 });
  expect(only.update([wide], only.init([wide]), [wide]).updates).toHaveLength(1);
  const shape = scaleByShape({ consistentRms: 0.2 });
  const sized = shape.update(orthogonalize(wide, convergent), shape.init(wide)).updates;
  expect(Math.sqrt(tf.mean(tf.square(sized)).dataSync()[0] ?? 0)).toBeCloseTo(0.2, 5);
});

test("on matrices: to the minimum of ‖A X − B‖² with a Hessian of condition 100, where the rate falls", () => {
  const a = tf.tensor2d([3, 0, 0, 0, 1, 0, 0, 0, 0.3], [3, 3]);
  const goal = tf.tensor2d([1, -2, 3, 0.5, 0, -1], [3, 2]);
  const optimizers: [GradientTransformation<unknown>, number][] = [
    [scaleByMuon({ beta: 0.8 }) as GradientTransformation<unknown>, 0.3],
    [scaleByShampoo({ b2: 0.9 }) as GradientTransformation<unknown>, 0.3],
  ];
  for (const [tx, rate] of optimizers) {
    let x = tf.zeros([3, 2]) as tf.Tensor;
    let state = tx.init(x);
    for (let i = 0; i < 80; i++) {
      const grads = tf.matMul(a, tf.matMul(a, tf.sub(x, goal)), true, false);
      const next = tx.update(grads, state, x);
      state = next.state;
      x = applyUpdates(x, tf.mul(next.updates, -rate * (1 - i / 80)));
    }
    expect(largest(tf.sub(x, goal))).toBeLessThan(0.02);
  }
});

test("errors name what is wrong", () => {
  const vector = tf.zeros([4]);
  expect(() => orthogonalize(vector)).toThrow("orthogonalize: expected a matrix, got shape [4]");
  expect(() => scaleByMuon().init({ b: vector })).toThrow(
    "scaleByMuon: expected matrices, got shape [4]",
  );
  expect(() => scaleByShape().update(vector, null)).toThrow("scaleByShape: expected matrices");
  expect(() => scaleByMuon({ beta: 1 })).toThrow("scaleByMuon: beta: expected a number in [0, 1)");
  expect(() => muon({ learningRate: 1, steps: 0 })).toThrow("scaleByMuon: steps");
  expect(() => muon({ learningRate: -1 })).toThrow("muon: learningRate: expected");
});
