import { constant, treeTidy } from "@layerwise/autodiff";
import type { DenseOptions, DenseParams } from "@layerwise/layers";
import { dense } from "@layerwise/layers";
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { add, matMul, mul, reshape, sign, sub } from "@tensorflow/tfjs-core";
import { checkNonNegative, checkRateBelowOne, requireKey } from "../core/check.ts";
import { dropoutMask } from "../core/mask.ts";
import type { StochasticLayer } from "../core/stochastic-layer.ts";

/** Options of {@link shakeout}. */
export interface ShakeoutOptions extends DenseOptions {
  /** The probability τ of reversing an input's weights, in [0, 1). */
  readonly rate: number;
  /** The strength c of the reversed signs: of the L1-like part of the regularization. */
  readonly strength: number;
}

/**
 * Shakeout: a dense layer that in training replaces the weights of random inputs by −c sign(W).
 *
 * With r = 0 with probability τ and 1 / (1 − τ) otherwise, for each input of each sample, the
 * weights used are r W + c (r − 1) sign(W): their mean is W. With c = 0 it is dropout of the inputs.
 * In inference it is a dense layer. The sign counts as a constant in derivatives.
 *
 * Reference: Kang, Li and Tao, Shakeout, 2016 and 2018, https://arxiv.org/abs/1904.06593.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { shakeout } from "@layerwise/dropout";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = shakeout({ units: 3, rate: 0.3, strength: 0.1 });
 * const variables = layer.init(random.key(0), [4]);
 * const { y } = layer.apply(variables, tf.ones([2, 4]), { training: true, key: random.key(1) });
 * if (y.shape.join() !== "2,3") throw new Error(String(y.shape));
 * ```
 */
export function shakeout({
  rate,
  strength,
  ...options
}: ShakeoutOptions): StochasticLayer<DenseParams> {
  const kind = "shakeout";
  const linear = dense(options);
  checkRateBelowOne(kind, rate);
  checkNonNegative(kind, "strength", strength);
  return Object.freeze({
    ...linear,
    kind,
    stochastic: true,
    apply: (variables, x, { key, training = false } = {}) =>
      treeTidy(() => {
        if (!training) return linear.apply(variables, x);
        const r = dropoutMask(requireKey(kind, key), x.shape, rate);
        const { y, state } = linear.apply(variables, mul(x, r));
        const { kernel } = variables.params;
        return { y: add(y, reversed(x, r, kernel, strength)), state };
      }),
  } satisfies StochasticLayer<DenseParams>);
}

/** c (x · (r − 1)) sign(W). */
function reversed(x: Tensor, r: Tensor, kernel: Tensor2D, strength: number): Tensor {
  const [inputs, units] = kernel.shape;
  const flat = reshape(mul(x, sub(r, 1)), [-1, inputs]);
  const product = mul(matMul(flat, sign(kernel)), constant(strength));
  return reshape(product, [...x.shape.slice(0, -1), units]);
}
