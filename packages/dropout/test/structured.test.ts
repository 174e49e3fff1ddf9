import { grad, random } from "@layerwise/autodiff";
import {
  dropBlock,
  dropConnect,
  dropPath,
  linearDropRates,
  stochasticDepth,
} from "@layerwise/dropout";
import type { Layer } from "@layerwise/layers";
import { constant, dense, sequential } from "@layerwise/layers";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { blockRate, keepBlocks, keepOutsideBlocks } from "../src/structured/drop-block.ts";
import { maxDifference } from "./setup.ts";

const none = { params: null, state: null };
const mean = (values: readonly number[]): number =>
  values.reduce((sum, v) => sum + v, 0) / values.length;
const variance = (values: readonly number[]): number => {
  const center = mean(values);
  return mean(values.map((v) => (v - center) ** 2));
};

describe("dropBlock", () => {
  test.each([1, 2, 3, 4])("corners drop whole squares of side %d (oracle: loops)", (size) => {
    const [height, width] = [6, 7];
    const [rows, columns] = [height - size + 1, width - size + 1];
    const corners = random.bernoulli(random.key(size), 0.15, [2, rows, columns, 3]);
    const set = tf.cast(corners, "float32").arraySync() as number[][][][];
    const want = [0, 1].map((n) =>
      Array.from({ length: height }, (_, i) =>
        Array.from({ length: width }, (_, j) =>
          [0, 1, 2].map((c) => {
            for (let di = 0; di < size; di++) {
              for (let dj = 0; dj < size; dj++) if (set[n]?.[i - di]?.[j - dj]?.[c]) return 0;
            }
            return 1;
          }),
        ),
      ),
    );
    const keep = keepOutsideBlocks(corners, size);
    expect(keep.shape).toEqual([2, height, width, 3]);
    expect(keep.arraySync()).toEqual(want);
    expect(mean(want.flat(3))).toBeLessThan(1);
  });

  test("γ is timm's (oracle: its formula by hand)", () => {
    // 0.1 · 8 · 8 / (9 · 6 · 6), and side 7 on 5 × 9 cut to 5.
    expect(blockRate(0.1, 3, 8, 8)).toBeCloseTo(6.4 / 324, 15);
    expect(blockRate(0.2, 5, 5, 9)).toBeCloseTo(9 / (25 * 5), 15);
    expect(blockRate(0.9, 1, 4, 4)).toBeCloseTo(0.9, 15);
    expect(blockRate(1, 4, 4, 4)).toBe(1);
  });

  test("the rest is scaled by count / kept, and nothing kept is zero, not NaN", () => {
    const x = tf.ones([1, 2, 2, 3]);
    const keep = tf.tensor4d([1, 0, 1, 1], [1, 2, 2, 1]);
    const y = keepBlocks(x, keep);
    expect(maxDifference(tf.mean(y), 1)).toBeLessThan(1e-6);
    expect(maxDifference(tf.max(y), 4 / 3)).toBeLessThan(1e-6);
    const none = (v: tf.Tensor) => keepBlocks(v, tf.zerosLike(keep));
    expect(maxDifference(none(x), Array(12).fill(0))).toBe(0);
    expect(maxDifference(grad((v: tf.Tensor) => tf.sum(none(v)))(x), Array(12).fill(0))).toBe(0);
  });

  test.each([2, 3])("side %d drops the share that γ gives, at every pixel (4 σ)", (size) => {
    const [n, side, rate] = [4000, 5, 0.3];
    const layer = dropBlock({ rate, blockSize: size });
    const options = { key: random.key(8), training: true };
    const y = layer.apply(none, tf.ones([n, side, side, 1]), options).y;
    const kept = tf.mean(tf.cast(tf.greater(y, 0), "float32"), 0).dataSync();
    const gamma = blockRate(rate, size, side, side);
    const covering = (i: number) => Math.min(i, side - size) - Math.max(0, i - size + 1) + 1;
    kept.forEach((share, at) => {
      const corners = covering(Math.floor(at / side)) * covering(at % side);
      const want = (1 - gamma) ** corners;
      expect(Math.abs(share - want)).toBeLessThan(4 * Math.sqrt((want * (1 - want)) / n));
    });
  });

  test("channels share their squares, or not; both layouts draw the same", () => {
    const x = tf.ones([2, 6, 6, 8]);
    const options = { key: random.key(2), training: true };
    const spread = (coupleChannels: boolean) => {
      const { y } = dropBlock({ rate: 0.4, blockSize: 2, coupleChannels }).apply(none, x, options);
      return tf.max(tf.sub(tf.max(y, 3), tf.min(y, 3))).dataSync()[0];
    };
    expect(spread(true)).toBe(0);
    expect(spread(false)).toBeGreaterThan(1);
    for (const coupleChannels of [true, false]) {
      const base = { rate: 0.4, blockSize: 3, coupleChannels };
      const last = dropBlock(base).apply(none, x, options).y;
      const first = dropBlock({ ...base, channelsFirst: true });
      const moved = first.apply(none, tf.transpose(x, [0, 3, 1, 2]), options).y;
      expect(maxDifference(tf.transpose(moved, [0, 2, 3, 1]), last.arraySync())).toBe(0);
    }
  });

  test("a square larger than the image is cut to it", () => {
    const options = { key: random.key(3), training: true };
    const { y } = dropBlock({ rate: 0.5 }).apply(none, tf.ones([64, 2, 3, 1]), options);
    const values = [...y.dataSync()];
    expect(values.every(Number.isFinite)).toBe(true);
    expect(values).toContain(0);
  });
});

describe("stochasticDepth", () => {
  const branch = dense({ units: 3, kernelInit: constant(0.5) });
  const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);

  test("inference is x + branch(x); rate 1 is x, with the gradient of x", () => {
    const variables = branch.init(random.key(0), [3]);
    const layer = stochasticDepth(branch, { rate: 0.5 });
    const want = tf.add(x, branch.apply(variables, x).y);
    expect(maxDifference(layer.apply(variables, x).y, want.arraySync())).toBe(0);
    const options = { key: random.key(1), training: true };
    const gone = stochasticDepth(branch, { rate: 1 });
    expect(maxDifference(gone.apply(variables, x, options).y, x.arraySync())).toBe(0);
    const slope = grad((v: tf.Tensor) => tf.sum(gone.apply(variables, v, options).y))(x);
    expect([...slope.dataSync()]).toEqual([1, 1, 1, 1, 1, 1]);
    const all = stochasticDepth(branch, { rate: 0 });
    expect(maxDifference(all.apply(variables, x, options).y, want.arraySync())).toBe(0);
  });

  test("each sample has its branch at 1 / (1 − rate), or not at all", () => {
    const variables = branch.init(random.key(0), [3]);
    const many = tf.ones([200, 3]);
    const options = { key: random.key(1), training: true };
    const { y } = stochasticDepth(branch, { rate: 0.75 }).apply(variables, many, options);
    // The branch gives 1.5 on ones.
    expect(new Set(y.dataSync())).toEqual(new Set([1, 1 + 4 * 1.5]));
  });

  test("is a container around its branch, which has the block's own variables", () => {
    const layer = stochasticDepth(branch, { rate: 0.5 });
    expect(layer.parts([3])).toEqual([{ name: "", layer: branch, inputShape: [3] }]);
    const mapped = layer.mapLayers((child) => ({
      ...child,
      apply: (_, v) => ({ y: v, state: null }),
    }));
    const variables = layer.init(random.key(0), [3]);
    expect(maxDifference(mapped.apply(variables, x).y, tf.add(x, x).arraySync())).toBe(0);
  });

  test("a branch that changes the shape is refused, with its path", () => {
    const net = sequential({ block: stochasticDepth(dense({ units: 2 }), { rate: 0.1 }) });
    expect(() => net.init(random.key(0), [3])).toThrow(
      "block (stochasticDepth): expected a branch that keeps the shape [3], got [2] (dense)",
    );
  });

  test("rates rise linearly over the depth", () => {
    expect(linearDropRates(5, 0.2)).toEqual([0, 0.05, 0.1, 0.15000000000000002, 0.2]);
    expect(linearDropRates(1, 0.2)).toEqual([0]);
    expect(linearDropRates(4, 0.5, { first: 0.5 / 4 })).toEqual([0.125, 0.25, 0.375, 0.5]);
    expect(linearDropRates(3, 0)).toEqual([0, 0, 0]);
    // The last is exact, whatever the steps round to.
    for (let depth = 2; depth < 60; depth++) expect(linearDropRates(depth, 0.3).at(-1)).toBe(0.3);
    expect(() => linearDropRates(0, 0.2)).toThrow("linearDropRates: expected a positive whole");
    expect(() => linearDropRates(3, 2)).toThrow("linearDropRates: expected a rate in [0, 1]");
  });

  test("in mode sample no branch depends on the others of the batch", () => {
    const rows = tf.ones([1000, 2]);
    const { y } = dropPath({ rate: 0.5 }).apply(none, rows, { key: random.key(9), training: true });
    const kept = Array.from(tf.max(y, 1).dataSync(), (v) => v / 2);
    expect(Math.abs(mean(kept) - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / 1000));
  });
});

describe("dropConnect", () => {
  const inner = dense({ units: 2 });
  const params = {
    kernel: tf.tensor2d([0.5, -1, 2, 0.25, -0.75, 1.5], [3, 2]),
    bias: tf.tensor1d([0.3, -0.4]),
  };
  const variables = { params, state: null };
  const x = tf.tensor2d([1, -2, 0.5], [1, 3]);
  const rate = 0.4;
  const factor = rate / (1 - rate);
  const linear = inner.apply(variables, x).y.dataSync();
  /** p / (1 − p) Σ x² W², by hand. */
  const wanted = [0, 1].map((unit) => {
    const column = params.kernel.arraySync().map((row) => row[unit] ?? Number.NaN);
    const inputs = [1, -2, 0.5];
    return factor * inputs.reduce((sum, v, i) => sum + (v * (column[i] ?? 0)) ** 2, 0);
  });

  test.each([false, true])("masks keep mean and variance (dropBias %s, 4 σ)", (dropBias) => {
    // Many copies of a unit in one layer: as many independent masks.
    const [bias, copies] = [0.3, 10_000];
    const column = tf.slice(params.kernel, [0, 0], [3, 1]);
    const kernel = tf.tile(column, [1, copies]) as tf.Tensor2D;
    const copied = { kernel, bias: tf.fill([copies], bias) as tf.Tensor1D };
    const layer = dropConnect(dense({ units: copies }), { rate, dropBias });
    const options = { key: random.key(5), training: true };
    const values = Array.from(
      layer.apply({ params: copied, state: null }, x, options).y.dataSync(),
    );
    const exact = linear[0] ?? Number.NaN;
    const want = (wanted[0] ?? Number.NaN) + (dropBias ? factor * bias ** 2 : 0);
    expect(Math.abs(mean(values) - exact)).toBeLessThan(4 * Math.sqrt(want / copies));
    const squares = values.map((v) => (v - exact) ** 2);
    const error = Math.sqrt(variance(squares) / copies);
    expect(Math.abs(mean(squares) - want)).toBeLessThan(4 * error);
  });

  test("Gaussian inference averages the activation over those moments (4 σ)", () => {
    const moments = (activation: (y: tf.Tensor) => tf.Tensor) => {
      const options = { rate, activation, inference: "gaussian", samples: 20_000 } as const;
      return dropConnect(inner, options)
        .apply(variables, x, { key: random.key(1) })
        .y.dataSync();
    };
    const center = moments((y) => tf.add(y, 0));
    const second = moments(tf.square);
    wanted.forEach((spread, unit) => {
      const exact = linear[unit] ?? 0;
      expect(Math.abs((center[unit] ?? 0) - exact)).toBeLessThan(4 * Math.sqrt(spread / 20_000));
      // E y² = μ² + σ², Var y² = 2 σ⁴ + 4 μ² σ².
      const error = Math.sqrt((2 * spread ** 2 + 4 * exact ** 2 * spread) / 20_000);
      expect(Math.abs((second[unit] ?? 0) - exact ** 2 - spread)).toBeLessThan(4 * error);
    });
  });

  test("inference on the weights is the layer; Gaussian inference asks for its key", () => {
    const activated = dropConnect(inner, { rate, activation: tf.relu });
    const want = tf.relu(inner.apply(variables, x).y);
    expect(maxDifference(activated.apply(variables, x).y, want.arraySync())).toBe(0);
    const gaussian = dropConnect(inner, { rate, activation: tf.relu, inference: "gaussian" });
    expect(() => gaussian.apply(variables, x)).toThrow(
      "dropConnect: expected a random key for Gaussian inference, got none",
    );
    const sure = dropConnect(inner, { rate: 0, activation: tf.relu, inference: "gaussian" });
    expect(maxDifference(sure.apply(variables, x).y, want.arraySync())).toBe(0);
  });

  test("wraps any layer with a kernel, and leaves a missing bias missing", () => {
    const scale: Layer<{ readonly kernel: tf.Tensor; readonly bias: null }, null> = {
      kind: "scale",
      init: () => ({ params: { kernel: tf.ones([4]), bias: null }, state: null }),
      apply: (v, input) => ({ y: tf.mul(input, v.params.kernel), state: null }),
      outputShape: (shape) => shape,
    };
    const layer = dropConnect(scale, { rate: 0.5, dropBias: true });
    const made = layer.init(random.key(0), [4]);
    const { y } = layer.apply(made, tf.ones([3, 4]), { key: random.key(1), training: true });
    const rows = y.arraySync() as number[][];
    expect(rows[0]).toEqual(rows[2]);
    expect(rows.flat().every((v) => v === 0 || v === 2)).toBe(true);
  });
});
