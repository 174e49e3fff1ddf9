import type { TensorTree } from "@layerwise/autodiff";
import { random, treeTidy } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { add, clone, div, mean, pow, sqrt, square, zerosLike } from "@tensorflow/tfjs-core";
import { type Hyperparameter, movingAverage, plus, tensorOf, times } from "../core/arithmetic.ts";
import { checkRange } from "../core/check.ts";
import { biasCorrection, nextCount, zeroCount } from "../core/count.ts";
import { type HvpExtra, requireExtra } from "../core/extras.ts";
import { mapTensors } from "../core/map.ts";
import { type GradientTransformation, requireParams } from "../core/transformation.ts";
import type { HutchinsonOptions } from "./hutchinson-diagonal.ts";
import { checkHutchinson, hutchinsonDiagonal } from "./hutchinson-diagonal.ts";

/** The state of {@link scaleByAdahessian}. */
export type ScaleByAdahessianState = {
  readonly count: Scalar;
  /** The key that the probes of all steps are drawn with. */
  readonly key: Tensor;
  /** The moving average of gradients, m. */
  readonly mu: TensorTree;
  /** The moving average of the squared diagonal of the Hessian, v. */
  readonly nu: TensorTree;
};

/** Options of {@link scaleByAdahessian}. */
export interface ScaleByAdahessianOptions extends HutchinsonOptions {
  /** Decay of the first moment. Default 0.9. */
  readonly b1?: Hyperparameter | undefined;
  /** Decay of the second moment. Default 0.999. */
  readonly b2?: Hyperparameter | undefined;
  /** Added to the denominator, after bias correction. Default 1e-8. */
  readonly eps?: Hyperparameter | undefined;
  /** The power k of the Hessian, in [0, 1]: 1 is Newton's, 0 none. Default 1. */
  readonly hessianPower?: Hyperparameter | undefined;
  /**
   * Average the diagonal over the leading axes of tensors with three and more, the window of a
   * convolution's kernel `[...window, in, out]`. Default true.
   */
  readonly spatialAverage?: boolean | undefined;
  /** The seed of the probes. Default 0. */
  readonly seed?: number | undefined;
}

/**
 * AdaHessian: Adam with the Hessian's diagonal in place of the gradient in the second moment.
 *
 * m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) D², u = m̂ / (v̂^(k/2) + eps), with Hutchinson's estimate D
 * of {@link hutchinsonDiagonal} and bias corrections as in Adam.
 *
 * `update` needs the parameters and the Hessian's product with a vector, `{ hvp }`. Averages over
 * convolution windows are of D, as in the paper; the authors' code averages |D|.
 * Reference: Yao et al., 2021, https://arxiv.org/abs/2006.00719, algorithm 1.
 *
 * @example
 * ```ts
 * import { chain, scaleByAdahessian, scaleByLearningRate } from "@layerwise/optim";
 *
 * const optimizer = chain(scaleByAdahessian({ hessianPower: 0.5 }), scaleByLearningRate(0.1));
 * ```
 */
export function scaleByAdahessian({
  b1 = 0.9,
  b2 = 0.999,
  eps = 1e-8,
  hessianPower = 1,
  spatialAverage = true,
  seed = 0,
  distribution = "rademacher",
  samples = 1,
}: ScaleByAdahessianOptions = {}): GradientTransformation<ScaleByAdahessianState, HvpExtra> {
  checkRange("scaleByAdahessian: b1", b1, 0, 1);
  checkRange("scaleByAdahessian: b2", b2, 0, 1);
  checkRange("scaleByAdahessian: eps", eps, Number.MIN_VALUE);
  checkRange("scaleByAdahessian: hessianPower", hessianPower, 0, 1 + Number.EPSILON);
  checkHutchinson("scaleByAdahessian", { distribution, samples });
  const power = (v: Tensor): Tensor =>
    hessianPower === 1 ? sqrt(v) : pow(v, times(tensorOf(hessianPower), 0.5));
  return {
    init: (params) =>
      treeTidy(() => ({
        count: zeroCount(),
        key: random.key(seed),
        mu: mapTensors(zerosLike, params),
        nu: mapTensors(zerosLike, params),
      })),
    update: (grads, state, params, extra) =>
      treeTidy(() => {
        const wanted = requireParams("scaleByAdahessian", params);
        const functions = requireExtra("scaleByAdahessian", extra, "hvp");
        const product = (vector: TensorTree): TensorTree => functions.hvp(vector);
        const key = random.foldIn(state.key, state.count);
        const estimate = hutchinsonDiagonal(product, key, wanted, { distribution, samples });
        const diagonal = spatialAverage ? mapTensors(averagedOverWindow, estimate) : estimate;
        const count = nextCount(state.count);
        const mu = mapTensors((g, m) => movingAverage(b1, m, g), grads, state.mu);
        const nu = mapTensors((d, v) => movingAverage(b2, v, square(d)), diagonal, state.nu);
        const c1 = biasCorrection(b1, count);
        const c2 = biasCorrection(b2, count);
        const updates = mapTensors((m, v) => div(div(m, c1), plus(power(div(v, c2)), eps)), mu, nu);
        return { updates, state: { count, key: clone(state.key), mu, nu } };
      }),
  };
}

function averagedOverWindow(x: Tensor): Tensor {
  if (x.rank < 3) return x;
  const window = Array.from({ length: x.rank - 2 }, (_, axis) => axis);
  return add(zerosLike(x), mean(x, window, true));
}
