import type { TensorTree } from "@layerwise/autodiff";
import { constant } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import {
  add,
  greater,
  isFinite as isFiniteNumber,
  mul,
  where,
  zerosLike,
} from "@tensorflow/tfjs-core";
import { checkScalar } from "../core/check.ts";
import { type LinesearchExtra, requireExtra } from "../core/extras.ts";
import { mapTensors } from "../core/map.ts";
import { treeDot } from "../core/tree-sums.ts";

/** Throws where a line search was called without the functions it searches with. */
export function requireFunctions(
  name: string,
  extra: LinesearchExtra | undefined,
): LinesearchExtra {
  return requireExtra(name, requireExtra(name, extra, "valueFn"), "gradFn");
}

/** A point on a line. */
export type Evaluated = {
  readonly step: Scalar;
  readonly value: Scalar;
  /** The derivative of the value along the line. */
  readonly slope: Scalar;
  readonly grad: TensorTree;
};

/** The loss along θ + α d as a function of α. */
export type Line = (step: Scalar) => Evaluated;

/** θ + α d. */
export function along(params: TensorTree, step: Tensor, direction: TensorTree): TensorTree {
  return mapTensors((p, d) => add(p, mul(step, d)), params, direction);
}

/** The line through the parameters in a direction, and its start. */
export function lineFrom(
  params: TensorTree,
  direction: TensorTree,
  { valueFn, gradFn, value, grad }: LinesearchExtra,
): { readonly start: Evaluated; readonly line: Line } {
  const evaluated = (step: Scalar, loss: Tensor, gradient: TensorTree): Evaluated => ({
    step,
    value: orHuge(loss),
    slope: treeDot(gradient, direction),
    grad: gradient,
  });
  return {
    start: evaluated(constant(0), value ?? valueFn(params), grad ?? gradFn(params)),
    line: (step) => {
      const at = along(params, step, direction);
      return evaluated(step, valueFn(at), gradFn(at));
    },
  };
}

/** α d; zero, not NaN, where no step was accepted along a direction that is not finite. */
export function scaledBy<T extends TensorTree>(step: Tensor, direction: T): T {
  const moves = greater(step, 0);
  return mapTensors((d) => where(moves, mul(step, d), zerosLike(d)), direction);
}

/**
 * A value that no step is accepted with, in place of NaN and the infinities: comparisons and
 * interpolations stay defined.
 */
export function orHuge(value: Tensor): Scalar {
  checkScalar("valueFn: loss", value);
  return where(isFiniteNumber(value), value, constant(1e38)) as Scalar;
}
