import { treeTidy } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { div, greater, minimum, mul, relu, sub, where } from "@tensorflow/tfjs-core";
import { type Hyperparameter, plus, tensorOf } from "../core/arithmetic.ts";
import { chain } from "../core/chain.ts";
import { checkChoice, checkFinite, checkLearningRate, checkRange } from "../core/check.ts";
import { requireExtra, type ValueExtra } from "../core/extras.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import { mapTensors } from "../core/map.ts";
import { type LearningRateState, scaleByLearningRate } from "../core/scale.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";
import { treeSquaredNorm } from "../core/tree-sums.ts";
import { SMALLEST_SQUARED_NORM } from "./smallest-squared-norm.ts";

/** Options of {@link scaleByPolyak}. */
export interface ScaleByPolyakOptions {
  /** The loss at the solution, or a bound below it. Default 0. */
  readonly fMin?: Hyperparameter | undefined;
  /** The largest step size. Default 1. */
  readonly maxLearningRate?: Hyperparameter | undefined;
  /** Added to the squared norm of the gradient. Default 0. */
  readonly eps?: Hyperparameter | undefined;
  /** `"sps+"` makes no step where the loss is below `fMin`, `"sps"` one uphill. Default `"sps"`. */
  readonly variant?: "sps" | "sps+" | undefined;
}

/** Options of {@link polyakSgd}. */
export interface PolyakSgdOptions extends ScaleByPolyakOptions {
  /** Factor of the step, a number or a schedule. Default 1. */
  readonly scaling?: LearningRate | undefined;
}

/**
 * Scales updates by Polyak's step size: u = min((f − fMin) / (‖g‖² + eps), maxLearningRate) g.
 *
 * `update` needs the loss, `{ value }`. The norm is over all parameters together; below 2.2e-16 (as
 * in optax) nothing moves. References: Polyak, 1987; Loizou et al., 2021,
 * https://arxiv.org/abs/2002.10542 (`sps`); Garrigos et al., 2023,
 * https://arxiv.org/abs/2307.14528 (`sps+`).
 *
 * @example
 * ```ts
 * import { chain, scale, scaleByPolyak } from "@layerwise/optim";
 *
 * const optimizer = chain(scaleByPolyak({ maxLearningRate: 0.5 }), scale(-1));
 * ```
 */
export function scaleByPolyak({
  fMin = 0,
  maxLearningRate = 1,
  eps = 0,
  variant = "sps",
}: ScaleByPolyakOptions = {}): GradientTransformation<EmptyState, ValueExtra> {
  checkFinite("scaleByPolyak: fMin", fMin);
  checkRange("scaleByPolyak: maxLearningRate", maxLearningRate, 0);
  checkRange("scaleByPolyak: eps", eps, 0);
  checkChoice("scaleByPolyak: variant", variant, ["sps", "sps+"]);
  return {
    init: () => null,
    update: (grads, state, _params, extra) =>
      treeTidy(() => {
        const { value } = requireExtra("scaleByPolyak", extra, "value");
        const norm = treeSquaredNorm(grads);
        const below = eps === 0 ? norm : plus(norm, eps);
        const distance = fMin === 0 ? value : sub(value, tensorOf(fMin));
        const gap: Tensor = variant === "sps" ? distance : relu(distance);
        const step = minimum(div(gap, below), tensorOf(maxLearningRate));
        const by = where(greater(below, tensorOf(SMALLEST_SQUARED_NORM)), step, 0);
        return { updates: mapTensors((g) => mul(by, g), grads), state };
      }),
  };
}

/**
 * Gradient descent with Polyak's step size: θ ← θ − η min((f − fMin) / (‖g‖² + eps), η_max) g.
 *
 * `update` needs the loss, `{ value }`. Here `scaling` is η of this formula; optax (0.2.8) scales the
 * gradients before it takes their norm, which agrees at 1 only.
 * Reference: Loizou et al., 2021, https://arxiv.org/abs/2002.10542.
 *
 * @example
 * ```ts
 * import { applyUpdates, polyakSgd } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const optimizer = polyakSgd();
 * const params = tf.tensor1d([1, 2, 3]);
 * const value = tf.sum(tf.square(params));
 * const grads = tf.mul(params, 2);
 * const { updates } = optimizer.update(grads, optimizer.init(params), params, { value });
 * const next = applyUpdates(params, updates); // halfway to the minimum
 * if (next.dataSync().join() !== "0.5,1,1.5") throw new Error(String(next));
 * ```
 */
export function polyakSgd(
  options: PolyakSgdOptions = {},
): GradientTransformation<readonly [EmptyState, LearningRateState], ValueExtra> {
  const { scaling = 1, ...rest } = options;
  checkLearningRate("polyakSgd", scaling);
  return chain(scaleByPolyak(rest), scaleByLearningRate(scaling));
}
