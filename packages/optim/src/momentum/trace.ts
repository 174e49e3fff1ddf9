import type { TensorTree } from "@layerwise/autodiff";
import { constant, treeTidy } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { add, clone, equal, mul, scalar, where, zerosLike } from "@tensorflow/tfjs-core";
import { type Hyperparameter, oneMinus, tensorOf } from "../core/arithmetic.ts";
import { checkRange } from "../core/check.ts";
import { nextCount, zeroCount } from "../core/count.ts";
import { mapTensors } from "../core/map.ts";
import type { GradientTransformation } from "../core/transformation.ts";

/** The state of {@link trace}. */
export type TraceState = {
  /** The decayed sum of past gradients. */
  readonly trace: TensorTree;
  /** The number of updates made; only counted where there is dampening. */
  readonly count: Scalar | null;
};

/** Options of {@link trace}. */
export interface TraceOptions {
  /** The decay μ of the sum, in [0, 1). */
  readonly decay: Hyperparameter;
  /** Look ahead by one decayed step. Default false. */
  readonly nesterov?: boolean | undefined;
  /** The part d of every gradient but the first that does not enter the sum. Default 0. */
  readonly dampening?: Hyperparameter | undefined;
}

/**
 * Replaces gradients by their decayed sum (momentum): tₜ = gₜ + μ tₜ₋₁; u = t, or g + μ t with
 * Nesterov's correction.
 *
 * A sum, not an average ({@link ema} is one): the step grows by 1/(1 − μ). With the learning rate
 * after it in the chain, a schedule acts on the whole sum at once; before it, on each gradient as
 * it enters. Dampening is PyTorch's: t₁ = g₁, then tₜ = (1 − d) gₜ + μ tₜ₋₁, and not to be combined
 * with Nesterov. References: Polyak, 1964,
 * https://doi.org/10.1016/0041-5553(64)90137-5; Sutskever et al., 2013,
 * https://proceedings.mlr.press/v28/sutskever13.html.
 *
 * @example
 * ```ts
 * import { chain, scaleByLearningRate, trace } from "@layerwise/optim";
 *
 * const momentum = chain(trace({ decay: 0.9 }), scaleByLearningRate(0.1));
 * ```
 */
export function trace({
  decay,
  nesterov = false,
  dampening = 0,
}: TraceOptions): GradientTransformation<TraceState> {
  checkRange("trace: decay", decay, 0, 1);
  checkRange("trace: dampening", dampening, 0);
  if (nesterov && dampening !== 0) {
    throw new Error(`trace: dampening: expected 0 with nesterov, got ${dampening}`);
  }
  return {
    init: (params) => ({
      trace: mapTensors(zerosLike, params),
      count: dampening === 0 ? null : zeroCount(),
    }),
    update: (grads, { trace: before, count }) =>
      treeTidy(() => {
        const mu = tensorOf(decay);
        const added = count === null ? grads : damped(grads, dampening, count);
        const sum = mapTensors((g, t) => add(g, mul(mu, t)), added, before);
        const updates = nesterov
          ? mapTensors((g, t) => add(g, mul(mu, t)), grads, sum)
          : mapTensors(clone, sum);
        return { updates, state: { trace: sum, count: count && nextCount(count) } };
      }),
  };
}

function damped<T extends TensorTree>(grads: T, dampening: Hyperparameter, count: Tensor): T {
  const first = equal(count, scalar(0, "int32"));
  const weight = where(first, constant(1), tensorOf(oneMinus(dampening)));
  return mapTensors((g) => mul(g, weight), grads);
}
