import { treeTidy } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { maximum, mul } from "@tensorflow/tfjs-core";
import { type Hyperparameter, tensorOf, times } from "../core/arithmetic.ts";
import { checkRange } from "../core/check.ts";
import { mapTensors } from "../core/map.ts";
import { normAlong } from "../core/norm-along.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";
import { requireParams } from "../core/transformation.ts";
import { clippingFactor } from "./clipping-factor.ts";

/** Options of {@link adaptiveGradClip}. */
export interface AdaptiveGradClipOptions {
  /** The smallest parameter norm that counts, so that parameters can leave zero. Default 1e-3. */
  readonly eps?: Hyperparameter | undefined;
  /** The axes that a unit's norm is taken over. Default: by rank. */
  readonly axes?: readonly number[] | undefined;
}

/**
 * Adaptive gradient clipping: scales the gradient of a unit down when its norm exceeds a fraction of
 * the norm of the unit's parameters: u = g · c / max(‖g‖, c), c = clipping · max(‖θ‖, eps).
 *
 * A unit is an output: the norm is over all of a scalar or vector, axis 0 of a matrix [in, out] or a
 * tensor of rank 3, all axes but the last of convolution kernels (rank 4 and 5), as in optax. A
 * matrix or more with all axes but one of length 1 counts as a vector. Needs the parameters. The
 * authors leave out the last layer: see `masked`. Reference: Brock et al., 2021,
 * https://arxiv.org/abs/2102.06171.
 *
 * @example
 * ```ts
 * import { adaptiveGradClip, chain, sgd } from "@layerwise/optim";
 *
 * const optimizer = chain(adaptiveGradClip(0.01), sgd({ learningRate: 0.1, momentum: 0.9 }));
 * ```
 */
export function adaptiveGradClip(
  clipping: Hyperparameter,
  { eps = 1e-3, axes }: AdaptiveGradClipOptions = {},
): GradientTransformation<EmptyState> {
  checkRange("adaptiveGradClip: clipping", clipping, Number.MIN_VALUE);
  checkRange("adaptiveGradClip: eps", eps, Number.MIN_VALUE);
  return {
    init: () => null,
    update: (grads, state, params) =>
      treeTidy(() => {
        const least = tensorOf(eps);
        const clipped = (g: Tensor, p: Tensor): Tensor => {
          const over = axes ?? unitAxes(g);
          const limit = times(maximum(normAlong(p, over), least), clipping);
          return mul(g, clippingFactor(normAlong(g, over), limit, 0));
        };
        const wanted = requireParams("adaptiveGradClip", params);
        return { updates: mapTensors(clipped, grads, wanted), state };
      }),
  };
}

function unitAxes({ shape }: Tensor): readonly number[] {
  const all = shape.map((_, i) => i);
  if (shape.filter((n) => n !== 1).length <= 1) return all;
  if (shape.length <= 3) return [0];
  if (shape.length <= 5) return all.slice(0, -1);
  throw new Error(`adaptiveGradClip: expected axes for a tensor of rank ${shape.length}`);
}
