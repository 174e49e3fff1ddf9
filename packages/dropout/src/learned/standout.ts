import { constant, random, treeTidy } from "@layerwise/autodiff";
import type { DenseOptions, DenseParams } from "@layerwise/layers";
import { dense, LayerError } from "@layerwise/layers";
import type { Tensor } from "@tensorflow/tfjs-core";
import { add, mul, sigmoid, where, zerosLike } from "@tensorflow/tfjs-core";
import { requireKey } from "../core/check.ts";
import type { StochasticLayer } from "../core/stochastic-layer.ts";

/** Options of {@link standout}. */
export interface StandoutOptions extends DenseOptions {
  /** Applied to the linear output. Default none. */
  readonly activation?: ((x: Tensor) => Tensor) | undefined;
  /** The slope of the keep probability. Default 1. */
  readonly alpha?: number | undefined;
  /** The offset of the keep probability. Default 0. */
  readonly beta?: number | undefined;
}

/**
 * Standout: a dense layer whose units are kept with a probability that depends on their input.
 *
 * With a = x W + b and π = sigmoid(alpha a + beta): in training y = m · f(a), m ~ Bernoulli(π); in
 * inference its expectation π · f(a). The belief network shares the weights of the layer, as the
 * paper found to work as well as learning it; no gradient goes through the probabilities in
 * training. Nothing is rescaled.
 *
 * Reference: Ba and Frey, Adaptive Dropout for Training Deep Neural Networks, 2013,
 * https://papers.nips.cc/paper/5032-adaptive-dropout-for-training-deep-neural-networks.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { standout } from "@layerwise/dropout";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = standout({ units: 3, activation: tf.relu });
 * const variables = layer.init(random.key(0), [4]);
 * const { y } = layer.apply(variables, tf.ones([2, 4]), { training: true, key: random.key(1) });
 * if (y.shape.join() !== "2,3") throw new Error(String(y.shape));
 * ```
 */
export function standout({
  activation = (x) => x,
  alpha = 1,
  beta = 0,
  ...options
}: StandoutOptions): StochasticLayer<DenseParams> {
  const kind = "standout";
  const linear = dense(options);
  if (!Number.isFinite(alpha) || !Number.isFinite(beta)) {
    throw new LayerError(kind, `expected finite alpha and beta, got ${alpha} and ${beta}`);
  }
  return Object.freeze({
    kind,
    stochastic: true,
    init: (key, inputShape) => linear.init(key, inputShape),
    apply: (variables, x, { key, training = false } = {}) =>
      treeTidy(() => {
        const { y: a, state } = linear.apply(variables, x);
        const keep = sigmoid(add(mul(a, constant(alpha)), constant(beta)));
        const y = activation(a);
        if (!training) return { y: mul(y, keep), state };
        // A comparison: no derivative goes through it.
        const mask = random.bernoulli(requireKey(kind, key), keep, keep.shape);
        return { y: where(mask, y, zerosLike(y)), state };
      }),
    outputShape: (inputShape) => linear.outputShape(inputShape),
  } satisfies StochasticLayer<DenseParams>);
}
