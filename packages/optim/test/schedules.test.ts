import { compile } from "@layerwise/autodiff";
import type { Schedule } from "@layerwise/optim";
import {
  constantSchedule,
  cosineDecaySchedule,
  cosineRestartsSchedule,
  cyclicSchedule,
  inversePowerDecaySchedule,
  inverseTimeDecaySchedule,
  joinSchedules,
  linearSchedule,
  linearToConstantSchedule,
  multiplySchedules,
  oneCycleSchedule,
  robbinsMonroSchedule,
  sgd,
  warmupConstantSchedule,
} from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import golden from "./fixtures/schedules.json" with { type: "json" };
import { float64, numbers, toHost } from "./support/float64.ts";
import { schedules } from "./support/schedules/index.ts";
import "./setup.ts";

const counts = (steps: readonly number[]): tf.Tensor1D => tf.tensor1d([...steps], "int32");
const inFloat32 = (schedule: Schedule, steps: readonly number[]): number[] => [
  ...schedule(counts(steps)).dataSync(),
];
const inFloat64 = (schedule: Schedule, steps: readonly number[]): number[] =>
  numbers(float64(schedule, counts(steps))([toHost(counts(steps))]));
const distance = (got: readonly number[], want: readonly number[]): number =>
  got.length === want.length
    ? Math.max(...want.map((value, i) => Math.abs((got[i] ?? Number.NaN) - value)))
    : Number.NaN;

/** 1e-6 is a few f32 roundings of a value near 1. */
const agree = (schedule: Schedule, steps: readonly number[], want: (t: number) => number): void => {
  const values = steps.map(want);
  expect(distance(inFloat64(schedule, steps), values)).toBeLessThan(1e-12);
  expect(distance(inFloat32(schedule, steps), values)).toBeLessThan(1e-6);
};

const { meta: _, plateau: __, ...oracles } = golden;
const table = Object.entries(schedules).flatMap(([source, rows]) =>
  Object.entries(rows).map(([name, schedule]) => ({ source, name, schedule })),
);

describe("the values at steps 0 to 120 are the oracle's", () => {
  test("for every key of the file", () => {
    const keys = Object.fromEntries(
      Object.entries(oracles).map(([source, rows]) => [source, Object.keys(rows).sort()]),
    );
    const seen = Object.fromEntries(
      Object.entries(schedules).map(([source, rows]) => [source, Object.keys(rows).sort()]),
    );
    expect(seen).toEqual(keys);
  });

  test.each(table)("$source $name", ({ source, name, schedule }) => {
    const rows: Readonly<Record<string, readonly number[]>> =
      oracles[source as keyof typeof oracles];
    // One update after the last, PyTorch's one-cycle goes up again; another one throws.
    const want = rows[name]?.slice(0, name === "OneCycleLR(1,100)" ? 100 : 121) ?? [];
    agree(schedule, [...want.keys()], (t) => want[t] ?? Number.NaN);
  });
});

test("a one-cycle stays at its end", () => {
  const rate = oneCycleSchedule({ peakValue: 1, steps: 100 });
  agree(rate, [99, 100, 101, 1e6], () => 1 / 25 / 1e4);
});

// Keras 3's formulas, written out in JavaScript.
test("inverse time decay is Keras'", () => {
  const steps = [0, 1, 5, 10, 29, 30, 1000];
  const options = { initValue: 2, rate: 0.5, steps: 3 };
  agree(inverseTimeDecaySchedule(options), steps, (t) => 2 / (1 + (0.5 * t) / 3));
  agree(inverseTimeDecaySchedule({ ...options, staircase: true }), steps, (t) => {
    return 2 / (1 + 0.5 * Math.floor(t / 3));
  });
});

/** Keras' CosineDecayRestarts with the cycles counted one by one. */
const kerasRestarts =
  (first: number, tMul: number, mMul: number, alpha: number) =>
  (t: number): number => {
    let [left, length, height] = [t, first, 1];
    while (left >= length - 1e-9)
      [left, length, height] = [left - length, length * tMul, height * mMul];
    return (1 - alpha) * height * 0.5 * (1 + Math.cos((Math.PI * left) / length)) + alpha;
  };

const large = [
  ...[999_983, 999_999, 1_000_000, 1_000_001, 7_999_999, 8_000_000],
  // Around restarts of 10 · 2ⁱ, 7 · 3ⁱ and many of 30.
  ...[655_349, 655_350, 655_351, 1_310_709, 1_310_710, 999_989, 999_990, 999_991],
  ...[7_999_979, 7_999_980, 7_999_981, 1_860_033, 1_860_034, 620_009, 620_010],
];

test.each([
  [10, 2, 1, 0],
  [7, 3, 0.8, 0.1],
  [30, 1, 1, 0],
  [30, 1, 0.9, 0.05],
  [10, 1.5, 0.9, 0.1],
  [10, 1.1, 1, 0],
])(
  "restarts are Keras' with %d steps, factors %d and %d and alpha %d",
  (steps, tMul, mMul, alpha) => {
    const options = { initValue: 1, endValue: alpha, steps, stepsFactor: tMul, valueFactor: mMul };
    const schedule = cosineRestartsSchedule(options);
    agree(schedule, [...Array(200).keys()], kerasRestarts(steps, tMul, mMul, alpha));
    const whole = Number.isInteger(tMul) ? large : [];
    agree(schedule, [0, ...whole], kerasRestarts(steps, tMul, mMul, alpha));
  },
);

test.each(["triangular", "triangular2", "expRange"] as const)("%s cycles stay exact", (mode) => {
  const options = { initValue: 0, peakValue: 1, upSteps: 7, downSteps: 23, mode, gamma: 0.9999995 };
  const scale = { triangular: () => 1, triangular2: (t: number) => 2 ** -Math.floor(t / 30) };
  agree(cyclicSchedule(options), [0, 7, 30, 31, ...large], (t) => {
    const since = t % 30;
    const height = since <= 7 ? since / 7 : (30 - since) / 23;
    return height * (mode === "expRange" ? 0.9999995 ** t : scale[mode](t));
  });
});

test("the lecture's linear decay is constant from τ on", () => {
  const options = { initValue: 0.5, endValue: 0.005, steps: 40 };
  agree(linearToConstantSchedule(options), [0, 1, 17, 39, 40, 41, 1000, 1e6], (k) => {
    const alpha = Math.min(k / 40, 1);
    return (1 - alpha) * 0.5 + alpha * 0.005;
  });
});

test("polynomial decay is t^(−p)", () => {
  const steps = [0, 1, 2, 99, 12_345, 1e6];
  agree(robbinsMonroSchedule({ initValue: 0.5 }), steps, (t) => 0.5 / (t + 1));
  agree(robbinsMonroSchedule({ initValue: 1, power: 0.75, steps: 10 }), steps, (t) => {
    return (1 + t / 10) ** -0.75;
  });
  const transformer = joinSchedules(
    [
      linearSchedule({ initValue: 0, endValue: 1, steps: 100 }),
      inversePowerDecaySchedule({ initValue: 1, power: 0.5, steps: 100 }),
    ],
    [100],
  );
  agree(transformer, steps, (t) => Math.min(t / 100, Math.sqrt(100 / t)));
  agree(inversePowerDecaySchedule({ initValue: 1, begin: 50 }), steps, (t) => {
    return 1 / (1 + Math.max(t - 50, 0));
  });
});

test("ends are exact", () => {
  const end = Math.fround(0.3);
  for (const schedule of [
    linearSchedule({ initValue: 0.7, endValue: 0.3, steps: 33 }),
    cosineDecaySchedule({ initValue: 1, alpha: 0.3, steps: 33 }),
    warmupConstantSchedule({ initValue: 0.1, peakValue: 0.3, warmupSteps: 33 }),
  ]) {
    expect(inFloat32(schedule, [33, 34, 1e6])).toEqual([end, end, end]);
  }
  expect(inFloat32(cosineDecaySchedule({ initValue: 1, steps: 33 }), [0, 33])).toEqual([1, 0]);
});

test("any function of the count is a schedule", () => {
  const lambda: Schedule = (count) =>
    tf.tidy(() => tf.div(1, tf.add(tf.cast(count, "float32"), 1)));
  const product = multiplySchedules(constantSchedule(0.5), lambda);
  agree(product, [0, 1, 4], (t) => 0.5 / (t + 1));
});

test("values may be tensors", () => {
  const [a, b] = [tf.scalar(0.5), tf.scalar(0.25)];
  agree(linearSchedule({ initValue: a, endValue: b, steps: 4 }), [0, 2, 9], (t) => {
    return 0.5 - (0.25 * Math.min(t, 4)) / 4;
  });
  const before = tf.memory().numTensors;
  const all = [
    oneCycleSchedule({ peakValue: a, steps: 9 }),
    cosineRestartsSchedule({ initValue: a, endValue: b, steps: 9, stepsFactor: 2 }),
    cyclicSchedule({ initValue: a, peakValue: b, upSteps: 3 }),
    inverseTimeDecaySchedule({ initValue: a, rate: 1 }),
    constantSchedule(a),
  ];
  expect(tf.memory().numTensors).toBe(before);
  const values = all.map((schedule) => inFloat32(schedule, [0])[0]);
  expect(values).toEqual([Math.fround(0.02), 0.5, 0.5, 0.5, 0.5]);
});

test("schedules keep the count's shape, leave no temporaries, and compile", () => {
  for (const { name, schedule } of table) {
    const count = tf.scalar(7, "int32");
    const before = tf.memory().numTensors;
    const value = schedule(count);
    expect([value.shape, value.dtype], name).toEqual([[], "float32"]);
    expect(tf.memory().numTensors - before, name).toBe(1);
    const compiled = compile(schedule);
    expect(distance([...compiled(count).dataSync()], [...value.dataSync()]), name).toBeLessThan(
      1e-6,
    );
    compiled.dispose();
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
