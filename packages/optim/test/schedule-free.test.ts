import type { ExtraOf } from "@layerwise/optim";
import {
  applyUpdates,
  linearSchedule,
  polyakSgd,
  scheduleFree,
  scheduleFreeAdamW,
  scheduleFreeEvalParams,
  scheduleFreeSgd,
  sgd,
} from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import { expect, expectTypeOf, test } from "vitest";
import "./setup.ts";
import { distance, trajectory, trajectoryOf } from "./support/trajectory.ts";

/** Algorithm of the paper for one number, with x, y and z kept: the oracle of this file. */
const paper = (
  rates: (t: number) => number,
  { b1 = 0.9, power = 2, read = "y" as "x" | "y" } = {},
) => {
  let [x, y, z, sum, largest] = [Number.NaN, 0, 0, 0, 0];
  return (theta: number, g: number, t: number): number => {
    if (t === 0) x = y = z = theta;
    const rate = rates(t);
    largest = Math.max(largest, rate);
    const weight = largest ** power;
    sum += weight;
    const c = sum > 0 ? weight / sum : 0;
    z -= rate * g;
    x = (1 - c) * x + c * z;
    y = (1 - b1) * z + b1 * x;
    return read === "x" ? x : y;
  };
};

const warmUp = linearSchedule({ initValue: 0, endValue: 0.5, steps: 10 });
const warmUpAt = (t: number): number => 0.5 * Math.min(1, t / 10);
const cooling = linearSchedule({ initValue: 0.5, endValue: 0.1, steps: 20 });
const coolingAt = (t: number): number => 0.5 - 0.4 * Math.min(1, t / 20);

test.each([
  ["a constant rate", 0.1, () => 0.1, {}],
  ["a warm-up from 0, with the rate of the same step (optax#1744)", warmUp, warmUpAt, {}],
  ["a rate that falls, with weights of the largest so far", cooling, coolingAt, {}],
  ["equal weights", warmUp, warmUpAt, { power: 1e-30 }],
  ["little averaging", 0.1, () => 0.1, { b1: 0.1 }],
  ["gradients at the average", 0.1, () => 0.1, { b1: 1 }],
] as const)("training and evaluation parameters are the paper's: %s", (_, rate, rates, options) => {
  const { b1 = 0.9, power: weightLrPower = 2 } = options as { b1?: number; power?: number };
  const make = () => scheduleFreeSgd({ learningRate: rate, b1, weightLrPower });
  const y = trajectory(make());
  const x = trajectory(make(), {}, (params, state) => scheduleFreeEvalParams(state, params));
  expect(
    distance(
      y,
      trajectoryOf(() => paper(rates, { ...options })),
    ),
  ).toBeLessThan(1e-12);
  expect(
    distance(
      x,
      trajectoryOf(() => paper(rates, { ...options, read: "x" })),
    ),
  ).toBeLessThan(1e-12);
});

test("with a constant rate the evaluation parameters are the mean of the inner optimizer's", () => {
  const make = () => scheduleFreeSgd({ learningRate: 0.1 });
  const x = trajectory(make(), {}, (params, state) => scheduleFreeEvalParams(state, params));
  const z = trajectory(make(), {}, (_, state) => tf.add(0, state.z as tf.Tensor));
  const mean = z.map((_, t) =>
    (z[0] ?? []).map((_, i) => {
      const seen = z.slice(0, t + 1).map((values) => values[i] ?? Number.NaN);
      return seen.reduce((a, b) => a + b, 0) / (t + 1);
    }),
  );
  expect(distance(x, mean)).toBeLessThan(1e-12);
});

test("before the first step evaluation and training parameters are the same", () => {
  const params = { w: tf.tensor1d([1, 2, 3]) };
  const tx = scheduleFreeAdamW({ learningRate: 0.1 });
  const state = tx.init(params);
  const { w } = scheduleFreeEvalParams(state, params);
  expect(w.dataSync()).toEqual(params.w.dataSync());
  expectTypeOf(w).toEqualTypeOf<tf.Tensor1D>();
});

test("b1 may be a tensor and change", () => {
  const run = (make: (t: number) => ReturnType<typeof scheduleFreeSgd>) => {
    let params = tf.tensor1d([1, 2, 3]);
    let state = make(0).init(params);
    for (let t = 0; t < 4; t++) {
      const step = make(t).update(tf.sub(params, 1), state, params);
      params = applyUpdates(params, step.updates);
      state = step.state;
    }
    return [...scheduleFreeEvalParams(state, params).dataSync()];
  };
  const fixed = run(() => scheduleFreeSgd({ learningRate: 0.5, b1: 0.75 }));
  const held = tf.scalar(0.75);
  expect(run(() => scheduleFreeSgd({ learningRate: 0.5, b1: held }))).toEqual(fixed);
  const changed = run((t) => scheduleFreeSgd({ learningRate: 0.5, b1: t < 2 ? 0.75 : 0.5 }));
  expect(changed.every(Number.isFinite)).toBe(true);
});

test("the inner optimizer's extra arguments are those of the wrapper", () => {
  const params = tf.tensor1d([1, 2]);
  const tx = scheduleFree(polyakSgd(), { learningRate: 1 });
  expectTypeOf<ExtraOf<typeof tx>["value"]>().toEqualTypeOf<tf.Tensor>();
  // @ts-expect-error the extra argument `value` is missing
  expect(() => tx.update(params, tx.init(params), params)).toThrow();
  tx.update(params, tx.init(params), params, { value: tf.scalar(1) });
});

test("errors name the option or what is missing", () => {
  const params = tf.tensor1d([1]);
  const inner = sgd({ learningRate: 1 });
  expect(() => scheduleFree(inner, { learningRate: 1, b1: 0 })).toThrow(
    "scheduleFree: b1: expected a number in (0, 1], got 0",
  );
  expect(() => scheduleFree(inner, { learningRate: 1, weightLrPower: -1 })).toThrow(
    "scheduleFree: weightLrPower: expected a number at least 0, got -1",
  );
  // @ts-expect-error the weights need the learning rate
  expect(() => scheduleFree(inner, {})).toThrow("scheduleFree: learningRate: expected");
  expect(() => scheduleFreeAdamW({ learningRate: -1 })).toThrow("scheduleFreeAdamW: learningRate");
  const tx = scheduleFree(inner, { learningRate: 1 });
  expect(() => tx.update(params, tx.init(params))).toThrow(
    "scheduleFree: expected the parameters as update's third argument, got undefined",
  );
});
