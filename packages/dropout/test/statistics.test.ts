import { random } from "@layerwise/autodiff";
import {
  alphaDropout,
  dropConnect,
  dropout,
  dropPath,
  featureAlphaDropout,
  gaussianDropout,
  lockedDropout,
  maskingNoise,
  saltAndPepperNoise,
  spatialDropout1d,
  spatialDropout2d,
  spatialDropout3d,
  uniformNoise,
  zoneOut,
} from "@layerwise/dropout";
import type { Layer } from "@layerwise/layers";
import { dense } from "@layerwise/layers";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import "./setup.ts";

const none = { params: null, state: null };
const rate = 0.3;
const train = (layer: Layer<null, null>, x: tf.Tensor, seed: number): tf.Tensor =>
  layer.apply(none, x, { key: random.key(seed), training: true }).y;
const mean = (values: readonly number[]): number =>
  values.reduce((sum, v) => sum + v, 0) / values.length;

/** Whether the mean of independent values is within four standard errors of what is expected. */
function expectMean(values: readonly number[], want: number): void {
  const center = mean(values);
  const variance = mean(values.map((v) => (v - center) ** 2));
  expect(Math.abs(center - want)).toBeLessThan(4 * Math.sqrt(variance / values.length) + 1e-7);
}

/** Masks as 0 and 1, one value per independent draw, of the shape [groups, draws per group]. */
const masks: Readonly<Record<string, (seed: number) => tf.Tensor>> = {
  dropout: (seed) => train(dropout({ rate }), tf.ones([100, 200]), seed),
  "dropout with shared axes": (seed) =>
    tf.max(train(dropout({ rate, sharedAxes: [1] }), tf.ones([100, 3, 200]), seed), 1),
  spatialDropout1d: (seed) =>
    tf.max(train(spatialDropout1d({ rate }), tf.ones([100, 3, 200]), seed), 1),
  spatialDropout2d: (seed) =>
    tf.max(train(spatialDropout2d({ rate }), tf.ones([100, 2, 2, 200]), seed), [1, 2]),
  "spatialDropout2d channels first": (seed) =>
    tf.max(
      train(spatialDropout2d({ rate, channelsFirst: true }), tf.ones([100, 200, 2, 2]), seed),
      [2, 3],
    ),
  spatialDropout3d: (seed) =>
    tf.max(train(spatialDropout3d({ rate }), tf.ones([100, 2, 1, 2, 200]), seed), [1, 2, 3]),
  featureAlphaDropout: (seed) =>
    tf.relu(tf.max(train(featureAlphaDropout({ rate }), tf.ones([100, 2, 2, 200]), seed), [1, 2])),
  lockedDropout: (seed) => tf.max(train(lockedDropout({ rate }), tf.ones([100, 3, 200]), seed), 1),
  dropPath: (seed) =>
    tf.reshape(tf.max(train(dropPath({ rate }), tf.ones([20_000, 2]), seed), 1), [100, 200]),
  maskingNoise: (seed) => train(maskingNoise({ rate }), tf.ones([100, 200]), seed),
  saltAndPepperNoise: (seed) =>
    tf.equal(train(saltAndPepperNoise({ rate }), tf.fill([100, 200], 0.5), seed), 0.5),
  zoneOut: (seed) =>
    zoneOut(tf.zeros([100, 200]), tf.ones([100, 200]), {
      rate,
      key: random.key(seed),
      training: true,
    }),
  dropConnect: (seed) => {
    const layer = dropConnect(dense({ units: 200, useBias: false }), { rate });
    const params = { kernel: tf.ones([100, 200]) as tf.Tensor2D, bias: null };
    const key = random.key(seed);
    return layer.apply({ params, state: null }, tf.eye(100), { key, training: true }).y;
  },
};

const drawn = (draw: (seed: number) => tf.Tensor, seed: number): number[][] =>
  (draw(seed).arraySync() as number[][]).map((row) => row.map((v) => Number(v > 0)));

test.each(Object.entries(masks))("%s keeps the share 1 − rate, independently", (_, draw) => {
  const [a, b] = [drawn(draw, 21), drawn(draw, 22)];
  expect([a.length, a[0]?.length]).toEqual([100, 200]);
  expectMean(a.flat(), 1 - rate);
  const centered = (rows: number[][]) => rows.map((row) => row.map((v) => v - 1 + rate));
  const [x, y] = [centered(a), centered(b)];
  const products = (other: (i: number, j: number) => number | undefined) =>
    x.flatMap((row, i) =>
      row.flatMap((v, j) => {
        const partner = other(i, j);
        return partner === undefined ? [] : [v * partner];
      }),
    );
  // Along both axes, and across keys.
  expectMean(
    products((i, j) => x[i]?.[j + 1]),
    0,
  );
  expectMean(
    products((i, j) => x[i + 1]?.[j]),
    0,
  );
  expectMean(
    products((i, j) => y[i]?.[j]),
    0,
  );
});

test.each([0.1, 0.3, 0.7])(
  "alphaDropout(%d) keeps mean 0 and variance 1, as the next layer sees them",
  (p) => {
    const x = random.normal(random.key(31), [200_000]);
    const y = Array.from(alphaDropout(random.key(32), x, p).dataSync());
    expectMean(y, 0);
    expectMean(
      y.map((v) => v * v),
      1,
    );
  },
);

test.each([0.1, 0.5, 0.8])("gaussianDropout(%d) has dropout's mean and variance", (p) => {
  const x = tf.ones([100_000]);
  const y = Array.from(gaussianDropout(random.key(33), x, p).dataSync());
  const z = Array.from(dropout(random.key(34), x, p).dataSync());
  for (const values of [y, z]) {
    expectMean(values, 1);
    expectMean(
      values.map((v) => (v - 1) ** 2),
      p / (1 - p),
    );
  }
});

test("salt and pepper come in equal parts", () => {
  const y = Array.from(saltAndPepperNoise(random.key(35), tf.fill([50_000], 0.5), 0.4).dataSync());
  for (const extreme of [0, 1])
    expectMean(
      y.map((v) => Number(v === extreme)),
      0.2,
    );
});

test("uniform noise has mean 0 and variance limit² / 3 and stays within its limit", () => {
  const y = Array.from(uniformNoise(random.key(36), tf.zeros([50_000]), 0.6).dataSync());
  expect(Math.max(...y.map(Math.abs))).toBeLessThanOrEqual(Math.fround(0.6));
  expectMean(y, 0);
  expectMean(
    y.map((v) => v * v),
    0.12,
  );
});

test("dropPath keeps the mean; unscaled it does not; mode batch draws once", () => {
  const x = tf.ones([20_000, 1]);
  expectMean(Array.from(train(dropPath({ rate }), x, 37).dataSync()), 1);
  expectMean(Array.from(train(dropPath({ rate, scaleByKeep: false }), x, 37).dataSync()), 0.7);
  const kept = Array.from({ length: 400 }, (_, i) => {
    const y = train(dropPath({ rate, mode: "batch" }), tf.ones([5, 2]), i).dataSync();
    expect(new Set(y).size).toBe(1);
    return Number((y[0] ?? 0) > 0);
  });
  expectMean(kept, 0.7);
});
