import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import { add, clone, mul, zerosLike } from "@tensorflow/tfjs-core";
import { type Hyperparameter, tensorOf } from "../core/arithmetic.ts";
import { checkRange } from "../core/check.ts";
import { type GradFnExtra, requireExtra } from "../core/extras.ts";
import { mapTensors } from "../core/map.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import { requireParams } from "../core/transformation.ts";

/** The extra argument of {@link traceAhead}: the gradient of the loss at any parameters. */
export type TraceAheadExtra = GradFnExtra;

/** The state of {@link traceAhead}. */
export type TraceAheadState<Inner> = {
  /** The last update. */
  readonly velocity: TensorTree;
  readonly inner: Inner;
};

/** Options of {@link traceAhead}. */
export interface TraceAheadOptions {
  /** The decay α of the velocity, in [0, 1). */
  readonly decay: Hyperparameter;
}

/**
 * Adds momentum to a rule and hands it the gradient at the place where the momentum leads:
 * v ← α v + inner(∇L(θ + α v)), u = v.
 *
 * The gradients given to `update` are not used; the one it needs comes from the extra argument
 * `gradFn`, which is called once. `inner` includes the learning rate, and sees θ + α v as parameters.
 * Reference: Sutskever et al., 2013, https://proceedings.mlr.press/v28/sutskever13.html.
 *
 * @example
 * ```ts
 * import { scaleByLearningRate, traceAhead } from "@layerwise/optim";
 *
 * const nesterov = traceAhead({ decay: 0.9 }, scaleByLearningRate(0.01));
 * ```
 */
export function traceAhead<Inner>(
  { decay }: TraceAheadOptions,
  inner: GradientTransformation<Inner>,
): GradientTransformation<TraceAheadState<Inner>, TraceAheadExtra> {
  checkRange("traceAhead: decay", decay, 0, 1);
  return {
    init: (params) => ({
      velocity: mapTensors(zerosLike, params),
      inner: inner.init(params),
    }),
    update: (grads, state, params, given) =>
      treeTidy(() => {
        const extra = requireExtra("traceAhead", given, "gradFn");
        const alpha = tensorOf(decay);
        const ahead = mapTensors(
          (p, v) => add(p, mul(alpha, v)),
          requireParams("traceAhead", params),
          state.velocity,
        );
        const step = inner.update(extra.gradFn(ahead), state.inner, ahead);
        // The given gradients lend their structure only.
        const velocity = mapTensors(
          (_, v, u) => add(mul(alpha, v), u),
          grads,
          state.velocity,
          step.updates,
        );
        return { updates: mapTensors(clone, velocity), state: { velocity, inner: step.state } };
      }),
  };
}
