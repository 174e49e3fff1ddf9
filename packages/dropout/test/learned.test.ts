import { grad, random } from "@layerwise/autodiff";
import {
  concreteDropout,
  concreteDropoutPenalty,
  dropout,
  shakeout,
  standout,
  variationalDense,
  variationalKl,
  variationalSparsity,
} from "@layerwise/dropout";
import { constant, dense } from "@layerwise/layers";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { alive, maxDifference } from "./setup.ts";
import { gradientError } from "./support/gradient.ts";

const mean = (values: readonly number[]): number =>
  values.reduce((sum, v) => sum + v, 0) / values.length;
/** Four standard errors around the expected mean of independent values. */
function expectMean(values: readonly number[], want: number): void {
  const center = mean(values);
  const variance = mean(values.map((v) => (v - center) ** 2));
  expect(Math.abs(center - want)).toBeLessThan(4 * Math.sqrt(variance / values.length) + 1e-7);
}

describe("concreteDropout", () => {
  const options = { key: random.key(1), training: true };

  test("begins at the rate given and drops about that share, softly", () => {
    const layer = concreteDropout({ rate: 0.3, temperature: 0.01 });
    const variables = layer.init(random.key(0), [4]);
    expect(maxDifference(tf.sigmoid(variables.params.logit), 0.3)).toBeLessThan(1e-6);
    const y = Array.from(layer.apply(variables, tf.ones([20_000]), options).y.dataSync());
    // Cold, the relaxation is dropout: z > 1/2 with probability p.
    expectMean(
      y.map((v) => Number(v < 0.5 / 0.7)),
      0.3,
    );
    expectMean(y, 1);
  });

  test.each([-1000, -50, 0, 50, 80])("is finite at logit %d, forward and backward", (logit) => {
    const layer = concreteDropout();
    const params = { logit: tf.scalar(logit) };
    const loss = (p: typeof params) =>
      tf.sum(layer.apply({ params: p, state: null }, tf.ones([50]), options).y);
    const penalty = (p: typeof params) =>
      concreteDropoutPenalty(p, {
        kernel: tf.ones([2, 2]),
        inputs: 2,
        weightRegularizer: 0.1,
        dropoutRegularizer: 0.1,
      });
    for (const fn of [loss, penalty]) {
      expect(Number.isFinite(fn(params).dataSync()[0])).toBe(true);
      expect(Number.isFinite(grad(fn)(params).logit.dataSync()[0])).toBe(true);
    }
  });

  test("the penalty's entropy pulls the rate towards 1/2, the weights towards 0", () => {
    const slope = (weightRegularizer: number, dropoutRegularizer: number) =>
      grad((p: { readonly logit: tf.Scalar }) =>
        concreteDropoutPenalty(p, {
          kernel: tf.ones([3, 3]),
          inputs: 3,
          weightRegularizer,
          dropoutRegularizer,
        }),
      )({ logit: tf.scalar(-2) }).logit.dataSync()[0] ?? Number.NaN;
    expect(slope(0, 1)).toBeLessThan(0);
    expect(slope(1, 0)).toBeGreaterThan(0);
  });

  test("refuses negative factors", () => {
    const base = {
      kernel: tf.ones([1, 1]),
      inputs: 1,
      weightRegularizer: 0,
      dropoutRegularizer: 0,
    };
    const penalty = (given: Partial<typeof base>) => () =>
      concreteDropoutPenalty({ logit: tf.scalar(0) }, { ...base, ...given });
    expect(penalty({ inputs: 0 })).toThrow("expected a finite positive inputs, got 0");
    expect(penalty({ weightRegularizer: -1 })).toThrow("finite weightRegularizer of at least 0");
    expect(penalty({ dropoutRegularizer: -1 })).toThrow("finite dropoutRegularizer of at least 0");
  });
});

describe("variationalDense", () => {
  const layer = variationalDense({ units: 3, logVarianceInit: constant(-2) });
  const variables = layer.init(random.key(0), [4]);
  const x = random.normal(random.key(2), [2, 4]);

  test("training draws outputs with the moments of drawn weights (oracle: formula, key's normals)", () => {
    const key = random.key(3);
    const { y } = layer.apply(variables, x, { key, training: true });
    const eps = random.normal(key, [2, 3]).arraySync() as number[][];
    const rows = x.arraySync() as number[][];
    const kernel = variables.params.kernel.arraySync();
    const want = rows.map((row, n) =>
      [0, 1, 2].map((unit) => {
        const center = row.reduce((sum, v, i) => sum + v * (kernel[i]?.[unit] ?? 0), 0);
        const spread = row.reduce((sum, v) => sum + v * v * Math.exp(-2), 1e-8);
        return center + Math.sqrt(spread) * (eps[n]?.[unit] ?? 0);
      }),
    );
    expect(maxDifference(y, want)).toBeLessThan(1e-6);
  });

  test("samples of a batch have their own noise", () => {
    const same = tf.ones([2, 4]);
    const { y } = layer.apply(variables, same, { key: random.key(1), training: true });
    const [a, b] = y.arraySync() as number[][];
    expect(a).not.toEqual(b);
  });

  test("inference leaves out weights with log α ≥ threshold, and only those", () => {
    const kernel = tf.tensor2d([[2, 0.01]]);
    const params = { kernel, logVariance: tf.zeros([1, 2]) as tf.Tensor2D, bias: null };
    const at = (threshold?: number) => {
      const own = variationalDense({ units: 2, useBias: false, threshold });
      return own.apply({ params, state: null }, tf.ones([1, 1])).y;
    };
    expect(maxDifference(at(), [2, 0])).toBe(0);
    expect(maxDifference(at(Infinity), kernel.arraySync())).toBe(0);
    // log α = log 1 − log 4 = −1.39.
    expect(maxDifference(at(-1.5), [0, 0])).toBe(0);
    expect(variationalSparsity(params).dataSync()[0]).toBe(0.5);
    expect(variationalSparsity(params, -1.5).dataSync()[0]).toBe(1);
  });

  test("zero weights and zero inputs are finite, forward and backward", () => {
    const params = {
      kernel: tf.zeros([2, 3]) as tf.Tensor2D,
      logVariance: tf.tensor2d([-1000, -50, -1, 0, 1, 50], [2, 3]),
      bias: null,
    };
    const loss = (p: typeof params) => {
      const { y } = layer.apply({ params: p, state: null }, tf.zeros([1, 2]), {
        key: random.key(1),
        training: true,
      });
      return tf.add(tf.sum(y), variationalKl(p));
    };
    const slopes = grad(loss)(params);
    expect(
      [...slopes.kernel.dataSync(), ...slopes.logVariance.dataSync()].every(Number.isFinite),
    ).toBe(true);
  });

  test("the KL falls with α and its gradient is right (float64 differences)", () => {
    const at = (logVariance: number) =>
      variationalKl({
        kernel: tf.ones([1, 1]),
        logVariance: tf.fill([1, 1], logVariance),
        bias: null,
      }).dataSync()[0] ?? Number.NaN;
    const values = [-7, -4, -2, 0, 2, 4, 7].map(at);
    expect(values).toEqual([...values].sort((a, b) => b - a));
    const { kernel, logVariance } = variables.params;
    const loss = (p: { readonly kernel: tf.Tensor2D; readonly logVariance: tf.Tensor2D }) =>
      variationalKl({ ...p, bias: null });
    expect(gradientError(loss, { kernel, logVariance })).toBeLessThan(1e-9);
  });

  test("the KL is flat where log α is beyond ±8", () => {
    const at = (value: number) => ({
      kernel: tf.ones([1, 1]) as tf.Tensor2D,
      logVariance: tf.fill([1, 1], value) as tf.Tensor2D,
      bias: null,
    });
    for (const edge of [-8, 8]) {
      const [inside, outside] = [at(edge), at(1.5 * edge)];
      expect(maxDifference(variationalKl(outside), variationalKl(inside).arraySync())).toBe(0);
      const loss = (p: typeof outside) => variationalKl(p);
      expect(maxDifference(grad(loss)(outside).logVariance, 0)).toBe(0);
      expect(maxDifference(grad(loss)(at(0.9 * edge)).logVariance, 0)).toBeGreaterThan(0);
    }
  });

  test("functions leave only their result", () => {
    const before = alive();
    variationalKl(variables.params);
    variationalSparsity(variables.params);
    concreteDropoutPenalty(
      { logit: tf.tidy(() => tf.scalar(0)) },
      { kernel: x, inputs: 1, weightRegularizer: 1, dropoutRegularizer: 1 },
    );
    expect(alive()).toBe(before + 4);
  });
});

describe("standout", () => {
  const layer = standout({ units: 2, activation: tf.tanh, alpha: 2, beta: -0.5 });
  const params = { kernel: tf.tensor2d([[0.8, -0.3]]), bias: tf.tensor1d([0, 0.1]) };
  const x = tf.ones([1, 1]);
  const sums = [0.8, -0.3 + 0.1];
  const keep = sums.map((a) => 1 / (1 + Math.exp(-(2 * a - 0.5))));

  test("inference multiplies by the keep probability (oracle: the formula)", () => {
    const want = sums.map((a, i) => (keep[i] ?? 0) * Math.tanh(a));
    expect(maxDifference(layer.apply({ params, state: null }, x).y, want)).toBeLessThan(1e-6);
  });

  test("training keeps f(a), unscaled, with that probability (4 σ)", () => {
    const options = { key: random.key(7), training: true };
    const many = layer.apply({ params, state: null }, tf.ones([10_000, 1]), options).y;
    for (const unit of [0, 1]) {
      const y = Array.from(tf.slice(many, [0, unit], [-1, 1]).dataSync());
      const value = Math.tanh(sums[unit] ?? 0);
      expect(y.every((v) => v === 0 || Math.abs(v - value) < 1e-6)).toBe(true);
      expectMean(
        y.map((v) => Number(v !== 0)),
        keep[unit] ?? 0,
      );
    }
  });

  test("large beta is a dense layer", () => {
    const open = standout({ units: 2, beta: 1000 });
    const plain = dense({ units: 2 }).apply({ params, state: null }, x).y;
    for (const training of [true, false]) {
      const { y } = open.apply({ params, state: null }, x, { key: random.key(0), training });
      expect(maxDifference(y, plain.arraySync())).toBe(0);
    }
  });
});

describe("shakeout", () => {
  const params = { kernel: tf.tensor2d([[0.8, -0.3]]), bias: tf.tensor1d([0, 0.1]) };
  const x = tf.fill([20_000, 1], 2);
  const options = { key: random.key(7), training: true };

  test("weights become −c sign(W) or (W + c τ sign(W)) / (1 − τ), and W on average", () => {
    const [c, rate] = [0.25, 0.4];
    const { y } = shakeout({ units: 2, rate, strength: c }).apply(
      { params, state: null },
      x,
      options,
    );
    const rows = y.arraySync() as number[][];
    [0.8, -0.3].forEach((w, unit) => {
      const bias = unit * 0.1;
      const weights = rows.map((row) => ((row[unit] ?? Number.NaN) - bias) / 2);
      const [low, high] = [-c * Math.sign(w), (w + c * rate * Math.sign(w)) / (1 - rate)];
      const near = (v: number, target: number) => Math.abs(v - target) < 1e-6;
      expect(weights.every((v) => near(v, low) || near(v, high))).toBe(true);
      expectMean(
        weights.map((v) => Number(near(v, low))),
        rate,
      );
      expectMean(weights, w);
    });
  });

  test("strength 0 is dropout of the inputs; inference and rate 0 are a dense layer", () => {
    const plain = dense({ units: 2 });
    const variables = { params, state: null };
    const soft = shakeout({ units: 2, rate: 0.4, strength: 0 }).apply(variables, x, options).y;
    const want = plain.apply(variables, dropout(options.key, x, 0.4)).y;
    expect(maxDifference(tf.sub(soft, want), tf.zerosLike(soft).arraySync())).toBeLessThan(1e-6);
    const linear = plain.apply(variables, x).y.arraySync();
    const strong = shakeout({ units: 2, rate: 0.4, strength: 1 });
    expect(maxDifference(strong.apply(variables, x).y, linear)).toBe(0);
    const none = shakeout({ units: 2, rate: 0, strength: 1 }).apply(variables, x, options).y;
    expect(maxDifference(none, linear)).toBe(0);
  });
});
