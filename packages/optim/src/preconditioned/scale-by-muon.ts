import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { div, mul, sum, zerosLike } from "@tensorflow/tfjs-core";
import { type Hyperparameter, movingAverage } from "../core/arithmetic.ts";
import { checkRange } from "../core/check.ts";
import { biasCorrection, nextCount, zeroCount } from "../core/count.ts";
import { mapTensors } from "../core/map.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import type { OrthogonalizeOptions } from "./orthogonalize.ts";
import { checkOrthogonalizeOptions, orthogonalize } from "./orthogonalize.ts";

/** The state of {@link scaleByMuon}: the number of updates and the moving average of gradients. */
export type ScaleByMuonState = { readonly count: Scalar; readonly mu: TensorTree };

/** Options of {@link scaleByMuon}; those of {@link orthogonalize} and of the momentum before it. */
export interface ScaleByMuonOptions extends OrthogonalizeOptions {
  /** Decay of the average gradient. Default 0.95. */
  readonly beta?: Hyperparameter | undefined;
  /** Use Nesterov's momentum: β m + (1 − β) g. Default true. */
  readonly nesterov?: boolean | undefined;
  /** Correct the bias of the average, as optax does; PyTorch and Keras do not. Default true. */
  readonly debias?: boolean | undefined;
  /** Multiply the result by its inner product with the momentum (the dual norm). Default false. */
  readonly adaptive?: boolean | undefined;
}

/** Throws for a parameter that is not a matrix. */
function checkMatrix(name: string, { shape }: Tensor): void {
  if (shape.length !== 2) throw new Error(`${name}: expected matrices, got shape [${shape}]`);
}

/**
 * Orthogonalizes the momentum of each matrix: u ≈ U Vᵀ for m = U Σ Vᵀ, by {@link orthogonalize}.
 *
 * m ← β m + (1 − β) g; then β m̂ + (1 − β) ĝ with Nesterov, corrected by 1 − βᵗ⁺¹ and 1 − βᵗ as in
 * optax. Without `debias` it is β m + (1 − β) g as in PyTorch, and Keras's sums are the same up to a
 * factor, which the norm removes. All parameters must be matrices: see {@link muon} for the others.
 * Reference: Jordan et al., 2024, https://kellerjordan.github.io/posts/muon.
 *
 * @example
 * ```ts
 * import { chain, scaleByLearningRate, scaleByMuon } from "@layerwise/optim";
 *
 * const optimizer = chain(scaleByMuon({ beta: 0.9 }), scaleByLearningRate(0.02));
 * ```
 */
export function scaleByMuon({
  beta = 0.95,
  nesterov = true,
  debias = true,
  adaptive = false,
  ...options
}: ScaleByMuonOptions = {}): GradientTransformation<ScaleByMuonState> {
  checkRange("scaleByMuon: beta", beta, 0, 1);
  checkOrthogonalizeOptions("scaleByMuon", options);
  const direction = (momentum: Tensor): Tensor => {
    const unit = orthogonalize(momentum, options);
    return adaptive ? mul(sum(mul(momentum, unit)), unit) : unit;
  };
  return {
    init: (params) => ({
      count: zeroCount(),
      mu: mapTensors((p) => {
        checkMatrix("scaleByMuon", p);
        return zerosLike(p);
      }, params),
    }),
    update: (grads, state) =>
      treeTidy(() => {
        const count = nextCount(state.count);
        const mu = mapTensors((g, m) => movingAverage(beta, m, g), grads, state.mu);
        const corrected = (x: Tensor, steps: Tensor): Tensor =>
          debias ? div(x, biasCorrection(beta, steps)) : x;
        const ahead = nesterov ? nextCount(count) : count;
        const updates = mapTensors(
          (g, m) => {
            const average = corrected(m, ahead);
            if (!nesterov) return direction(average);
            return direction(movingAverage(beta, average, corrected(g, count)));
          },
          grads,
          mu,
        );
        return { updates, state: { count, mu } };
      }),
  };
}
