import type { TensorTree } from "@layerwise/autodiff";
import { constant, treeTidy } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { div, equal, mul, where } from "@tensorflow/tfjs-core";
import { mapTensors } from "../core/map.ts";
import type { NamedExtrasOf, NamedStatesOf } from "../core/named-chain.ts";
import type { AnyTransformation, GradientTransformation } from "../core/transformation.ts";
import { blockNorm } from "./block-norm.ts";

/** The two transformations of {@link graft}. */
export type GraftParts = {
  /** The one that says how long updates are. */
  readonly magnitude: AnyTransformation;
  /** The one that says where they point. */
  readonly direction: AnyTransformation;
};

/** The type of {@link graft}'s result. */
export type Grafted<T extends GraftParts> = GradientTransformation<
  NamedStatesOf<Pick<T, keyof GraftParts>>,
  NamedExtrasOf<Pick<T, keyof GraftParts>>
>;

/**
 * Takes the direction of each tensor's update from one rule and its length from another:
 * u = ‖m‖ / ‖d‖ · d, and 0 where d is 0.
 *
 * Lets a preconditioner work with learning rates that are known to suit Adam or SGD. Both rules see
 * the same gradients and keep their own state, under the names of the options.
 * Reference: Agarwal et al., 2020, https://arxiv.org/abs/2002.11803.
 *
 * @example
 * ```ts
 * import { chain, graft, scaleByAdam, scaleByLearningRate, scaleByShampoo } from "@layerwise/optim";
 *
 * const optimizer = chain(
 *   graft({ magnitude: scaleByAdam(), direction: scaleByShampoo() }),
 *   scaleByLearningRate(1e-3),
 * );
 * ```
 */
export function graft<const T extends GraftParts>(parts: T): Grafted<T> {
  const { magnitude, direction } = parts;
  const grafted = (d: Tensor, m: Tensor): Tensor => {
    const norm = blockNorm(d);
    return mul(d, where(equal(norm, 0), constant(0), div(blockNorm(m), norm)));
  };
  const update: AnyTransformation["update"] = (grads, states, ...rest) =>
    treeTidy(() => {
      const before = states as { readonly [Name in keyof GraftParts]: unknown };
      const m = magnitude.update(grads, before.magnitude, ...rest);
      const d = direction.update(grads, before.direction, ...rest);
      const state = { magnitude: m.state, direction: d.state };
      return { updates: mapTensors(grafted, d.updates, m.updates), state };
    });
  const init = (params: TensorTree): unknown => ({
    magnitude: magnitude.init(params),
    direction: direction.init(params),
  });
  return { init, update } as unknown as Grafted<T>;
}
