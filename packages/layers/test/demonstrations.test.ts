// What the lectures on initialization say, as experiments.
import { grad, random, treeMap } from "@layerwise/autodiff";
import {
  activation,
  constant,
  dense,
  glorotNormal,
  glorotUniform,
  heUniform,
  type Initializer,
  normal,
  sequential,
  squaredError,
  zeros,
} from "@layerwise/layers";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { maxDifference } from "./setup.ts";
import { forwardVariances } from "./support/forward-variance.ts";

const net = (init: Initializer) =>
  sequential({
    hidden: dense({ units: 6, kernelInit: init, biasInit: zeros }),
    act: activation("tanh"),
    out: dense({ units: 3, kernelInit: init, biasInit: zeros }),
  });
type Params = ReturnType<ReturnType<typeof net>["init"]>["params"];
type Update = (params: Params, gradient: Params) => Params;

const map = (fn: (...leaves: tf.Tensor[]) => tf.Tensor, first: Params, ...rest: Params[]): Params =>
  treeMap(fn as (...leaves: unknown[]) => unknown, first, ...rest) as Params;

const sgd = (): Update => (params, gradient) =>
  map((p, g) => tf.sub(p as tf.Tensor, tf.mul(g as tf.Tensor, 0.1)), params, gradient);

/** Kingma and Ba's rule, written out. */
function adam(): Update {
  let [step, m, v]: [number, Params | undefined, Params | undefined] = [0, undefined, undefined];
  const average = (rate: number, old: Params | undefined, value: Params): Params =>
    map(
      (a, b) => tf.add(tf.mul(a as tf.Tensor, rate), tf.mul(b as tf.Tensor, 1 - rate)),
      old ?? map(tf.zerosLike, value),
      value,
    );
  return (params, gradient) => {
    step++;
    m = average(0.9, m, gradient);
    v = average(0.999, v, map(tf.square, gradient));
    const [a, b] = [0.05 / (1 - 0.9 ** step), 1 / (1 - 0.999 ** step)];
    return map(
      (p, mean, square) =>
        tf.sub(
          p as tf.Tensor,
          tf.div(
            tf.mul(mean as tf.Tensor, a),
            tf.add(tf.sqrt(tf.mul(square as tf.Tensor, b)), 1e-8),
          ),
        ),
      params,
      m,
      v,
    );
  };
}

/** The parameters before and after 25 steps on random data. */
function train(init: Initializer, update: Update): readonly [Params, Params] {
  const layer = net(init);
  const { params: start, state } = layer.init(random.key(4), [4]);
  const x = random.normal(random.key(5), [16, 4]);
  const target = tf.add(random.normal(random.key(6), [16, 3]), [1, 2, 3]);
  const loss = (p: Params): tf.Tensor =>
    squaredError(layer.apply({ params: p, state }, x).y, target);
  let params = start;
  for (let i = 0; i < 25; i++) params = update(params, grad(loss)(params));
  return [start, params];
}

/** The largest distance of a column from the first one. */
const spread = (kernel: tf.Tensor2D): number =>
  maxDifference(kernel, tf.mul(tf.slice(kernel, [0, 0], [-1, 1]), tf.onesLike(kernel)).arraySync());

describe.each([
  ["sgd", sgd],
  ["adam", adam],
])("%s", (_, update) => {
  test("units that start equal stay equal, bit by bit, however long they train", () => {
    const [start, end] = train(constant(0.3), update());
    expect(maxDifference(end.hidden.kernel, start.hidden.kernel.arraySync())).toBeGreaterThan(0.1);
    expect(spread(end.hidden.kernel)).toBe(0);
    expect(new Set(end.hidden.bias?.dataSync()).size).toBe(1);
    expect(spread(tf.transpose(end.out.kernel))).toBe(0);
    // Outputs have different targets, and so different weights.
    expect(spread(end.out.kernel)).toBeGreaterThan(0.1);
  });

  test("random units start apart and stay apart", () => {
    const [, end] = train(glorotUniform, update());
    expect(spread(end.hidden.kernel)).toBeGreaterThan(0.1);
  });

  test("from zeros everywhere only the bias of the output moves", () => {
    const [, end] = train(zeros, update());
    for (const still of [end.hidden.kernel, end.hidden.bias, end.out.kernel]) {
      expect(still?.dataSync().every((v) => v === 0)).toBe(true);
    }
    expect([...(end.out.bias?.dataSync() ?? [])].every((v) => Math.abs(v) > 0.1)).toBe(true);
  });
});

describe("30 layers of relus", () => {
  const last = (values: readonly number[]): number => values.at(-1) ?? Number.NaN;

  // The mean over networks is 1 at each layer; the logarithm of one network's has the deviation
  // √(5 · 30 / width) at the end, 0.6 here.
  test("He's limits keep the scale of signals", () => {
    const values = forwardVariances(heUniform, { width: 400, batchSize: 16, seed: 1 });
    expect(Math.min(...values)).toBeGreaterThan(1 / 3);
    expect(Math.max(...values)).toBeLessThan(3);
  });

  test("Glorot's halves their square at each layer", () => {
    const end = last(forwardVariances(glorotNormal, { width: 64 }));
    expect(end).toBeLessThan(2 ** -30 * 100);
    expect(end).toBeGreaterThan(2 ** -30 / 100);
  });

  test("deviation 1 multiplies it by half the width", () => {
    const values = forwardVariances(normal({ stddev: 1 }), { width: 64 });
    expect(last(values)).toBeGreaterThan(32 ** 30 / 100);
    expect(last(values)).toBeLessThan(32 ** 30 * 100);
  });
});
