import { constant } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { greater, greaterEqual, lessEqual, tidy, where, zerosLike } from "@tensorflow/tfjs-core";
import { LayerError } from "../core/layer-error.ts";
import type { Coefficient } from "./types.ts";

/** The coefficient as a tensor; a number keeps its double precision in a trace. */
export function tensorOf(value: Coefficient): Tensor {
  return typeof value === "number" ? constant(value) : value;
}

/** min(max(x, low), high) with derivative 0 at the limits too, where tfjs's clip has 1. */
export function clampOpen(x: Tensor, low: number, high: number): Tensor {
  return tidy(() => {
    const raised = where(lessEqual(x, constant(low)), constant(low), x);
    return where(greaterEqual(x, constant(high)), constant(high), raised);
  });
}

/**
 * x where it is positive and fn(x) elsewhere.
 *
 * `fn` sees 0 in place of positive numbers: what overflowed there would spoil the derivative, as
 * 0 · ∞, though it is not chosen.
 */
export function positiveOr(x: Tensor, fn: (x: Tensor) => Tensor): Tensor {
  return tidy(() => {
    const positive = greater(x, 0);
    return where(positive, x, fn(where(positive, zerosLike(x), x)));
  });
}

/** Throws unless an option is a finite number above 0. */
export function checkPositive(kind: string, option: string, value: unknown): void {
  if (typeof value === "number" && value > 0 && value < Infinity) return;
  throw new LayerError(kind, `expected ${option} above 0 and finite, got ${value}`);
}
