import { adam, scaleByShampoo, scaleBySoap, shampoo, soap } from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import golden from "./fixtures/optimizers.json" with { type: "json" };
import { any, derived, descend, ema, type Rule, worst } from "./support/derived.ts";
import { float64, float64Tensor, numbers } from "./support/float64.ts";
import { eagerDifferences, float64Differences } from "./support/golden.ts";
import {
  build,
  eigen,
  eye,
  frobenius,
  householder,
  type Matrix,
  power,
  product,
  transposed,
  zip,
} from "./support/matrix.ts";
import "./setup.ts";

describe("shampoo (oracle: Jacobi eigendecompositions in plain JavaScript)", () => {
  const rate = 0.1;
  /** L^(−1/p) G R^(−1/p), for a vector L^(−1/2) g. */
  const rule = (decay: number, momentum: number, isVector: boolean): Rule => {
    let [left, right, sum] = [eye(0) as Matrix, eye(0) as Matrix, [[]] as Matrix];
    let first = true;
    const root = (a: Matrix, p: number): Matrix =>
      power(
        zip((x, one) => x + 1e-6 * frobenius(a) * one, a, eye(a.length)),
        -1 / p,
      );
    return (g, parameter) => {
      if (first) {
        [left, right] = [eye(g.length, 1e-4), eye(g[0]?.length ?? 0, 1e-4)];
        sum = zip(() => 0, g);
        first = false;
      }
      const weight = decay === 1 ? 1 : 1 - decay;
      left = zip((a, x) => decay * a + weight * x, left, product(g, transposed(g)));
      right = zip((a, x) => decay * a + weight * x, right, product(transposed(g), g));
      const u = isVector
        ? product(root(left, 2), g)
        : product(product(root(left, 4), g), root(right, 4));
      sum = zip((s, x) => momentum * s + x, sum, u);
      return descend(rate, parameter, sum);
    };
  };
  const rules = (decay: number, momentum: number) => ({
    w: rule(decay, momentum, false),
    b: rule(decay, momentum, true),
  });

  test.each([
    [1, 0],
    [0.9, 0.5],
  ])("b2 = %s, momentum %s", (b2, momentum) => {
    const optimizer = any(shampoo({ learningRate: rate, b2, momentum }));
    const oracle = derived(rules(b2, momentum));
    expect(worst(float64Differences(optimizer, oracle))).toBeLessThan(1e-12);
    // Measured 2.1e-5: roots amplify f32 roundings by the condition number, up to 1e6 by the ridge.
    expect(worst(eagerDifferences(optimizer, oracle))).toBeLessThan(1e-4);
  });

  test("the root is exact for the worst condition number that the ridge lets through", () => {
    const tx = scaleByShampoo({ eps: 0 });
    const vector = tf.zeros([2]);
    const second = float64(
      (first: tf.Tensor, next: tf.Tensor) =>
        tx.update(next, tx.update(first, tx.init(first)).state).updates,
      vector,
      vector,
    );
    const [large, small] = [1e4, 1e-2];
    const got = numbers(second([float64Tensor([2], [large, 0]), float64Tensor([2], [0, small])]));
    const ridge = 1e-6 * Math.hypot(large ** 2, small ** 2);
    expect(got[0]).toBe(0);
    expect((got[1] ?? 0) / (small / Math.sqrt(small ** 2 + ridge))).toBeCloseTo(1, 11);
  });

  test("axes that are too long keep diagonals: exact to 1e-12", () => {
    const [rows, columns] = [
      [1e-4, 1e-4, 1e-4],
      [1e-4, 1e-4, 1e-4, 1e-4],
    ];
    const vector = [1e-4, 1e-4, 1e-4, 1e-4];
    const oracle = derived({
      w: (g, p) => {
        g.forEach((row, i) => {
          row.forEach((x, j) => {
            rows[i] = (rows[i] ?? 0) + x * x;
            columns[j] = (columns[j] ?? 0) + x * x;
          });
        });
        const u = build(3, 4, (i, j) => {
          const x = g[i]?.[j] ?? Number.NaN;
          return x / ((rows[i] ?? 0) * (columns[j] ?? 0)) ** 0.25;
        });
        return descend(rate, p, u);
      },
      b: (g, p) => {
        g.forEach(([x = 0], i) => {
          vector[i] = (vector[i] ?? 0) + x * x;
        });
        return zip(
          (y, x, v) => y - (rate * x) / Math.sqrt(v),
          p,
          g,
          vector.map((v) => [v]),
        );
      },
    });
    const optimizer = any(shampoo({ learningRate: rate, maxPreconditionerSize: 2 }));
    expect(worst(float64Differences(optimizer, oracle))).toBeLessThan(1e-12);
  });

  test("a tensor of three axes has three factors; a scalar gets AdaGrad", () => {
    const g = tf.tensor3d([1, -2, 0.5, 3, -1, 0.25, 2, 1], [2, 2, 2]);
    const tx = scaleByShampoo({ eps: 0.01 });
    const { updates } = tx.update(g, tx.init(g));
    // Turning an axis turns the update.
    const turn = tf.tensor2d([0.6, 0.8, -0.8, 0.6], [2, 2]);
    const turned = tf.einsum("ab,ibc->iac", turn, g);
    const other = tx.update(turned, tx.init(turned)).updates;
    const difference = tf.sub(tf.einsum("ab,ibc->iac", turn, updates), other);
    expect(tf.max(tf.abs(difference)).dataSync()[0]).toBeLessThan(1e-3);
    const scalar = tf.scalar(3);
    const alone = tx.update(scalar, tx.init(scalar)).updates.dataSync()[0];
    expect(alone).toBeCloseTo(3 / Math.sqrt(9.01), 5);
  });
});

describe("soap (oracle: Householder QR in plain JavaScript)", () => {
  const rate = 0.1;
  const [b1, b2, eps, decay] = [0.95, 0.9, 1e-3, 0.01];
  const turn = (statistics: Matrix, basis: Matrix): Matrix =>
    householder(
      zip((x, q) => x + 1e-6 * frobenius(statistics) * q, product(statistics, basis), basis),
    );
  const adamIn = (): ((g: Matrix, m: Matrix) => Matrix) => {
    let v: Matrix = [];
    let t = 0;
    return (g, m) => {
      v =
        t++ === 0
          ? zip((x) => (1 - b2) * x * x, g)
          : ema(
              b2,
              v,
              zip((x) => x * x, g),
            );
      return zip((x, y) => x / (1 - b1 ** t) / (Math.sqrt(y / (1 - b2 ** t)) + eps), m, v);
    };
  };
  const rotated = (): Rule => {
    let [left, right, p, q] = [
      zip(() => 0, eye(3)),
      zip(() => 0, eye(4)),
      eye(3),
      eye(4),
    ] as Matrix[];
    let m: Matrix = build(3, 4, () => 0);
    const step = adamIn();
    return (g, parameter) => {
      const [l, r, a, b] = [left, right, p, q] as [Matrix, Matrix, Matrix, Matrix];
      m = ema(b1, m, g);
      const into = (x: Matrix): Matrix => product(product(transposed(a), x), b);
      const u = product(product(a, step(into(g), into(m))), transposed(b));
      [left, right] = [
        ema(b2, l, product(g, transposed(g))),
        ema(b2, r, product(transposed(g), g)),
      ];
      [p, q] = [turn(left, a), turn(right, b)];
      return zip((y, x) => y - rate * (x + decay * y), parameter, u);
    };
  };
  const plain = (): Rule => {
    let m: Matrix = build(4, 1, () => 0);
    const step = adamIn();
    return (g, parameter) => {
      m = ema(b1, m, g);
      return zip((y, x) => y - rate * (x + decay * y), parameter, step(g, m));
    };
  };

  test("float64 and float32", () => {
    const optimizer = any(soap({ learningRate: rate, b1, b2, eps, weightDecay: decay }));
    const oracle = derived({ w: rotated(), b: plain() });
    expect(worst(float64Differences(optimizer, oracle))).toBeLessThan(1e-12);
    expect(worst(eagerDifferences(optimizer, oracle))).toBeLessThan(5e-6);
  });

  test("the first step is Adam's", () => {
    const params = tf.tensor2d(golden.params.w);
    const grads = tf.tensor2d(golden.grads[0]?.w ?? []);
    const [a, b] = [soap({ learningRate: rate }), adam({ learningRate: rate, b1: 0.95, b2: 0.95 })];
    const difference = tf.sub(
      a.update(grads, a.init(params), params).updates,
      b.update(grads, b.init(params)).updates,
    );
    expect(tf.max(tf.abs(difference)).dataSync()[0]).toBeLessThan(1e-6);
  });

  test("bases stay orthonormal for gradients of rank one and become eigenvectors", () => {
    const tx = scaleBySoap({ shampooBeta: 0.9 });
    const grads = tf.tensor2d([1, 2, -1, 0.5, 1, -0.5], [2, 3]);
    let state = tx.init(grads);
    for (let i = 0; i < 30; i++) state = tx.update(grads, state).state;
    const { axes } = state.rotated as unknown as {
      axes: readonly { readonly statistics: tf.Tensor2D; readonly basis: tf.Tensor2D }[];
    };
    for (const { statistics, basis } of axes) {
      const q = basis.arraySync();
      const gram = product(transposed(q), q);
      expect(Math.max(...zip((x, y) => Math.abs(x - y), gram, eye(q.length)).flat())).toBeLessThan(
        1e-6,
      );
      const inBasis = product(transposed(q), product(statistics.arraySync(), q));
      const largest = Math.max(...eigen(statistics.arraySync()).values);
      expect(inBasis[0]?.[0]).toBeCloseTo(largest, 4);
      expect(Math.abs(inBasis[0]?.[1] ?? 1)).toBeLessThan(1e-5);
    }
  });
});

test("errors name the option", () => {
  expect(() => shampoo({ learningRate: 1, momentum: 1 })).toThrow(
    "shampoo: momentum: expected a number in [0, 1), got 1",
  );
  expect(() => soap({ learningRate: 1, b1: 1 })).toThrow("scaleBySoap: b1: expected a number");
});
