import { treeTidy } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { clone, mean, sub } from "@tensorflow/tfjs-core";
import { mapTensors } from "../core/map.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";

/** Options of {@link centralize}. */
export interface CentralizeOptions {
  /** The place of the axis that numbers the units of a weight. Default `"last"`. */
  readonly unitAxis?: "first" | "last" | undefined;
}

/**
 * Gradient centralization: removes from the gradient of each unit's weights their mean.
 *
 * u = g − mean(g) over all axes but the one of the units. Scalars and vectors, such as biases, pass.
 *
 * Kernels here are [inputs…, units], so the paper's rule is a mean over all axes but the last, as in
 * Keras. `unitAxis: "first"` is for kernels of shape [units, inputs…], as PyTorch has them, and is
 * what `optax.centralize` does. Reference: Yong et al., 2020, https://arxiv.org/abs/2004.01461.
 *
 * @example
 * ```ts
 * import { centralize, chain, sgd } from "@layerwise/optim";
 *
 * const optimizer = chain(centralize(), sgd({ learningRate: 0.1, momentum: 0.9 }));
 * ```
 */
export function centralize({
  unitAxis = "last",
}: CentralizeOptions = {}): GradientTransformation<EmptyState> {
  if (unitAxis !== "first" && unitAxis !== "last") {
    throw new Error(`centralize: unitAxis: expected "first" or "last", got ${unitAxis}`);
  }
  const centered = (g: Tensor): Tensor => {
    if (g.rank < 2) return clone(g);
    const units = unitAxis === "first" ? 0 : g.rank - 1;
    const others = g.shape.map((_, axis) => axis).filter((axis) => axis !== units);
    return sub(g, mean(g, others, true));
  };
  return {
    init: () => null,
    update: (grads, state) => treeTidy(() => ({ updates: mapTensors(centered, grads), state })),
  };
}
