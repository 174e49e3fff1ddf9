import {
  applyUpdates,
  constantSchedule,
  joinSchedules,
  lars,
  scheduleFree,
  sgd,
} from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { maxDifference } from "./setup.ts";

// Tests that `pnpm mutants` asked for: what the trajectories of the oracles, at constant settings,
// do not show.

test("LARS: a new learning rate does not reach the momentum of old steps (oracle: float64)", () => {
  const rates = [1, 0.1, 0.1];
  const learningRate = joinSchedules([1, 0.1].map(constantSchedule), [1]);
  const optimizer = lars({ learningRate, momentum: 0.5, trustCoefficient: 0.01 });
  let params = { w: tf.tensor1d([3, 4]) };
  let state = optimizer.init(params);
  const grads = [
    [0.6, 0.8],
    [-1, 2],
    [0.5, 0.25],
  ] as const;
  let [w, t] = [
    [3, 4],
    [0, 0],
  ];
  grads.forEach((g, i) => {
    const step = optimizer.update({ w: tf.tensor1d([...g]) }, state, params);
    params = applyUpdates(params, step.updates);
    state = step.state;
    const ratio = (0.01 * Math.hypot(...w)) / Math.hypot(...g);
    t = g.map((x, j) => 0.5 * (t[j] ?? 0) + (rates[i] ?? 0) * ratio * x);
    w = w.map((x, j) => x - (t[j] ?? 0));
  });
  expect(maxDifference(params, { w })).toBeLessThan(1e-6);
});

test("schedule-free: the average weighs by the largest learning rate so far (oracle: float64)", () => {
  const rates = [1, 0.1, 0.1];
  const learningRate = joinSchedules([1, 0.1].map(constantSchedule), [1]);
  const optimizer = scheduleFree(sgd({ learningRate }), { learningRate, b1: 0.75 });
  let params = tf.scalar(1);
  let state = optimizer.init(params);
  let [y, z, x] = [1, 1, 1];
  rates.forEach((rate, i) => {
    const g = i + 1;
    const step = optimizer.update(tf.scalar(g), state, params);
    params = applyUpdates(params, step.updates);
    state = step.state;
    z -= rate * g;
    // All three weights are 1² / Σ 1².
    x += (z - x) / (i + 1);
    y = 0.25 * z + 0.75 * x;
  });
  expect(maxDifference({ params }, { params: y })).toBeLessThan(1e-6);
});
