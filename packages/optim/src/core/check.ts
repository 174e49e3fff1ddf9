import { Tensor } from "@tensorflow/tfjs-core";
import type { Hyperparameter } from "./arithmetic.ts";
import type { LearningRate } from "./learning-rate.ts";

/** Nothing is known of the value of a tensor without reading it. */
const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;

/** Throws unless a hyperparameter lies in `[low, high)`, or is a tensor. */
export function checkRange(
  name: string,
  value: Hyperparameter | undefined,
  low: number,
  high: number = Infinity,
): void {
  if (isTensor(value) || (typeof value === "number" && value >= low && value < high)) return;
  const wanted = high === Infinity ? `at least ${low}` : `in [${low}, ${high})`;
  throw new Error(`${name}: expected a number ${wanted}, got ${value}`);
}

/** Throws unless a hyperparameter is a finite number, or a tensor. */
export function checkFinite(name: string, value: Hyperparameter | undefined): void {
  if (!isTensor(value) && !Number.isFinite(value))
    throw new Error(`${name}: expected a finite number, got ${value}`);
}

/** Throws unless a learning rate is a finite number that is not negative, a schedule, or a tensor. */
export function checkLearningRate(
  name: string,
  value: LearningRate | undefined,
): asserts value is LearningRate {
  if (typeof value === "function" || isTensor(value)) return;
  if (typeof value === "number" && value >= 0 && value < Infinity) return;
  throw new Error(
    `${name}: expected learningRate to be a number >= 0 or a schedule, got ${String(value)}`,
  );
}

/** Throws unless a duration is a positive whole number of steps. */
export function checkSteps(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) {
    throw new Error(`${name}: expected a positive whole number of steps, got ${value}`);
  }
}
