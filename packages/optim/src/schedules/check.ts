import type { Hyperparameter } from "../core/arithmetic.ts";
import { checkFinite } from "../core/check.ts";

/** Throws unless the named values are finite numbers or tensors. */
export function checkValues(
  name: string,
  values: Readonly<Record<string, Hyperparameter | undefined>>,
): void {
  for (const [key, value] of Object.entries(values)) checkFinite(`${name}: ${key}`, value);
}

/** Throws unless a start is a whole number of steps, or 0. */
export function checkBegin(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 0)
    throw new Error(`${name}: expected a whole number of steps, at least 0, got ${value}`);
}

/** Throws unless a number is above 0 and finite. */
export function checkPositive(name: string, value: number): void {
  if (!(value > 0 && value < Infinity))
    throw new Error(`${name}: expected a number above 0, got ${value}`);
}

/** Throws unless a number lies in [0, 1]. */
export function checkFraction(name: string, value: number): void {
  if (!(value >= 0 && value <= 1))
    throw new Error(`${name}: expected a number in [0, 1], got ${value}`);
}
