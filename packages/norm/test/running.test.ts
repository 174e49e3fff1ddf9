import { grad, random, type TensorTree } from "@layerwise/autodiff";
import type { Layer } from "@layerwise/layers";
import {
  type BatchNormOptions,
  batchNorm,
  decorrelatedBatchNorm,
  ghostBatchNorm,
  type RunningState,
} from "@layerwise/norm";
import { float64, leafCount } from "@layerwise/test";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import torch from "./fixtures/torch.json" with { type: "json" };
import { maxDifference } from "./setup.ts";
import { distance, exactTensor, hostsOf, type Nested } from "./support/evaluate.ts";
import { casesOf } from "./support/fixtures.ts";

interface RunningCase {
  readonly running_batches: readonly Nested[];
  readonly "running_torch_m0.1_unbiased": readonly Nested[];
  readonly "running_keras_m0.99_biased": readonly Nested[];
}

/** After each batch, the worst distance of mean and variance in float64 and in float32. */
function worst(options: BatchNormOptions, batches: readonly Nested[], want: readonly Nested[]) {
  const layer = batchNorm(options);
  const first = exactTensor(batches[0] ?? []);
  const start = layer.init(random.key(0), first.shape.slice(1));
  const next = (state: TensorTree, x: tf.Tensor): RunningState =>
    layer.apply({ params: start.params, state: state as RunningState }, x, { training: true })
      .state;
  const exact = float64(next, start.state as TensorTree, first);
  let doubles = hostsOf(start.state);
  let state = start.state;
  const distances = batches.map((batch, i) => {
    const x = exactTensor(batch);
    doubles = exact([...doubles, ...hostsOf(x)]);
    state = next(state, x);
    // Leaves are sorted by name: mean, steps, variance.
    const [mean, , variance] = doubles.map(({ data }) => data);
    return {
      float64: distance([mean, variance], want[i] ?? []),
      float32: distance([state.mean.dataSync(), state.variance.dataSync()], want[i] ?? []),
    };
  });
  expect(state.steps.dataSync()[0]).toBe(batches.length);
  expect(leafCount(state)).toBe(3);
  return {
    float64: Math.max(...distances.map((d) => d.float64)),
    float32: Math.max(...distances.map((d) => d.float32)),
  };
}

describe("running statistics over several batches", () => {
  const conventions = casesOf<RunningCase>("batch_norm_train").flatMap((golden) => [
    [
      "PyTorch's momentum 0.1, unbiased",
      { channelsFirst: true },
      golden.running_batches,
      golden["running_torch_m0.1_unbiased"],
    ] as const,
    [
      "Keras's momentum 0.99, biased",
      {
        channelsFirst: true,
        momentum: { weightOfRunning: 0.99 },
        runningVariance: "biased",
      } satisfies BatchNormOptions,
      golden.running_batches,
      golden["running_keras_m0.99_biased"],
    ] as const,
  ]);
  const { batches, cumulativeMean, debiased } = torch.running;
  test.each([
    ...conventions,
    ["PyTorch's momentum None", { momentum: "cumulativeMean" }, batches, cumulativeMean],
    [
      "an average from zero divided by 1 − 0.9ᵗ (the definition, in PyTorch)",
      { momentum: { weightOfRunning: 0.9, debias: true }, runningVariance: "biased" },
      batches,
      debiased,
    ],
  ] as readonly (readonly [string, BatchNormOptions, readonly Nested[], readonly Nested[]])[])(
    "%s",
    (_, options, given, want) => {
      const { float64: exact, float32: rounded } = worst(options, given, want);
      expect(exact).toBeLessThan(1e-12);
      expect(rounded).toBeLessThan(1e-6);
    },
  );

  test("the two names are one convention: the weights add up to 1", () => {
    const x = random.normal(random.key(1), [5, 2]);
    const after = (options: BatchNormOptions) => {
      const layer = batchNorm(options);
      return layer.apply(layer.init(random.key(0), [2]), x, { training: true }).state;
    };
    const [a, b] = [
      after({ momentum: { weightOfBatch: 0.25 } }),
      after({ momentum: { weightOfRunning: 0.75 } }),
    ];
    expect(maxDifference(a.mean, b.mean.arraySync())).toBe(0);
    expect(maxDifference(a.variance, b.variance.arraySync())).toBe(0);
  });

  test("after the first batch a debiased or cumulative average is that batch", () => {
    const x = random.normal(random.key(1), [5, 2]);
    for (const momentum of ["cumulativeMean", { weightOfBatch: 0.001, debias: true }] as const) {
      const layer = batchNorm({ momentum });
      const { state } = layer.apply(layer.init(random.key(0), [2]), x, { training: true });
      // Two float32 roundings of numbers near 1.
      expect(maxDifference(state.mean, tf.mean(x, 0).arraySync())).toBeLessThan(2.4e-7);
    }
  });
});

test("decorrelated statistics follow the batches, and evaluation uses them (eigendecomposition in PyTorch)", () => {
  const { batches, running, x, y } = torch.decorrelated;
  const layer = decorrelatedBatchNorm({ iterations: 30, momentum: { weightOfBatch: 0.25 } });
  let variables = layer.init(random.key(0), [4]);
  batches.forEach((batch, i) => {
    const { state } = layer.apply(variables, tf.tensor2d(batch), { training: true });
    variables = { ...variables, state };
    const [mean, whitening] = running[i] ?? [];
    expect(maxDifference(state.mean, mean)).toBeLessThan(1e-6);
    expect(maxDifference(state.whitening, whitening)).toBeLessThan(1e-6);
    expect(state.steps.dataSync()[0]).toBe(i + 1);
  });
  expect(maxDifference(layer.apply(variables, tf.tensor2d(x)).y, y)).toBeLessThan(1e-6);
});

test("training and evaluation on one batch agree when the batch has all the weight", () => {
  const x = tf.add(random.normal(random.key(4), [6, 3, 2]), 3);
  const momentum = { weightOfBatch: 1 };
  const layers: readonly Layer[] = [
    batchNorm({ momentum, runningVariance: "biased" }) as unknown as Layer,
    decorrelatedBatchNorm({ momentum }) as unknown as Layer,
  ];
  for (const layer of layers) {
    const { params, state } = layer.init(random.key(0), [3, 2]);
    const trained = layer.apply({ params, state }, x, { training: true });
    const { y } = layer.apply({ params, state: trained.state }, x);
    expect(maxDifference(y, trained.y.arraySync())).toBeLessThan(2e-6);
  }
});

test("one value per channel is refused in training only", () => {
  const layer = batchNorm();
  const variables = layer.init(random.key(0), [2]);
  const one = tf.ones([1, 2]);
  expect(() => layer.apply(variables, one, { training: true })).toThrow(
    "batchNorm: expected more than one value per channel in training, got input [1, 2]",
  );
  expect(layer.apply(variables, one).y.shape).toEqual([1, 2]);
  const image = layer.init(random.key(0), [1, 2, 2]);
  expect(layer.apply(image, tf.ones([1, 1, 2, 2]), { training: true }).y.shape).toEqual([
    1, 1, 2, 2,
  ]);
});

describe("masks", () => {
  const layer = batchNorm();
  const { params, state } = layer.init(random.key(0), [2]);
  const values = [
    [1, 2],
    [Number.NaN, Infinity],
    [3, -4],
    [5, 0],
  ];
  const kept = [0, 2, 3];
  const mask = tf.tensor1d([true, false, true, true], "bool");

  test("statistics are those of what the mask keeps, even next to NaN", () => {
    const x = tf.tensor2d(values);
    const got = layer.apply({ params, state }, x, { training: true, mask });
    const part = tf.gather(x, kept);
    const want = layer.apply({ params, state }, part, { training: true });
    expect(maxDifference(tf.gather(got.y, kept), want.y.arraySync())).toBeLessThan(1e-6);
    expect(maxDifference(got.state.mean, want.state.mean.arraySync())).toBeLessThan(1e-7);
    expect(maxDifference(got.state.variance, want.state.variance.arraySync())).toBeLessThan(1e-6);
  });

  test("gradients are those of the kept part, and 0 elsewhere", () => {
    const filled = values.map((row) => row.map((v) => (Number.isFinite(v) ? v : 7)));
    const weight = tf.tensor2d([
      [1, -2],
      [3, 1],
      [0.5, 2],
    ]);
    const ofAll = grad((x: tf.Tensor) => {
      const { y } = layer.apply({ params, state }, x, { training: true, mask });
      return tf.sum(tf.mul(tf.gather(y, kept), weight));
    })(tf.tensor2d(filled));
    const ofPart = grad((x: tf.Tensor) =>
      tf.sum(tf.mul(layer.apply({ params, state }, x, { training: true }).y, weight)),
    )(tf.gather(tf.tensor2d(filled), kept));
    expect(maxDifference(tf.gather(ofAll, kept), ofPart.arraySync())).toBeLessThan(1e-6);
    expect(maxDifference(tf.gather(ofAll, [1]), [0, 0])).toBe(0);
  });

  test("masks broadcast over space, and need not be boolean", () => {
    const x = random.normal(random.key(2), [3, 4, 2]);
    const rows = tf.tensor2d([[1], [0], [1]]);
    const got = layer.apply({ params, state }, x, { training: true, mask: rows });
    const want = layer.apply({ params, state }, tf.gather(x, [0, 2]), { training: true });
    expect(maxDifference(got.state.mean, want.state.mean.arraySync())).toBeLessThan(1e-7);
    expect(maxDifference(got.state.variance, want.state.variance.arraySync())).toBeLessThan(1e-6);
  });

  test("a mask that keeps nothing leaves the statistics and gives finite numbers", () => {
    const none = tf.zeros([4]);
    for (const momentum of [{ weightOfBatch: 0.1 }, "cumulativeMean"] as const) {
      const result = batchNorm({ momentum }).apply({ params, state }, tf.ones([4, 2]), {
        training: true,
        mask: none,
      });
      expect(maxDifference(result.state.mean, [0, 0])).toBe(0);
      expect(maxDifference(result.state.variance, [1, 1])).toBe(0);
      expect([...result.y.dataSync()].every(Number.isFinite)).toBe(true);
    }
  });

  test("a mask of another shape is an error", () => {
    expect(() =>
      layer.apply({ params, state }, tf.ones([4, 2]), { training: true, mask: tf.ones([3]) }),
    ).toThrow("channelMoments: expected a mask of shape [4], got [3] (input [4, 2])");
  });
});

describe("ghostBatchNorm", () => {
  const x = tf.add(random.normal(random.key(4), [6, 2]), tf.reshape(tf.range(0, 6), [6, 1]));
  const layer = ghostBatchNorm({ ghostSize: 3 });
  const variables = layer.init(random.key(0), [2]);

  test("is batchNorm of each part, one after the other", () => {
    const plain = batchNorm();
    const [a, b] = tf.split(x, 2) as [tf.Tensor, tf.Tensor];
    const first = plain.apply(variables, a, { training: true });
    const second = plain.apply({ ...variables, state: first.state }, b, { training: true });
    const got = layer.apply(variables, x, { training: true });
    expect(maxDifference(got.y, tf.concat([first.y, second.y]).arraySync())).toBe(0);
    expect(maxDifference(got.state.variance, second.state.variance.arraySync())).toBe(0);
    expect(got.state.steps.dataSync()[0]).toBe(2);
  });

  test("cuts its mask too, and refuses a batch that it cannot cut", () => {
    const mask = tf.tensor1d([1, 1, 0, 0, 1, 1]);
    const got = layer.apply(variables, x, { training: true, mask });
    const [a, b] = tf.split(x, 2) as [tf.Tensor, tf.Tensor];
    const [ma, mb] = tf.split(mask, 2) as [tf.Tensor, tf.Tensor];
    const plain = batchNorm();
    const first = plain.apply(variables, a, { training: true, mask: ma });
    const second = plain.apply(variables, b, { training: true, mask: mb });
    expect(maxDifference(got.y, tf.concat([first.y, second.y]).arraySync())).toBe(0);
    expect(() => layer.apply(variables, tf.ones([4, 2]), { training: true })).toThrow(
      "ghostBatchNorm: expected a batch that is a multiple of 3, got 4",
    );
    expect(layer.apply(variables, tf.ones([4, 2])).y.shape).toEqual([4, 2]);
    expect(() => ghostBatchNorm({ ghostSize: 0 })).toThrow(
      "ghostBatchNorm: expected ghostSize to be a positive whole number, got 0",
    );
  });
});

test("a momentum says what it weighs: anything else is refused by types and at run time", () => {
  const message =
    'batchNorm: expected momentum { weightOfBatch }, { weightOfRunning } in [0, 1] or "cumulativeMean"';
  // @ts-expect-error a bare number could mean either
  expect(() => batchNorm({ momentum: 0.1 })).toThrow(`${message}, got 0.1`);
  // @ts-expect-error both
  expect(() => batchNorm({ momentum: { weightOfBatch: 0.1, weightOfRunning: 0.9 } })).toThrow(
    message,
  );
  expect(() => batchNorm({ momentum: { weightOfBatch: 1.5 } })).toThrow(message);
  // @ts-expect-error no such name
  expect(() => batchNorm({ momentum: "none" })).toThrow(message);
  expect(() => batchNorm({ eps: -1 })).toThrow(
    "batchNorm: expected a finite eps of at least 0, got -1",
  );
});
