import { treeTidy } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { cast, div, greater, less, maximum, mean, mul } from "@tensorflow/tfjs-core";
import { type Hyperparameter, tensorOf } from "../core/arithmetic.ts";
import { checkRange } from "../core/check.ts";
import { mapTensors } from "../core/map.ts";
import type {
  AnyTransformation,
  ExtraOf,
  GradientTransformation,
  OptimizerState,
} from "../core/transformation.ts";

/** Options of {@link cautious}. */
export interface CautiousOptions {
  /** The least share of agreeing elements that is compensated for. Default 1e-3. */
  readonly minShare?: Hyperparameter | undefined;
  /**
   * Whether the inner updates already go down: set it when the inner transformation ends in a
   * learning rate. Default false, for a `scaleBy…` that keeps the sign of gradients.
   */
  readonly descends?: boolean | undefined;
}

/**
 * Keeps of another rule's updates only the elements that agree in sign with the gradient.
 *
 * φ = 1 where u g > 0, else 0; u ← u φ / max(mean(φ), minShare), tensor by tensor: what is left is
 * enlarged so that the size of the update stays about the same.
 *
 * Weight decay goes behind it, as in the paper. The paper's pseudo-code divides by (‖φ‖₀ + 1) / n; its
 * published code and timm by the mean, bounded from below, as here.
 * Reference: Liang et al., 2024, https://arxiv.org/abs/2411.16085.
 *
 * @example
 * ```ts
 * import { adam, cautious, chain, scaleByAdam, scaleByLearningRate } from "@layerwise/optim";
 *
 * const cautiousAdam = chain(cautious(scaleByAdam()), scaleByLearningRate(1e-3));
 * const theSame = cautious(adam({ learningRate: 1e-3 }), { descends: true });
 * ```
 */
export function cautious<T extends AnyTransformation>(
  inner: T,
  { minShare = 1e-3, descends = false }: CautiousOptions = {},
): GradientTransformation<OptimizerState<T>, ExtraOf<T>> {
  checkRange("cautious: minShare", minShare, 0);
  const masked = (u: Tensor, g: Tensor): Tensor => {
    const product = mul(u, g);
    const agrees = cast(descends ? less(product, 0) : greater(product, 0), "float32");
    return mul(u, div(agrees, maximum(mean(agrees), tensorOf(minShare))));
  };
  const update: AnyTransformation["update"] = (grads, state, ...rest) =>
    treeTidy(() => {
      const result = inner.update(grads, state, ...rest);
      return { updates: mapTensors(masked, result.updates, grads), state: result.state };
    });
  const init: AnyTransformation["init"] = (params) => inner.init(params);
  return { init, update } as unknown as GradientTransformation<OptimizerState<T>, ExtraOf<T>>;
}
