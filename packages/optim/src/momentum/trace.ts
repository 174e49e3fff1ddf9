import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import { add, clone, mul, zerosLike } from "@tensorflow/tfjs-core";
import { type Hyperparameter, tensorOf } from "../core/arithmetic.ts";
import { checkRange } from "../core/check.ts";
import { mapTensors } from "../core/map.ts";
import type { GradientTransformation } from "../core/transformation.ts";

/** The state of {@link trace}: the decayed sum of past gradients. */
export type TraceState = { readonly trace: TensorTree };

/** Options of {@link trace}. */
export interface TraceOptions {
  /** The decay μ of the sum, in [0, 1). */
  readonly decay: Hyperparameter;
  /** Look ahead by one decayed step. Default false. */
  readonly nesterov?: boolean | undefined;
}

/**
 * Replaces gradients by their decayed sum (momentum): tₜ = gₜ + μ tₜ₋₁; u = t, or g + μ t with
 * Nesterov's correction.
 *
 * A sum, not an average: the step grows by 1/(1 − μ). The learning rate stays outside t, so a
 * schedule acts on the whole sum at once. References: Polyak, 1964,
 * https://doi.org/10.1016/0041-5553(64)90137-5; Sutskever et al., 2013,
 * https://proceedings.mlr.press/v28/sutskever13.html.
 *
 * @example
 * ```ts
 * import { chain, scaleByLearningRate, trace } from "@layerwise/optim";
 *
 * const heavyBall = chain(trace({ decay: 0.9 }), scaleByLearningRate(0.1));
 * ```
 */
export function trace({
  decay,
  nesterov = false,
}: TraceOptions): GradientTransformation<TraceState> {
  checkRange("trace: decay", decay, 0, 1);
  return {
    init: (params) => ({ trace: mapTensors(zerosLike, params) }),
    update: (grads, state) =>
      treeTidy(() => {
        const mu = tensorOf(decay);
        const sum = mapTensors((g, t) => add(g, mul(mu, t)), grads, state.trace);
        const updates = nesterov
          ? mapTensors((g, t) => add(g, mul(mu, t)), grads, sum)
          : mapTensors(clone, sum);
        return { updates, state: { trace: sum } };
      }),
  };
}
