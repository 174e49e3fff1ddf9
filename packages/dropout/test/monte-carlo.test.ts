import { compile, random, treeLeaves } from "@layerwise/autodiff";
import {
  concreteDropout,
  dropConnect,
  dropout,
  mcDropout,
  mcSamples,
  predictiveMean,
  stochasticDepth,
  withDropout,
} from "@layerwise/dropout";
import type { Layer } from "@layerwise/layers";
import { activation, dense, sequential } from "@layerwise/layers";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, expectTypeOf, test } from "vitest";
import { alive, maxDifference } from "./setup.ts";

const key = random.key(11);
const x = random.normal(random.key(12), [3, 6]);
const net = (rate: number) =>
  sequential({ drop: dropout({ rate }), out: dense({ units: 2 }), act: activation("identity") });
const variables = net(0.5).init(random.key(13), [6]);

type Steps = { readonly steps: tf.Tensor };

/** Stands for batch normalization: another value and state in training. */
const batchStatistics: Layer<null, Steps> = {
  kind: "batchStatistics",
  init: () => ({ params: null, state: { steps: tf.scalar(0) } }),
  apply: ({ state }, v, { training = false } = {}) => ({
    y: training ? tf.add(v, 1000) : tf.add(v, 0),
    state: { steps: tf.add(state.steps, training ? 1 : 0) },
  }),
  outputShape: (shape) => shape,
};

describe("withDropout", () => {
  test("draws the masks of a training step with the same key, without the training flag", () => {
    const sampling = withDropout(net(0.5));
    expectTypeOf(sampling).toEqualTypeOf<Layer<typeof variables.params, typeof variables.state>>();
    const trained = net(0.5).apply(variables, x, { key, training: true }).y;
    for (const training of [undefined, false, true]) {
      const { y } = sampling.apply(variables, x, { key, training });
      expect(maxDifference(y, trained.arraySync())).toBe(0);
    }
    expect(maxDifference(net(0.5).apply(variables, x, { key }).y, trained.arraySync())).not.toBe(0);
  });

  test.each([
    [
      "a list",
      sequential([batchStatistics, sequential([dropout({ rate: 0.5 }), batchStatistics])]),
    ],
    [
      "a record",
      sequential({ norm: batchStatistics, drop: sequential({ d: dropout({ rate: 0.5 }) }) }),
    ],
    [
      "a block",
      stochasticDepth(sequential([batchStatistics, dropout({ rate: 0.5 })]), { rate: 0.5 }),
    ],
    ["a block without", stochasticDepth(sequential([batchStatistics]), { rate: 0.5 })],
  ] as readonly (readonly [string, Layer])[])(
    "other layers stay in inference, inside %s",
    (_, model) => {
      const made = model.init(random.key(0), [6]);
      const { y, state } = withDropout(model).apply(made, tf.ones([4, 6]), { key, training: true });
      const values = [...y.dataSync()];
      expect(Math.max(...values)).toBeLessThan(100);
      expect(new Set(values).size).toBeGreaterThan(1);
      const steps = treeLeaves<unknown, tf.Tensor>(state).map((t) => t.dataSync()[0]);
      expect(steps.every((step) => step === 0)).toBe(true);
    },
  );

  test("knows dropConnect, concrete dropout and layers marked as stochastic", () => {
    const own = { ...activation("identity"), kind: "own", stochastic: true };
    const noisy = { ...own, apply: dropout({ rate: 0.5 }).apply } as unknown as Layer;
    const models = [dropConnect(dense({ units: 2 }), { rate: 0.5 }), concreteDropout(), noisy];
    for (const model of models as unknown as Layer[]) {
      const made = model.init(random.key(0), [6]);
      const draw = (seed: number) =>
        withDropout(model)
          .apply(made, x, { key: random.key(seed) })
          .y.arraySync();
      expect(draw(1)).toEqual(draw(1));
      expect(draw(1)).not.toEqual(draw(2));
    }
  });

  test("a model that would not vary is refused, and a missing key too", () => {
    const fixed = sequential([dense({ units: 2 })]);
    expect(() => withDropout(fixed)).toThrow(
      "withDropout: expected a layer that draws noise in sequential, got none",
    );
    expect(() => withDropout(net(0.5)).apply(variables, x)).toThrow(
      "drop (dropout): expected a random key in training, got none",
    );
  });
});

describe("mcDropout", () => {
  test("dropout before a linear layer has known moments (oracle: p / (1 − p) Σ x² w², 4 σ)", () => {
    const [p, samples] = [0.4, 600];
    const got = mcDropout(net(p), variables, x, { key, samples });
    const [center, spread] = [got.mean, got.variance].map((t) => t.arraySync() as number[][]);
    const exact = net(p).apply(variables, x).y.arraySync() as number[][];
    const rows = x.arraySync() as number[][];
    const { kernel } = variables.params.out;
    const weights = kernel.arraySync();
    rows.forEach((row, n) => {
      for (const unit of [0, 1]) {
        const terms = row.map((v, i) => (v * (weights[i]?.[unit] ?? 0)) ** 2 * (p / (1 - p)));
        const want = terms.reduce((a, b) => a + b, 0);
        const error = Math.sqrt(want / samples);
        expect(Math.abs((center?.[n]?.[unit] ?? 0) - (exact[n]?.[unit] ?? 0))).toBeLessThan(
          4 * error,
        );
        // A sum of bounded terms has at most the kurtosis of its most extreme one.
        const kurtosis = 3 + ((1 - p) ** 3 + p ** 3) / (p * (1 - p));
        const squareError = want * Math.sqrt(kurtosis / samples);
        expect(Math.abs((spread?.[n]?.[unit] ?? 0) - want)).toBeLessThan(4 * squareError);
      }
    });
  });

  test("its moments are those of mcSamples with the same key", () => {
    const drawn = mcSamples(net(0.5), variables, x, { key, samples: 30 });
    expect(drawn.shape).toEqual([30, 3, 2]);
    const got = mcDropout(net(0.5), variables, x, { key, samples: 30 });
    const { mean, variance } = tf.moments(drawn, 0);
    expect(maxDifference(got.mean, mean.arraySync())).toBeLessThan(1e-6);
    expect(maxDifference(got.variance, variance.arraySync())).toBeLessThan(1e-5);
    const soft = mcDropout(net(0.5), variables, x, { key, samples: 30, output: tf.softmax });
    expect(maxDifference(soft.mean, predictiveMean(drawn).arraySync())).toBeLessThan(1e-6);
  });

  test("the variance goes to 0 with the rate, and is exactly 0 at 0", () => {
    const spread = (rate: number) =>
      tf.mean(mcDropout(net(rate), variables, x, { key, samples: 40 }).variance).dataSync()[0] ??
      -1;
    const values = [0.5, 0.1, 0.01, 0.001].map(spread);
    expect(values).toEqual([...values].sort((a, b) => b - a));
    expect(values[3]).toBeLessThan(0.02);
    expect(spread(0)).toBe(0);
    const same = mcDropout(net(0), variables, x, { key, samples: 7 }).mean;
    expect(maxDifference(same, net(0).apply(variables, x).y.arraySync())).toBe(0);
    expect(
      tf.max(mcDropout(net(0.5), variables, x, { key, samples: 1 }).variance).dataSync()[0],
    ).toBe(0);
  });

  test("large means do not cancel the variance away", () => {
    const bias = tf.add(variables.params.out.bias ?? 0, 4096) as tf.Tensor1D;
    const out = { kernel: variables.params.out.kernel, bias };
    const params: typeof variables.params = { ...variables.params, out };
    const at = (p: typeof variables.params) =>
      mcDropout(net(0.5), { params: p, state: variables.state }, x, { key, samples: 30 }).variance;
    const ratio = tf.div(at(params), at(variables.params));
    expect(maxDifference(ratio, tf.onesLike(ratio).arraySync())).toBeLessThan(2e-3);
  });

  test("runs compiled, with the key as an argument, and leaks nothing", () => {
    const moments = (v: typeof variables, input: tf.Tensor, k: tf.Tensor) =>
      mcDropout(net(0.5), v, input, { key: k, samples: 5 });
    const before = alive();
    const eager = moments(variables, x, key);
    mcSamples(net(0.5), variables, x, { key, samples: 5 });
    expect(alive()).toBe(before + 3);
    const fast = compile(moments)(variables, x, key);
    expect(maxDifference(fast.mean, eager.mean.arraySync())).toBeLessThan(1e-6);
    expect(maxDifference(fast.variance, eager.variance.arraySync())).toBeLessThan(1e-5);
    expect(() => mcDropout(net(0.5), variables, x, { key, samples: 0 })).toThrow(
      "mcDropout: expected a positive whole number of samples, got 0",
    );
  });
});

describe("predictiveMean", () => {
  // All masks of six inputs, each as likely as any other at rate 1/2.
  const masks = tf.tensor2d(
    Array.from({ length: 64 }, (_, bits) => [0, 1, 2, 3, 4, 5].map((i) => (bits >> i) & 1)),
  );
  const { out } = variables.params;
  const logits = (scale: number): tf.Tensor => {
    const ensemble = tf.mul(tf.mul(tf.expandDims(masks, 1), x), scale);
    return dense({ units: 2 }).apply({ params: out, state: null }, ensemble).y;
  };
  const inference = net(0.5).apply(variables, x).y;

  test("weight scaling is the geometric mean over all masks, for a softmax layer", () => {
    const geometric = predictiveMean(logits(2), { average: "geometric" });
    expect(maxDifference(tf.softmax(inference), geometric.arraySync())).toBeLessThan(1e-6);
    // The same by its definition: roots of products, normalized.
    const products = tf.exp(tf.mean(tf.logSoftmax(logits(2)), 0));
    const normalized = tf.div(products, tf.sum(products, -1, true));
    expect(maxDifference(normalized, geometric.arraySync())).toBeLessThan(1e-6);
  });

  test("unscaled masks with weights times 1 − rate give the same linear mean (the paper's rule)", () => {
    const halved = { kernel: tf.mul(out.kernel, 0.5) as tf.Tensor2D, bias: out.bias };
    const scaled = dense({ units: 2 }).apply({ params: halved, state: null }, x).y;
    expect(maxDifference(tf.mean(logits(1), 0), scaled.arraySync())).toBeLessThan(1e-6);
  });

  test("the arithmetic mean is bagging's, and differs", () => {
    const bagged = predictiveMean(logits(2));
    const byHand = tf.mean(tf.softmax(logits(2)), 0);
    expect(maxDifference(bagged, byHand.arraySync())).toBeLessThan(1e-7);
    expect(maxDifference(tf.softmax(inference), bagged.arraySync())).toBeGreaterThan(1e-3);
  });

  test("sigmoid outputs are events of their own", () => {
    const p = (average: "arithmetic" | "geometric") =>
      predictiveMean(tf.tensor1d([3, -1]), { average, output: "sigmoid" }).dataSync()[0];
    const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));
    expect(p("arithmetic")).toBeCloseTo((sigmoid(3) + sigmoid(-1)) / 2, 6);
    // √(p q) against √((1 − p)(1 − q)).
    const [yes, no] = [sigmoid(3) * sigmoid(-1), sigmoid(-3) * sigmoid(1)].map(Math.sqrt);
    expect(p("geometric")).toBeCloseTo((yes ?? 0) / ((yes ?? 0) + (no ?? 0)), 6);
  });

  test("logits without a batch of samples are refused", () => {
    expect(() => predictiveMean(tf.tensor1d([1, 2]))).toThrow(
      "predictiveMean: expected logits [samples, ..., classes], got [2]",
    );
    expect(() => predictiveMean(tf.scalar(1), { output: "sigmoid" })).toThrow(
      "predictiveMean: expected logits [samples, ...], got []",
    );
  });
});
