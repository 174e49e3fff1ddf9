import { grad, random } from "@layerwise/autodiff";
import {
  alphaDropout,
  concreteDropout,
  dropBlock,
  dropConnect,
  dropout,
  dropoutMask,
  dropPath,
  featureAlphaDropout,
  gaussianDropout,
  gaussianNoise,
  lockedDropout,
  maskingNoise,
  saltAndPepperNoise,
  shakeout,
  spatialDropout2d,
  standout,
  uniformNoise,
  variationalDense,
  zoneOut,
} from "@layerwise/dropout";
import type { Layer } from "@layerwise/layers";
import { dense, LayerError } from "@layerwise/layers";
import * as tf from "@tensorflow/tfjs-core";
import { expect, expectTypeOf, test } from "vitest";
import { alive } from "./setup.ts";

const none = { params: null, state: null };
const options = { key: random.key(1), training: true };

/** Layers without parameters at a rate, and the batch to try them on. */
const atRate: Readonly<Record<string, (rate: number) => Layer<null, null>>> = {
  dropout: (rate) => dropout({ rate }),
  spatialDropout2d: (rate) => spatialDropout2d({ rate }),
  alphaDropout: (rate) => alphaDropout({ rate }),
  featureAlphaDropout: (rate) => featureAlphaDropout({ rate }),
  dropPath: (rate) => dropPath({ rate }),
  "dropPath unscaled": (rate) => dropPath({ rate, scaleByKeep: false }),
  dropBlock: (rate) => dropBlock({ rate }),
  maskingNoise: (rate) => maskingNoise({ rate }),
};
const batch = tf.tensor4d([1, -0, 3e38, -1e-40, Infinity, -7], [1, 2, 3, 1]);
const bits = (x: tf.Tensor): number[] => [
  ...new Int32Array(Float32Array.from(x.dataSync()).buffer),
];

test.each(Object.entries(atRate))("%s at rate 0 is the identity, bit by bit", (_, make) => {
  expect(bits(make(0).apply(none, batch, options).y)).toEqual(bits(batch));
});

test("noise of no size is the identity, bit by bit", () => {
  const silent = [
    gaussianDropout({ rate: 0 }),
    gaussianNoise({ stddev: 0 }),
    uniformNoise({ limit: 0 }),
    saltAndPepperNoise({ rate: 0 }),
  ];
  for (const layer of silent)
    expect(bits(layer.apply(none, batch, options).y)).toEqual(bits(batch));
});

test.each(Object.entries(atRate))("%s at rate 1 gives zeros with zero gradients", (_, make) => {
  const layer = make(1);
  const { y } = layer.apply(none, batch, options);
  expect([...y.dataSync()].every((v) => v === 0)).toBe(true);
  const slope = grad((x: tf.Tensor) => tf.sum(layer.apply(none, x, options).y))(batch);
  expect([...slope.dataSync()]).toEqual([0, 0, 0, 0, 0, 0]);
});

test.each(Object.entries(atRate))("%s stays finite near rate 1", (_, make) => {
  const x = tf.ones([2, 3, 3, 2]);
  const { y } = make(0.999).apply(none, x, options);
  expect([...y.dataSync()].every(Number.isFinite)).toBe(true);
});

test("salt and pepper at rate 1 leave nothing of x, not even in the gradient", () => {
  const draw = (x: tf.Tensor) => saltAndPepperNoise(random.key(0), x, 1, { low: -1, high: 2 });
  expect(new Set(draw(tf.fill([64], Infinity)).dataSync())).toEqual(new Set([-1, 2]));
  const slope = grad((x: tf.Tensor) => tf.sum(draw(x)))(tf.ones([64]));
  expect(new Set(slope.dataSync())).toEqual(new Set([0]));
});

test("dropConnect at rates 0 and 1 is the layer and its bias, with finite gradients", () => {
  const inner = dense({ units: 2 });
  const { params } = inner.init(random.key(0), [3]);
  const biased = { params: { ...params, bias: tf.tensor1d([5, -6]) }, state: null };
  const x = tf.ones([2, 3]);
  const at = (rate: number, dropBias = false) =>
    Array.from(dropConnect(inner, { rate, dropBias }).apply(biased, x, options).y.dataSync());
  expect(at(0)).toEqual(Array.from(inner.apply(biased, x).y.dataSync()));
  expect(at(1)).toEqual([5, -6, 5, -6]);
  expect(at(1, true)).toEqual([0, 0, 0, 0]);
  const layer = dropConnect(inner, { rate: 1 });
  const slopes = grad((p: typeof biased.params) =>
    tf.sum(layer.apply({ params: p, state: null }, x, options).y),
  )(biased.params);
  expect([...slopes.kernel.dataSync(), ...(slopes.bias?.dataSync() ?? [])]).toEqual([
    0, 0, 0, 0, 0, 0, 2, 2,
  ]);
});

test("a dropped infinity becomes zero (or the constant of alpha dropout), never NaN", () => {
  const x = tf.fill([2, 3, 3, 4], Infinity);
  for (const [name, make] of Object.entries(atRate)) {
    const values = [...make(0.5).apply(none, x, options).y.dataSync()];
    expect(values.some(Number.isNaN), name).toBe(false);
  }
});

test("a dropout mask is 0 or 1 / (1 − rate), and the dropout of ones", () => {
  expect([...dropoutMask(random.key(0), [3], 0).dataSync()]).toEqual([1, 1, 1]);
  expect([...dropoutMask(random.key(0), [3], 1).dataSync()]).toEqual([0, 0, 0]);
  const mask = dropoutMask(random.key(3), [50], 0.75);
  expect([...mask.dataSync()]).toEqual([...dropout(random.key(3), tf.ones([50]), 0.75).dataSync()]);
  expect(new Set(mask.dataSync())).toEqual(new Set([0, 4]));
});

test("layers and functions with the same key agree", () => {
  const x = random.normal(random.key(2), [40]);
  const { key } = options;
  const pairs: [Layer<null, null>, tf.Tensor][] = [
    [gaussianDropout({ rate: 0.3 }), gaussianDropout(key, x, 0.3)],
    [alphaDropout({ rate: 0.3 }), alphaDropout(key, x, 0.3)],
    [maskingNoise({ rate: 0.3 }), maskingNoise(key, x, 0.3)],
    [saltAndPepperNoise({ rate: 0.3, low: -2 }), saltAndPepperNoise(key, x, 0.3, { low: -2 })],
    [gaussianNoise({ stddev: 0.3 }), gaussianNoise(key, x, 0.3)],
    [uniformNoise({ limit: 0.3 }), uniformNoise(key, x, 0.3)],
  ];
  for (const [layer, want] of pairs) {
    expect([...layer.apply(none, x, options).y.dataSync()]).toEqual([...want.dataSync()]);
  }
});

const refusals: readonly (readonly [() => unknown, string])[] = [
  [() => gaussianDropout({ rate: 1 }), "gaussianDropout: expected a rate in [0, 1), got 1"],
  [
    () => shakeout({ units: 1, rate: 1, strength: 0 }),
    "shakeout: expected a rate in [0, 1), got 1",
  ],
  [
    () => shakeout({ units: 1, rate: 0, strength: -1 }),
    "shakeout: expected a finite strength of at least 0, got -1",
  ],
  [
    () => dropout({ rate: 0.5, sharedAxes: [1, 3] }).apply(none, tf.ones([2, 4]), options),
    "dropout: expected shared axes from -2 to 1 for [2, 4], got 3",
  ],
  [() => spatialDropout2d({ rate: 2 }), "spatialDropout2d: expected a rate in [0, 1], got 2"],
  [() => lockedDropout({ rate: -1 }), "lockedDropout: expected a rate in [0, 1], got -1"],
  [() => dropPath({ rate: Number.NaN }), "dropPath: expected a rate in [0, 1], got NaN"],
  [
    () => dropBlock({ rate: 0.1, blockSize: 2.5 }),
    "dropBlock: expected a positive whole number of pixels as blockSize, got 2.5",
  ],
  [
    () => saltAndPepperNoise({ rate: 0.1, low: 1 }),
    "saltAndPepperNoise: expected finite low < high, got 1 and 1",
  ],
  [
    () => uniformNoise({ limit: Infinity }),
    "uniformNoise: expected a finite limit of at least 0, got Infinity",
  ],
  [() => concreteDropout({ rate: 0 }), "concreteDropout: expected a rate in (0, 1), got 0"],
  [
    () => concreteDropout({ temperature: 0 }),
    "concreteDropout: expected a finite positive temperature, got 0",
  ],
  [
    () => variationalDense({ units: 1, threshold: Number.NaN }),
    "variationalDense: expected a threshold, got NaN",
  ],
  [
    () => standout({ units: 1, beta: Infinity }),
    "standout: expected finite alpha and beta, got 1 and Infinity",
  ],
  [
    () => dropConnect(dense({ units: 1 }), { rate: 0.5, inference: "gaussian" }),
    "dropConnect: expected an activation for Gaussian inference, got none",
  ],
  [
    () => dropConnect(dense({ units: 1 }), { rate: 1, inference: "gaussian", activation: tf.relu }),
    "dropConnect: expected a rate below 1 for Gaussian inference, got 1",
  ],
  [
    () => zoneOut(tf.ones([2]), tf.ones([3]), { rate: 0.5 }),
    "zoneOut: expected states of the same shape, got [2] and [3]",
  ],
  [
    () => zoneOut(tf.ones([2]), tf.ones([2]), { rate: 0.5, training: true }),
    "zoneOut: expected a random key in training, got none",
  ],
  [
    () => spatialDropout2d({ rate: 0.1 }).outputShape([3, 4]),
    "spatialDropout2d: expected input [batch, height, width, channels], got [1, 3, 4]",
  ],
];

test.each(refusals)("refusal %#: names the layer and what was given", (make, message) => {
  expect(make).toThrow(LayerError);
  expect(make).toThrow(message);
});

test("types: options are checked, ranks and parameters are kept", () => {
  // @ts-expect-error the rate is required
  expect(() => dropout({})).toThrow(LayerError);
  // @ts-expect-error a layer without a kernel has no weights to drop
  expect(dropConnect(dropout({ rate: 0.5 }), { rate: 0.5 }).kind).toBe("dropConnect");
  const x = tf.zeros([2, 3]) as tf.Tensor2D;
  expectTypeOf(alphaDropout(random.key(0), x, 0.5)).toEqualTypeOf<tf.Tensor2D>();
  expectTypeOf(zoneOut(x, x, { rate: 0.5 })).toEqualTypeOf<tf.Tensor2D>();
  const { params } = concreteDropout().init(random.key(0), []);
  expectTypeOf(params.logit).toEqualTypeOf<tf.Scalar>();
});

test("functions leave only their result", () => {
  const x = tf.ones([4, 4]);
  const { key } = options;
  const calls: (() => unknown)[] = [
    () => gaussianDropout(key, x, 0.5),
    () => alphaDropout(key, x, 0.5),
    () => saltAndPepperNoise(key, x, 0.5),
    () => uniformNoise(key, x, 0.5),
    () => dropoutMask(key, [4], 0.5),
    () => zoneOut(x, x, { rate: 0.5, key, training: true }),
    () => zoneOut(x, x, { rate: 0.5 }),
  ];
  for (const call of calls) {
    const before = alive();
    call();
    expect(alive()).toBe(before + 1);
  }
});
