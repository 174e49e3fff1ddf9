import { constant, random, type TensorTree, treeTidy } from "@layerwise/autodiff";
import type { Layer } from "@layerwise/layers";
import { LayerError } from "@layerwise/layers";
import type { Tensor } from "@tensorflow/tfjs-core";
import {
  add,
  greater,
  mean,
  mul,
  onesLike,
  sqrt,
  square,
  where,
  zerosLike,
} from "@tensorflow/tfjs-core";
import { checkCount, checkRate, requireKey } from "../core/check.ts";
import { drop } from "../core/mask.ts";
import type { StochasticLayer } from "../core/stochastic-layer.ts";

/** Parameters of a linear layer with a kernel: those of `dense` and of convolutions. */
export type KernelParams = { readonly kernel: Tensor; readonly bias: Tensor | null };

/** Options of {@link dropConnect}. */
export interface DropConnectOptions {
  /** The probability of dropping a weight, in [0, 1]. */
  readonly rate: number;
  /** Whether the bias is dropped and scaled like the kernel. Default false. */
  readonly dropBias?: boolean | undefined;
  /** Applied to the linear output, in training and in inference. Default none. */
  readonly activation?: ((x: Tensor) => Tensor) | undefined;
  /**
   * What to do in inference. "weights", the default: use the weights as they are. "gaussian": draw
   * the linear output from a normal distribution with the mean and variance that the random masks
   * give it, and average the activation over `samples` draws; needs `key` then, and rate below 1.
   */
  readonly inference?: "weights" | "gaussian" | undefined;
  /** The number of draws of Gaussian inference. Default 100. */
  readonly samples?: number | undefined;
}

/**
 * DropConnect: drops single weights of a linear layer, and divides the others by 1 − rate.
 *
 * Wraps a layer with parameters `kernel` and `bias`, such as `dense`, and keeps its parameters. One
 * mask of weights is drawn for the batch; the paper draws one per sample. The paper does not divide
 * in training; here the mean of the linear output is that of inference. In training the key is needed.
 *
 * Reference: Wan et al., Regularization of Neural Networks using DropConnect, 2013,
 * https://proceedings.mlr.press/v28/wan13.html.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { dropConnect } from "@layerwise/dropout";
 * import { dense } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = dropConnect(dense({ units: 3 }), { rate: 0.5, activation: tf.relu, inference: "gaussian" });
 * const variables = layer.init(random.key(0), [4]);
 * const { y } = layer.apply(variables, tf.ones([2, 4]), { key: random.key(1) });
 * if (y.shape.join() !== "2,3") throw new Error(String(y.shape));
 * ```
 */
export function dropConnect<Params extends KernelParams, State extends TensorTree>(
  layer: Layer<Params, State>,
  options: DropConnectOptions,
): StochasticLayer<Params, State> {
  const kind = "dropConnect";
  const { rate, activation = (x) => x, inference = "weights", samples = 100 } = options;
  checkRate(kind, rate);
  checkCount(kind, "samples", samples);
  if (inference === "gaussian" && rate === 1) {
    throw new LayerError(kind, "expected a rate below 1 for Gaussian inference, got 1");
  }
  if (inference === "gaussian" && options.activation === undefined) {
    const reason = "without one the mean is that of the weights";
    throw new LayerError(
      kind,
      `expected an activation for Gaussian inference, got none: ${reason}`,
    );
  }
  return Object.freeze({
    kind,
    stochastic: true,
    init: (key, inputShape) => layer.init(key, inputShape),
    apply: (variables, x, { key, training = false } = {}) =>
      treeTidy(() => {
        if (training) {
          const [maskKey, innerKey] = random.split(requireKey(kind, key));
          const params = dropParams(maskKey, variables.params, options);
          const inner = { key: innerKey, training };
          const { y, state } = layer.apply({ params, state: variables.state }, x, inner);
          return { y: activation(y), state };
        }
        const { y, state } = layer.apply(variables, x, { key, training });
        if (inference === "weights" || rate === 0) return { y: activation(y), state };
        const drawKey = requireKey(kind, key, "for Gaussian inference");
        const variance = outputVariance(layer, variables, x, options);
        const eps = random.normal(drawKey, [samples, ...y.shape]);
        return { y: mean(activation(add(y, mul(eps, root(variance)))), 0), state };
      }),
    outputShape: (inputShape) => layer.outputShape(inputShape),
  } satisfies StochasticLayer<Params, State>);
}

function dropParams<Params extends KernelParams>(
  key: Tensor,
  params: Params,
  { rate, dropBias = false }: DropConnectOptions,
): Params {
  const [kernelKey, biasKey] = random.split(key);
  const { kernel, bias } = params;
  return {
    ...params,
    kernel: drop(kernelKey, kernel, rate),
    bias: bias === null || !dropBias ? bias : drop(biasKey, bias, rate),
  };
}

/** The variance that masks give the linear output: p / (1 − p) · (x² W²), plus b² if it is dropped. */
export function outputVariance<Params extends KernelParams, State extends TensorTree>(
  layer: Layer<Params, State>,
  { params, state }: { readonly params: Params; readonly state: State },
  x: Tensor,
  { rate, dropBias = false }: DropConnectOptions,
): Tensor {
  const { kernel, bias } = params;
  const squares = {
    ...params,
    kernel: square(kernel),
    bias: bias === null ? null : dropBias ? square(bias) : zerosLike(bias),
  };
  const { y } = layer.apply({ params: squares, state }, square(x), { training: false });
  return mul(y, constant(rate / (1 - rate)));
}

/** √v, with derivative 0 at 0. */
function root(v: Tensor): Tensor {
  const positive = greater(v, 0);
  return where(positive, sqrt(where(positive, v, onesLike(v))), zerosLike(v));
}
