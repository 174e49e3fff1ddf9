import { Tensor } from "@tensorflow/tfjs-core";
import type { Hyperparameter } from "./arithmetic.ts";
import type { LearningRate } from "./learning-rate.ts";

/** Nothing is known of the value of a tensor without reading it. */
const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;

/** Throws unless a value, of a schedule perhaps, is a scalar tensor. */
export function checkScalar(name: string, value: unknown): asserts value is Tensor {
  if (isTensor(value) && value.rank === 0) return;
  const got = isTensor(value) ? `shape [${value.shape}]` : String(value);
  throw new Error(`${name}: expected a scalar tensor, got ${got}`);
}

/** Throws unless a hyperparameter lies in `[low, high)`, or is a tensor. */
export function checkRange(
  name: string,
  value: Hyperparameter | undefined,
  low: number,
  high: number = Infinity,
): void {
  if (isTensor(value)) checkScalar(name, value);
  else if (!(typeof value === "number" && value >= low && value < high)) {
    const wanted = high === Infinity ? `at least ${low}` : `in [${low}, ${high})`;
    throw new Error(`${name}: expected a number ${wanted}, got ${value}`);
  }
}

/** Throws unless a hyperparameter is a finite number, or a tensor. */
export function checkFinite(name: string, value: Hyperparameter | undefined): void {
  if (isTensor(value)) checkScalar(name, value);
  else if (!Number.isFinite(value)) {
    throw new Error(`${name}: expected a finite number, got ${value}`);
  }
}

/** Throws unless a learning rate is a finite number that is not negative, a schedule, or a tensor. */
export function checkLearningRate(
  name: string,
  value: LearningRate | undefined,
): asserts value is LearningRate {
  if (typeof value === "function") return;
  if (isTensor(value)) checkScalar(`${name}: learningRate`, value);
  else if (!(typeof value === "number" && value >= 0 && value < Infinity)) {
    throw new Error(
      `${name}: learningRate: expected a number at least 0 or a schedule, got ${String(value)}`,
    );
  }
}

/** Throws unless a duration is a positive whole number of steps. */
export function checkSteps(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) {
    throw new Error(`${name}: expected a positive whole number of steps, got ${value}`);
  }
}

/** Throws unless a name is one of those there are. */
export function checkChoice(name: string, value: unknown, choices: readonly string[]): void {
  if (typeof value === "string" && choices.includes(value)) return;
  const wanted = choices.map((choice) => `"${choice}"`).join(", ");
  throw new Error(`${name}: expected one of ${wanted}, got ${String(value)}`);
}
