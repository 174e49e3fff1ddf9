import type { Shape } from "@layerwise/layers";
import { LayerError, showShape } from "@layerwise/layers";
import type { Tensor } from "@tensorflow/tfjs-core";

/** Throws unless a rate is a probability. */
export function checkRate(kind: string, rate: number): void {
  if (rate >= 0 && rate <= 1) return;
  throw new LayerError(kind, `expected a rate in [0, 1], got ${rate}`);
}

/** Throws unless a rate is a probability below 1: at 1 the variance p / (1 − p) does not exist. */
export function checkRateBelowOne(kind: string, rate: number): void {
  if (rate >= 0 && rate < 1) return;
  throw new LayerError(kind, `expected a rate in [0, 1), got ${rate}`);
}

/** Throws unless a number is finite and not negative. */
export function checkNonNegative(kind: string, name: string, value: number): void {
  if (value >= 0 && value < Infinity) return;
  throw new LayerError(kind, `expected a finite ${name} of at least 0, got ${value}`);
}

/** Throws unless a number is finite and positive. */
export function checkPositive(kind: string, name: string, value: number): void {
  if (value > 0 && value < Infinity) return;
  throw new LayerError(kind, `expected a finite positive ${name}, got ${value}`);
}

/** Throws unless a number is whole and at least 1. */
export function checkCount(kind: string, name: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return;
  throw new LayerError(kind, `expected a positive whole number of ${name}, got ${value}`);
}

/** Throws unless a batch has as many axes as are named. */
export function checkAxes(kind: string, axes: readonly string[], shape: Shape): void {
  if (shape.length === axes.length) return;
  throw new LayerError(kind, `expected input [${axes.join(", ")}], got ${showShape(shape)}`);
}

/** The key, or an error that says how to make one. */
export function requireKey(kind: string, key: Tensor | undefined, purpose = "in training"): Tensor {
  if (key !== undefined) return key;
  const advice = "pass { key: random.key(seed), training: true }, a new key for each step";
  throw new LayerError(kind, `expected a random key ${purpose}, got none: ${advice}`);
}
