import { constant, random, treeTidy } from "@layerwise/autodiff";
import { LayerError } from "@layerwise/layers";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import {
  add,
  clone,
  div,
  exp,
  fill,
  log,
  log1p,
  mul,
  neg,
  sigmoid,
  softplus,
  square,
  sub,
  sum,
  tidy,
} from "@tensorflow/tfjs-core";
import { checkNonNegative, checkPositive, requireKey } from "../core/check.ts";
import type { StochasticLayer } from "../core/stochastic-layer.ts";

/** Options of {@link concreteDropout}. */
export interface ConcreteDropoutOptions {
  /** The rate to begin with, in (0, 1). Default 0.1. */
  readonly rate?: number | undefined;
  /** The temperature of the relaxation. Default 0.1. */
  readonly temperature?: number | undefined;
}

/** The parameters of {@link concreteDropout}: the rate is sigmoid(logit). */
export type ConcreteDropoutParams = { readonly logit: Scalar };

/**
 * Concrete dropout: dropout with a rate p that is learned.
 *
 * In training y = x (1 − z) / (1 − p) with z = sigmoid((logit p + logit u) / temperature) and
 * u ~ U(0, 1), which is differentiable in p; otherwise the identity. Add
 * {@link concreteDropoutPenalty} to the loss: without it the rate goes to 0.
 *
 * Reference: Gal, Hron and Kendall, Concrete Dropout, 2017, https://arxiv.org/abs/1705.07832.
 *
 * @example
 * ```ts
 * import { grad, random } from "@layerwise/autodiff";
 * import { concreteDropout } from "@layerwise/dropout";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = concreteDropout({ rate: 0.3 });
 * const { params, state } = layer.init(random.key(0), [4]);
 * const loss = (p: typeof params) =>
 *   tf.sum(layer.apply({ params: p, state }, tf.ones([8, 4]), { training: true, key: random.key(1) }).y);
 * if (!Number.isFinite(grad(loss)(params).logit.dataSync()[0])) throw new Error("the rate is learned");
 * ```
 */
export function concreteDropout({
  rate = 0.1,
  temperature = 0.1,
}: ConcreteDropoutOptions = {}): StochasticLayer<ConcreteDropoutParams> {
  const kind = "concreteDropout";
  if (!(rate > 0 && rate < 1)) {
    throw new LayerError(kind, `expected a rate in (0, 1), got ${rate}`);
  }
  checkPositive(kind, "temperature", temperature);
  return Object.freeze({
    kind,
    stochastic: true,
    init: () => ({
      params: { logit: fill([], Math.log(rate / (1 - rate))) as Scalar },
      state: null,
    }),
    apply: ({ params, state }, x, { key, training = false } = {}) =>
      treeTidy(() => {
        if (!training) return { y: clone(x), state };
        // Not 0, whose logarithm is infinite.
        const u = random.uniform(requireKey(kind, key), x.shape, { minval: 2 ** -24 });
        return { y: relaxedDrop(x, u, params.logit, temperature), state };
      }),
    outputShape: (inputShape) => inputShape,
  } satisfies StochasticLayer<ConcreteDropoutParams>);
}

/** x (1 − z) / (1 − p) for given uniform numbers. */
export function relaxedDrop(x: Tensor, u: Tensor, logit: Tensor, temperature: number): Tensor {
  return tidy(() => {
    const score = add(logit, sub(log(u), log1p(neg(u))));
    // log(1 − z) − log(1 − p): the quotient itself is 0 / 0 in float32 for rates near 1.
    const logFactor = sub(softplus(logit), softplus(div(score, constant(temperature))));
    return mul(x, exp(logFactor));
  });
}

/** Options of {@link concreteDropoutPenalty}. */
export interface ConcreteDropoutPenaltyOptions {
  /** The weights that the dropped values are multiplied by, such as the next layer's kernel. */
  readonly kernel: Tensor;
  /** The number of values that are dropped independently: the inputs of that layer. */
  readonly inputs: number;
  /** The factor of ‖W‖² / (1 − p): l² / (τ N), with prior length scale l and N samples. */
  readonly weightRegularizer: number;
  /** The factor of the entropy term: 2 / (τ N). */
  readonly dropoutRegularizer: number;
}

/**
 * The regularizer of concrete dropout, to be added to a mean loss:
 * weightRegularizer ‖W‖² / (1 − p) + dropoutRegularizer · inputs · (p log p + (1 − p) log(1 − p)).
 *
 * As the authors' code has it. Stable for any logit.
 *
 * @example
 * ```ts
 * import { concreteDropoutPenalty } from "@layerwise/dropout";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const options = { kernel: tf.ones([4, 3]), inputs: 4, weightRegularizer: 1e-2, dropoutRegularizer: 1e-2 };
 * const penalty = concreteDropoutPenalty({ logit: tf.scalar(0) }, options).dataSync()[0] ?? 0;
 * if (Math.abs(penalty - (0.24 - 0.04 * Math.LN2)) > 1e-6) throw new Error(String(penalty));
 * ```
 */
export function concreteDropoutPenalty(
  { logit }: ConcreteDropoutParams,
  { kernel, inputs, weightRegularizer, dropoutRegularizer }: ConcreteDropoutPenaltyOptions,
): Scalar {
  const kind = "concreteDropoutPenalty";
  checkPositive(kind, "inputs", inputs);
  checkNonNegative(kind, "weightRegularizer", weightRegularizer);
  checkNonNegative(kind, "dropoutRegularizer", dropoutRegularizer);
  return tidy(() => {
    const [p, q] = [sigmoid(logit), sigmoid(neg(logit))];
    // log p = −softplus(−logit), log(1 − p) = −softplus(logit).
    const entropy = add(mul(p, softplus(neg(logit))), mul(q, softplus(logit)));
    // 1 / (1 − p) = 1 + e^logit.
    const weights = mul(mul(sum(square(kernel)), add(exp(logit), 1)), constant(weightRegularizer));
    return sub<Scalar>(weights, mul(entropy, constant(dropoutRegularizer * inputs)));
  });
}
