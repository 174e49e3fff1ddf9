import type { Schedule } from "@layerwise/optim";
import {
  constantFactorSchedule,
  constantSchedule,
  cosineAnnealingSchedule,
  cosineDecaySchedule,
  cosineOneCycleSchedule,
  cosineRestartsSchedule,
  cyclicSchedule,
  exponentialDecaySchedule,
  inversePowerDecaySchedule,
  inverseTimeDecaySchedule,
  joinSchedules,
  linearOneCycleSchedule,
  linearSchedule,
  oneCycleMomentumSchedule,
  oneCycleSchedule,
  piecewiseConstantSchedule,
  piecewiseInterpolateSchedule,
  polynomialSchedule,
  rexSchedule,
  robbinsMonroSchedule,
  sgdrSchedule,
  stepDecaySchedule,
  warmupConstantSchedule,
  warmupCosineDecaySchedule,
  warmupExponentialDecaySchedule,
  warmupStableDecaySchedule,
} from "@layerwise/optim";
import { expect, test } from "vitest";

const peak = { peakValue: 1, warmupSteps: 10 };
const pair = { initValue: 1, endValue: 0 };

test.each<readonly [() => Schedule, string]>([
  [
    () => linearSchedule({ ...pair, steps: 0 }),
    "linearSchedule: steps: expected a positive whole number of steps, got 0",
  ],
  [
    () => linearSchedule({ ...pair, steps: 9, begin: -1 }),
    "linearSchedule: begin: expected a whole number of steps, at least 0, got -1",
  ],
  [
    () => linearSchedule({ ...pair, initValue: Number.NaN, steps: 9 }),
    "linearSchedule: initValue: expected a finite number, got NaN",
  ],
  [
    () => polynomialSchedule({ ...pair, steps: 9, power: 0 }),
    "polynomialSchedule: power: expected a number above 0, got 0",
  ],
  [
    () => constantFactorSchedule({ endValue: 1, steps: 1.5 }),
    "constantFactorSchedule: steps: expected a positive whole number of steps, got 1.5",
  ],
  [
    () => exponentialDecaySchedule({ initValue: 1, rate: 0 }),
    "exponentialDecaySchedule: rate: expected a number above 0, got 0",
  ],
  [
    () => stepDecaySchedule({ initValue: 1, rate: -1, steps: 9 }),
    "stepDecaySchedule: rate: expected a number above 0, got -1",
  ],
  [
    () => inverseTimeDecaySchedule({ initValue: 1, rate: -1 }),
    "inverseTimeDecaySchedule: rate: expected a number at least 0, got -1",
  ],
  [
    () => inversePowerDecaySchedule({ initValue: 1, power: -1 }),
    "inversePowerDecaySchedule: power: expected a number above 0, got -1",
  ],
  [
    () => robbinsMonroSchedule({ initValue: 1, power: 0.5 }),
    "robbinsMonroSchedule: power: expected a number in (0.5, 1], got 0.5",
  ],
  [
    () => cosineDecaySchedule({ initValue: 1, steps: 9, exponent: 0 }),
    "cosineDecaySchedule: exponent: expected a number above 0, got 0",
  ],
  [
    () => cosineAnnealingSchedule({ initValue: 1, steps: -1 }),
    "cosineAnnealingSchedule: steps: expected a positive whole number of steps, got -1",
  ],
  [
    () => cosineRestartsSchedule({ initValue: 1, steps: 9, stepsFactor: 0.5 }),
    "cosineRestartsSchedule: stepsFactor: expected 1 or a factor with at most 256 cycles in " +
      "16777216 steps, got 0.5",
  ],
  [() => cosineRestartsSchedule({ initValue: 1, steps: 9, stepsFactor: 1.001 }), "got 1.001"],
  [() => sgdrSchedule([]), "sgdrSchedule: expected at least one cycle, got none"],
  [
    () => cyclicSchedule({ initValue: 0, peakValue: 1, upSteps: 9, downSteps: 0 }),
    "cyclicSchedule: downSteps: expected a positive whole number of steps, got 0",
  ],
  [
    () => cyclicSchedule({ initValue: 0, peakValue: 1, upSteps: 9, mode: "square" as "expRange" }),
    'cyclicSchedule: mode: expected one of "triangular", "triangular2", "expRange", got square',
  ],
  [
    () => piecewiseConstantSchedule(1, { 0: 0.5 }),
    "piecewiseConstantSchedule: factors: expected a positive whole number of steps, got 0",
  ],
  [
    () => piecewiseInterpolateSchedule(1, { 3: Number.NaN }),
    "piecewiseInterpolateSchedule: factors at 3: expected a finite number, got NaN",
  ],
  [
    () => piecewiseInterpolateSchedule(1, {}, "cubic" as "cosine"),
    'piecewiseInterpolateSchedule: interpolation: expected one of "linear", "cosine", got cubic',
  ],
  [
    () => oneCycleSchedule({ peakValue: 1, steps: 9, pctStart: 30 }),
    "oneCycleSchedule: pctStart: expected a number in [0, 1], got 30",
  ],
  [
    () => oneCycleSchedule({ peakValue: 1, steps: 9, pctStart: 0.6, threePhase: true }),
    "oneCycleSchedule: pctStart: expected at most 0.5 with threePhase, got 0.6",
  ],
  [
    () => oneCycleMomentumSchedule({ steps: 0 }),
    "oneCycleMomentumSchedule: steps: expected a positive whole number of steps, got 0",
  ],
  [
    () => linearOneCycleSchedule({ peakValue: 1, steps: 9, pctFinal: 0.2 }),
    "linearOneCycleSchedule: expected pctFinal from pctStart on, got 0.2 and 0.3",
  ],
  [
    () => cosineOneCycleSchedule({ peakValue: 1, steps: 9, divFactor: 0 }),
    "cosineOneCycleSchedule: divFactor: expected a number above 0, got 0",
  ],
  [
    () => warmupConstantSchedule({ peakValue: 1, warmupSteps: -1 }),
    "warmupConstantSchedule: warmupSteps: expected a whole number of steps, at least 0, got -1",
  ],
  [
    () => warmupCosineDecaySchedule({ ...peak, steps: 10 }),
    "warmupCosineDecaySchedule: expected steps above warmupSteps, got 10 and 10",
  ],
  [
    () => warmupExponentialDecaySchedule({ ...peak, peakValue: Infinity, rate: 0.5 }),
    "warmupExponentialDecaySchedule: peakValue: expected a finite number, got Infinity",
  ],
  [
    () => warmupStableDecaySchedule({ ...peak, decaySteps: 91, steps: 100 }),
    "warmupStableDecaySchedule: expected warmupSteps + decaySteps of at most steps, " +
      "got 10 + 91 and 100",
  ],
  [
    () => warmupStableDecaySchedule({ ...peak, decaySteps: 9, steps: 99, shape: "no" as "sqrt" }),
    'expected one of "linear", "cosine", "sqrt", "square", got no',
  ],
  [
    () => rexSchedule({ initValue: 1, steps: 0 }),
    "rexSchedule: steps: expected a positive whole number of steps, got 0",
  ],
  [
    () => joinSchedules([constantSchedule(1)], [3]),
    "joinSchedules: expected one boundary fewer than schedules, got 1 schedules and 1 boundaries",
  ],
  [
    () => joinSchedules([constantSchedule(1), constantSchedule(2), constantSchedule(3)], [9, 3]),
    "joinSchedules: expected increasing boundaries, got [9,3]",
  ],
])("an impossible schedule is refused: %o", (make, message) => {
  expect(make).toThrow(message);
});
