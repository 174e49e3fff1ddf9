import type { TensorTree } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { div, sqrt, square, zerosLike } from "@tensorflow/tfjs-core";
import { type Hyperparameter, movingAverage, plus } from "../core/arithmetic.ts";
import { checkRange } from "../core/check.ts";
import { biasCorrection, nextCount, zeroCount } from "../core/count.ts";
import { mapTensors } from "../core/map.ts";

/** The state of `scaleByAdam` and most of its relatives: the number of updates and two averages. */
export type ScaleByAdamState = {
  readonly count: Scalar;
  /** The moving average of gradients. */
  readonly mu: TensorTree;
  /** The moving average of squared gradients, or what the rule has in its place. */
  readonly nu: TensorTree;
};

/** Where the small numbers of a denominator go; see `scaleByAdam`. */
export interface Epsilons {
  readonly eps: Hyperparameter;
  readonly epsRoot?: Hyperparameter;
  readonly epsHat?: boolean;
}

/** Throws unless decays lie in [0, 1) and small numbers are not negative. */
export function checkMoments(
  name: string,
  { b1, b2, eps, epsRoot }: Readonly<Record<"b1" | "b2" | "eps", Hyperparameter>> & Epsilons,
): void {
  checkRange(`${name}: b1`, b1, 0, 1);
  checkRange(`${name}: b2`, b2, 0, 1);
  checkRange(`${name}: eps`, eps, 0);
  if (epsRoot !== undefined) checkRange(`${name}: epsRoot`, epsRoot, 0);
}

/** The state before the first update. */
export function zeroMoments(params: TensorTree): ScaleByAdamState {
  return {
    count: zeroCount(),
    mu: mapTensors(zerosLike, params),
    nu: mapTensors(zerosLike, params),
  };
}

/** Moving averages of values, leaf by leaf. */
export function averageOf<T extends TensorTree>(
  decay: Hyperparameter,
  average: TensorTree,
  values: T,
): T {
  return mapTensors((x, m) => movingAverage(decay, m, x), values, average);
}

/** Moving averages of squared values, leaf by leaf. */
export function averageOfSquares<T extends TensorTree>(
  decay: Hyperparameter,
  average: TensorTree,
  values: T,
): T {
  return mapTensors((x, v) => movingAverage(decay, v, square(x)), values, average);
}

/**
 * Corrects first moments for their start at zero: m / (1 − β₁ᵗ), or with Nesterov's look-ahead
 * β₁ m / (1 − β₁ᵗ⁺¹) + (1 − β₁) g / (1 − β₁ᵗ).
 */
export function correctedMean(
  b1: Hyperparameter,
  count: Tensor,
  nesterov: boolean,
): (m: Tensor, g: Tensor) => Tensor {
  const now = biasCorrection(b1, count);
  if (!nesterov) return (m) => div(m, now);
  const next = biasCorrection(b1, nextCount(count));
  return (m, g) => movingAverage(b1, div(m, next), div(g, now));
}

const offset = (x: Tensor, by: Hyperparameter): Tensor => (by === 0 ? x : plus(x, by));

/**
 * The denominator √(v / c + epsRoot) + eps, or with `epsHat` (√(v + epsRoot) + eps) / √c; c = 1 where
 * no correction is given.
 */
export function rootOf(
  v: Tensor,
  { eps, epsRoot = 0, epsHat = false }: Epsilons,
  correction?: Tensor,
): Tensor {
  if (correction === undefined) return offset(sqrt(offset(v, epsRoot)), eps);
  if (epsHat) return div(offset(sqrt(offset(v, epsRoot)), eps), sqrt(correction));
  return offset(sqrt(offset(div(v, correction), epsRoot)), eps);
}
