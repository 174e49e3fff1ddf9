import type { Schedule } from "@layerwise/optim";
import {
  constantSchedule,
  cosineDecaySchedule,
  exponentialDecaySchedule,
  inverseTimeDecaySchedule,
  joinSchedules,
  linearSchedule,
  piecewiseConstantSchedule,
  sgd,
} from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import golden from "./fixtures/schedules.json" with { type: "json" };
import { maxDifference } from "./setup.ts";

const warmUp = linearSchedule({ initValue: 0, endValue: 1, steps: 10 });

// Oracles: optax's schedules on numpy float64 and torch.optim.lr_scheduler, at steps 0..120.
const table: readonly (readonly [string, readonly number[], Schedule])[] = [
  [
    "optax linear",
    golden.optax["linear(1,.1,100,begin=10)"],
    linearSchedule({ initValue: 1, endValue: 0.1, steps: 100, begin: 10 }),
  ],
  [
    "optax exponential",
    golden.optax["exponential(1,20,.5)"],
    exponentialDecaySchedule({ initValue: 1, rate: 0.5, steps: 20 }),
  ],
  [
    "optax staircase",
    // The fixture has a floor at 0.1; compare up to the step that reaches it.
    golden.optax["exponential staircase"].slice(0, 85),
    joinSchedules(
      [
        constantSchedule(1),
        exponentialDecaySchedule({ initValue: 1, rate: 0.5, steps: 20, staircase: true }),
      ],
      [5],
    ),
  ],
  [
    "optax warmup_cosine",
    golden.optax["warmup_cosine(0,1,10,100,.1)"],
    joinSchedules([warmUp, cosineDecaySchedule({ initValue: 1, steps: 90, alpha: 0.1 })], [10]),
  ],
  [
    "optax warmup_constant",
    golden.optax["warmup_constant(0,1,10)"],
    joinSchedules([warmUp, constantSchedule(1)], [10]),
  ],
  [
    "optax piecewise_constant",
    golden.optax["piecewise_constant(1,{30:.1,60:.5})"],
    piecewiseConstantSchedule(1, { 30: 0.1, 60: 0.5 }),
  ],
  [
    "optax join",
    golden.optax["join(linear,cosine@20)"],
    joinSchedules(
      [
        linearSchedule({ initValue: 0, endValue: 1, steps: 20 }),
        cosineDecaySchedule({ initValue: 1, steps: 80 }),
      ],
      [20],
    ),
  ],
  [
    "torch MultiStepLR",
    golden.torch["MultiStepLR([30,80],.1)"],
    piecewiseConstantSchedule(1, { 30: 0.1, 80: 0.1 }),
  ],
  [
    "torch ExponentialLR",
    golden.torch["ExponentialLR(.95)"],
    exponentialDecaySchedule({ initValue: 1, rate: 0.95 }),
  ],
  [
    "torch LinearLR",
    golden.torch["LinearLR(1/3,1,10)"],
    linearSchedule({ initValue: 1 / 3, endValue: 1, steps: 10 }),
  ],
  [
    "torch CosineAnnealingLR (its first half period)",
    golden.torch["CosineAnnealingLR(50,.1)"].slice(0, 51),
    cosineDecaySchedule({ initValue: 1, steps: 50, alpha: 0.1 }),
  ],
];

// 1e-6 is a few f32 roundings of a value near 1.
test.each(table)("%s: values agree with the oracle", (_, want, schedule) => {
  const count = tf.range(0, want.length, 1, "int32");
  expect(maxDifference({ value: schedule(count) }, { value: want })).toBeLessThan(1e-6);
});

test("inverse time decay is initValue / (1 + rate t / steps), in jumps with staircase", () => {
  const count = tf.tensor1d([0, 1, 5, 10, 29, 30, 1000], "int32");
  const options = { initValue: 2, rate: 0.5, steps: 3 };
  const steps = [...count.dataSync()];
  const smooth = steps.map((t) => 2 / (1 + (0.5 * t) / 3));
  const jumps = steps.map((t) => 2 / (1 + 0.5 * Math.floor(t / 3)));
  const staircase = inverseTimeDecaySchedule({ ...options, staircase: true });
  const value = inverseTimeDecaySchedule(options)(count);
  expect(maxDifference({ value }, { value: smooth })).toBeLessThan(1e-6);
  expect(maxDifference({ value: staircase(count) }, { value: jumps })).toBeLessThan(1e-6);
});

test("schedules keep the count's shape and leave no temporaries", () => {
  for (const [, , schedule] of table) {
    const count = tf.scalar(7, "int32");
    const before = tf.memory().numTensors;
    const value = schedule(count);
    expect([value.shape, value.dtype]).toEqual([[], "float32"]);
    expect(tf.memory().numTensors - before).toBe(1);
  }
});

test("a schedule's first value belongs to the first update", () => {
  const learningRate = joinSchedules([constantSchedule(1), constantSchedule(10)], [1]);
  const optimizer = sgd({ learningRate });
  const grads = tf.scalar(1);
  const first = optimizer.update(grads, optimizer.init(grads));
  const second = optimizer.update(grads, first.state);
  expect([first, second].map(({ updates }) => updates.dataSync()[0])).toEqual([-1, -10]);
});

test("impossible schedules are refused", () => {
  expect(() => linearSchedule({ initValue: 0, endValue: 1, steps: 0 })).toThrow(
    "linearSchedule: steps: expected a positive whole number of steps, got 0",
  );
  expect(() => joinSchedules([constantSchedule(1)], [3])).toThrow(
    "joinSchedules: expected one boundary fewer than schedules, got 1 schedules and 1 boundaries",
  );
  expect(() => joinSchedules([warmUp, warmUp, warmUp], [9, 3])).toThrow(
    "joinSchedules: expected increasing boundaries, got [9,3]",
  );
  expect(() => exponentialDecaySchedule({ initValue: 1, rate: 0 })).toThrow("rate");
});
