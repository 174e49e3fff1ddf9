import type { TensorTree } from "@layerwise/autodiff";
import { adafactor, scaleByFactoredRms, scaleBySm3, sm3 } from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import golden from "./fixtures/optimizers.json" with { type: "json" };
import { any, derived, type Rule, worst } from "./support/derived.ts";
import { float64Differences, goldenCases, idOf } from "./support/golden.ts";
import { frobenius, type Matrix, zip } from "./support/matrix.ts";
import "./setup.ts";

const id =
  'optax adafactor {"learning_rate":0.1,"min_dim_size_to_factor":2,"momentum":0.9,"weight_decay_rate":0.01}';

type Round = (x: number) => number;

/** Adafactor by the sums of the paper; `round` is what storing and decaying the momentum does. */
function paper(isVector: boolean, round: Round): Rule {
  let rows: number[] = [];
  let columns: number[] = [];
  let full: Matrix = [];
  let m: Matrix = [];
  let t = 0;
  return (g, p) => {
    t++;
    const beta = 1 - t ** -0.8;
    const squares = zip((x) => x * x + 1e-30, g);
    const average = (old: number, x: number): number => (t === 1 ? x : beta * old + (1 - beta) * x);
    const sum = (x: readonly number[]): number => x.reduce((a, b) => a + b, 0);
    full = zip((x, old) => average(old, x), squares, t === 1 ? squares : full);
    rows = squares.map((row, i) => average(rows[i] ?? 0, sum(row)));
    columns = (squares[0] ?? []).map((_, j) =>
      average(columns[j] ?? 0, sum(squares.map((row) => row[j] ?? 0))),
    );
    const v = isVector ? full : rows.map((r) => columns.map((c) => (r * c) / sum(rows)));
    const u = zip((x, y) => x / Math.sqrt(y), g, v);
    const rms = (x: Matrix): number => frobenius(x) / Math.sqrt(x.flat().length);
    const by = (0.1 * Math.max(rms(p), 1e-3)) / Math.max(1, rms(u));
    const before = t === 1 ? zip(() => 0, u) : m;
    const next = zip((x, old) => round(round(0.9) * old) + (1 - 0.9) * by * x, u, before);
    m = zip(round, next);
    return zip((x, y) => x - y - 0.01 * x, p, next);
  };
}

describe("adafactor with momentum and decay (oracle: the paper's sums in plain JavaScript)", () => {
  const run = (round: Round) => derived({ w: paper(false, round), b: paper(true, round) });

  test("is the paper's in float64", () => {
    const optimizer = any(
      adafactor({
        learningRate: 0.1,
        minDimSizeToFactor: 2,
        momentum: 0.9,
        weightDecayRate: 0.01,
      }),
    );
    expect(
      worst(
        float64Differences(
          optimizer,
          run((x) => x),
        ),
      ),
    ).toBeLessThan(1e-12);
  });

  test("optax's golden case is the same with float32 momentum, and nothing else", () => {
    const want = goldenCases.find((c) => idOf(c) === id)?.trajectory ?? {};
    const { trajectory } = run(Math.fround);
    for (const [step, { w, b }] of Object.entries(want)) {
      const got = trajectory[step] ?? { w: [], b: [] };
      const flat = [...got.w.flat(), ...got.b];
      for (const [i, x] of [...w.flat(), ...b].entries()) {
        expect(Math.abs((flat[i] ?? Number.NaN) - x), `step ${step}`).toBeLessThan(1e-12);
      }
    }
  });
});

test("only matrices whose two largest axes are long enough are factored", () => {
  const tx = scaleByFactoredRms({ minDimSizeToFactor: 3 });
  const params = {
    small: tf.zeros([2, 8]),
    matrix: tf.zeros([4, 3]),
    kernel: tf.zeros([5, 2, 3]),
    bias: tf.zeros([9]),
  };
  const shapes = (x: unknown): unknown =>
    x instanceof tf.Tensor
      ? x.shape
      : Object.fromEntries(Object.entries(x as object).map(([name, y]) => [name, shapes(y)]));
  expect(shapes(tx.init(params).nu)).toEqual({
    small: { full: [2, 8] },
    matrix: { rows: [1, 3], columns: [4, 1] },
    kernel: { rows: [1, 2, 3], columns: [5, 2, 1] },
    bias: { full: [9] },
  });
  const off = scaleByFactoredRms({ minDimSizeToFactor: 3, factored: false });
  expect(shapes(off.init(params).nu)).toHaveProperty("matrix.full", [4, 3]);
});

test("a matrix of rank one has exact factors: the first step is the sign", () => {
  const grads = tf.tensor2d([1, -2, 4, 3, -6, 12], [2, 3]);
  const tx = scaleByFactoredRms({ minDimSizeToFactor: 2 });
  const { updates } = tx.update(grads, tx.init(grads));
  expect(tf.max(tf.abs(tf.sub(updates, tf.sign(grads)))).dataSync()[0]).toBeLessThan(1e-6);
});

test("SM3 bounds AdaGrad's sums from above, and is AdaGrad on vectors", () => {
  const tx = scaleBySm3({ b1: 0, eps: 0 });
  let state = tx.init(tf.tensor2d(golden.params.w));
  let sums: Matrix = zip(() => 0, golden.params.w);
  for (const { w } of golden.grads.slice(0, 7)) {
    sums = zip((s, x) => s + x * x, sums, w);
    const result = tx.update(tf.tensor2d(w), state);
    state = result.state;
    const steps = result.updates.arraySync() as number[][];
    zip(
      (u, g, s) => {
        expect(Math.abs(u)).toBeLessThanOrEqual(Math.abs(g) / Math.sqrt(s) + 1e-6);
        return 0;
      },
      steps,
      w,
      sums,
    );
  }
  const [accumulators] = [state.accumulators as unknown as tf.Tensor[]];
  expect(accumulators?.map(({ shape }) => shape)).toEqual([
    [3, 1],
    [1, 4],
  ]);
  const vector = tf.tensor1d([3, 0]);
  const one = tx.update(vector, tx.init(vector));
  const two = tx.update(tf.tensor1d([4, 1]), one.state);
  expect([...two.updates.dataSync()].map((x) => Math.fround(x))).toEqual([Math.fround(0.8), 1]);
});

test("errors name the option", () => {
  expect(() => adafactor({ learningRate: 0.1, minDimSizeToFactor: 0 })).toThrow(
    "scaleByFactoredRms: minDimSizeToFactor",
  );
  expect(() => adafactor({ learningRate: 0.1, clippingThreshold: 0 })).toThrow("clipByBlockRms");
  expect(() => sm3({ learningRate: 0.1, momentum: 1 })).toThrow(
    "sm3: momentum: expected a number in [0, 1), got 1",
  );
  expect(() => adafactor({ learningRate: 0.1, momentum: -1 })).toThrow(
    "adafactor: momentum: expected a number in [0, 1), got -1",
  );
  // @ts-expect-error the learning rate is missing
  expect(() => sm3({})).toThrow("sm3: learningRate: expected");
  const tx = scaleBySm3();
  expect(() => tx.update({ v: tf.scalar(1) }, tx.init({ w: tf.scalar(1) }))).toThrow(
    "scaleBySm3: gradients: structure differs at the root: expected {w:*}, got {v:*}",
  );
});

test("gradients of another shape than that of the parameters", () => {
  const params = { v: tf.ones([2]), w: tf.ones([4, 3, 2]) };
  const factored = [1, 128].map((minDimSizeToFactor) => scaleByFactoredRms({ minDimSizeToFactor }));
  for (const [name, tx] of [
    ["scaleBySm3", scaleBySm3()],
    ...factored.map((tx) => ["scaleByFactoredRms", tx] as const),
  ] as const) {
    const update = tx.update as (grads: TensorTree, state: unknown) => unknown;
    for (const shape of [[], [2], [3, 2], [4, 3, 1]]) {
      expect(() => update({ ...params, w: tf.ones(shape) }, tx.init(params))).toThrow(
        `${name}: gradients: expected shape [4,3,2] at "w", got [${shape}]`,
      );
    }
    expect(() => update({ ...params, v: tf.ones([1, 2]) }, tx.init(params))).toThrow(
      `${name}: gradients: expected shape [2] at "v", got [1,2]`,
    );
  }
});
