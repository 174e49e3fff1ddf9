import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { abs, add, clone, div, maximum, mul, relu, sub, zerosLike } from "@tensorflow/tfjs-core";
import { type Hyperparameter, tensorOf, times } from "../core/arithmetic.ts";
import { checkRange } from "../core/check.ts";
import { mapTensors } from "../core/map.ts";
import { type GradientTransformation, requireParams } from "../core/transformation.ts";

/** The state of {@link scaleByCocob}, all with the structure of the parameters. */
export type ScaleByCocobState = {
  /** The parameters at the start, θ₁. */
  readonly initParams: TensorTree;
  /** The sum of negative gradients, C. */
  readonly gradSum: TensorTree;
  /** The largest absolute gradient, L. */
  readonly scale: TensorTree;
  /** The sum of absolute gradients, G. */
  readonly absSum: TensorTree;
  /** The money won, R. */
  readonly reward: TensorTree;
};

/** Options of {@link scaleByCocob}. */
export interface ScaleByCocobOptions {
  /** Bounds the first bets: the larger, the smaller they are. Default 100. */
  readonly alpha?: Hyperparameter | undefined;
  /** The first value of L, more than 0. Default 1e-8. */
  readonly eps?: Hyperparameter | undefined;
}

/**
 * Coin betting, per coordinate: L = max(L, |g|), G = G + |g|, R = max(R − g (θ − θ₁), 0),
 * C = C − g, θ ← θ₁ + C / (L max(G + L, α L)) (L + R).
 *
 * It makes steps, not gradients: nothing may scale its updates afterwards. `update` needs the
 * parameters. The paper starts L at 0; optax, and this, at eps, so that a zero gradient stays still.
 * Reference: Orabona and Tommasi, 2017, https://arxiv.org/abs/1705.07795, algorithm 2.
 *
 * @example
 * ```ts
 * import { chain, clipByGlobalNorm, scaleByCocob } from "@layerwise/optim";
 *
 * const optimizer = chain(clipByGlobalNorm(1), scaleByCocob());
 * ```
 */
export function scaleByCocob({
  alpha = 100,
  eps = 1e-8,
}: ScaleByCocobOptions = {}): GradientTransformation<ScaleByCocobState> {
  checkRange("scaleByCocob: alpha", alpha, 0);
  checkRange("scaleByCocob: eps", eps, Number.MIN_VALUE);
  const bet = (sum: Tensor, largest: Tensor, all: Tensor, won: Tensor): Tensor => {
    const bound = maximum(add(all, largest), times(largest, alpha));
    return mul(div(sum, mul(largest, bound)), add(largest, won));
  };
  return {
    init: (params) =>
      treeTidy(() => {
        const first = tensorOf(eps);
        return {
          initParams: mapTensors(clone, params),
          gradSum: mapTensors(zerosLike, params),
          scale: mapTensors((p) => add(zerosLike(p), first), params),
          absSum: mapTensors(zerosLike, params),
          reward: mapTensors(zerosLike, params),
        };
      }),
    update: (grads, state, params) =>
      treeTidy(() => {
        const wanted = requireParams("scaleByCocob", params);
        const scale = mapTensors((g, l) => maximum(l, abs(g)), grads, state.scale);
        const absSum = mapTensors((g, a) => add(a, abs(g)), grads, state.absSum);
        const gradSum = mapTensors((g, c) => sub(c, g), grads, state.gradSum);
        const reward = mapTensors(
          (g, r, p, p0) => relu(sub(r, mul(g, sub(p, p0)))),
          grads,
          state.reward,
          wanted,
          state.initParams,
        );
        const bets = mapTensors(bet, gradSum, scale, absSum, reward);
        const updates = mapTensors(
          (b, p, p0) => add(sub(p0, p), b),
          bets,
          wanted,
          state.initParams,
        );
        const initParams = mapTensors(clone, state.initParams);
        return { updates, state: { initParams, gradSum, scale, absSum, reward } };
      }),
  };
}
