import { constant, random, treeTidy } from "@layerwise/autodiff";
import type { DenseOptions, Initializer } from "@layerwise/layers";
import { constant as constantInit, dense, LayerError, showShape } from "@layerwise/layers";
import type { Scalar, Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import {
  add,
  clipByValue,
  exp,
  less,
  log,
  matMul,
  mean,
  mul,
  neg,
  reshape,
  sigmoid,
  softplus,
  sqrt,
  square,
  sub,
  sum,
  tidy,
  where,
  zerosLike,
} from "@tensorflow/tfjs-core";
import { requireKey } from "../core/check.ts";
import type { StochasticLayer } from "../core/stochastic-layer.ts";

/** Options of {@link variationalDense}. */
export interface VariationalDenseOptions extends DenseOptions {
  /** The logarithm of the weights' variances. Default −10 everywhere. */
  readonly logVarianceInit?: Initializer | undefined;
  /** In inference, weights with log α of at least this are zero. Default 3; Infinity keeps all. */
  readonly threshold?: number | undefined;
}

/** The parameters of {@link variationalDense}; `logVariance` has the shape of `kernel`. */
export type VariationalDenseParams = {
  readonly kernel: Tensor2D;
  readonly logVariance: Tensor2D;
  readonly bias: Tensor1D | null;
};

// Keeps the argument of log and the gradient of sqrt finite.
const tiny = 1e-8;
// Outside, the KL divergence is flat to more than the precision of its approximation.
const clip = 8;

/**
 * A dense layer with variational Gaussian dropout: each weight is normal, with a learned variance.
 *
 * Input [..., inputs], output [..., units]. Weights are N(W, σ²), log σ² = `logVariance`, and
 * α = σ² / W² is the dropout rate p / (1 − p) of a weight. In training the outputs are drawn, not
 * the weights (local reparametrisation): y = x W + b + √(x² σ² + 1e-8) ε, with ε ~ N(0, 1) for each
 * sample and unit. In inference the weights are W, without those of log α ≥ `threshold`, which the
 * training has found to be noise. Add {@link variationalKl} to the loss.
 *
 * References: Kingma, Salimans and Welling, 2015, https://arxiv.org/abs/1506.02557; Molchanov,
 * Ashukha and Vetrov, Variational Dropout Sparsifies Deep Neural Networks, 2017,
 * https://arxiv.org/abs/1701.05369.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { variationalDense, variationalKl } from "@layerwise/dropout";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = variationalDense({ units: 3 });
 * const variables = layer.init(random.key(0), [4]);
 * const { y } = layer.apply(variables, tf.ones([2, 4]), { training: true, key: random.key(1) });
 * const loss = tf.add(tf.mean(tf.square(y)), tf.mul(variationalKl(variables.params), 1 / 1000)); // N = 1000
 * if (!Number.isFinite(loss.dataSync()[0])) throw new Error(String(loss));
 * ```
 */
export function variationalDense({
  logVarianceInit = constantInit(-10),
  threshold = 3,
  ...options
}: VariationalDenseOptions): StochasticLayer<VariationalDenseParams> {
  const kind = "variationalDense";
  const linear = dense(options);
  if (Number.isNaN(threshold)) throw new LayerError(kind, "expected a threshold, got NaN");
  return Object.freeze({
    kind,
    stochastic: true,
    init: (key, inputShape) =>
      treeTidy(() => {
        const [denseKey, varianceKey] = random.split(key);
        const { params } = linear.init(denseKey, inputShape);
        const logVariance = logVarianceInit(varianceKey, params.kernel.shape) as Tensor2D;
        return { params: { ...params, logVariance }, state: null };
      }),
    apply: ({ params, state }, x, { key, training = false } = {}) =>
      treeTidy(() => {
        checkInput(kind, params.kernel, x);
        const { kernel, logVariance, bias } = params;
        if (!training) {
          const certain = less(logAlpha(params), constant(threshold));
          const pruned = where(certain, kernel, zerosLike(kernel)) as Tensor2D;
          return linear.apply({ params: { kernel: pruned, bias }, state }, x);
        }
        const { y } = linear.apply({ params: { kernel, bias }, state }, x);
        const flat = reshape(square(x), [-1, kernel.shape[0]]);
        const variance = reshape(matMul(flat, exp(logVariance)), y.shape);
        const eps = random.normal(requireKey(kind, key), y.shape);
        return { y: reparametrize(y, variance, eps), state };
      }),
    outputShape: (inputShape) => linear.outputShape(inputShape),
  } satisfies StochasticLayer<VariationalDenseParams>);
}

/** mean + √(variance + 1e-8) ε. */
export function reparametrize(center: Tensor, variance: Tensor, eps: Tensor): Tensor {
  return tidy(() => add(center, mul(sqrt(add(variance, constant(tiny))), eps)));
}

/**
 * The KL divergence of the weights of {@link variationalDense} from their prior, summed: what to add
 * to a loss that is summed over the N samples, or divided by N to their mean.
 *
 * k₁ + ½ log(1 + 1/α) − k₁ sigmoid(k₂ + k₃ log α) for each weight, with log α clipped to [−8, 8] and
 * k = 0.63576, 1.87320, 1.48695: Molchanov et al.'s approximation for a log-uniform prior.
 *
 * @example
 * ```ts
 * import { variationalKl } from "@layerwise/dropout";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const noise = { kernel: tf.ones([4, 3]), logVariance: tf.fill([4, 3], 8) }; // nothing learned
 * const kl = variationalKl({ ...noise, bias: null } as never).dataSync()[0] ?? 1;
 * if (kl > 0.01) throw new Error(String(kl));
 * ```
 */
export function variationalKl(params: VariationalDenseParams): Scalar {
  return tidy(() => {
    const a = logAlpha(params);
    const fall = sigmoid(add(constant(1.8732), mul(a, constant(1.48695))));
    const rest = mul(sub(1, fall), constant(0.63576));
    return sum<Scalar>(add(rest, mul(softplus(neg(a)), 0.5)));
  });
}

/**
 * The share of the weights of {@link variationalDense} that inference leaves out: log α ≥ threshold.
 *
 * @example
 * ```ts
 * import { variationalSparsity } from "@layerwise/dropout";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const kernel = tf.tensor2d([[1, 0.01]]);
 * const share = variationalSparsity({ kernel, logVariance: tf.zeros([1, 2]), bias: null });
 * if (share.dataSync()[0] !== 0.5) throw new Error(String(share));
 * ```
 */
export function variationalSparsity(params: VariationalDenseParams, threshold = 3): Scalar {
  return tidy(() => {
    const a = logAlpha(params);
    const certain = less(a, constant(threshold));
    return mean<Scalar>(where(certain, zerosLike(a), add(zerosLike(a), 1)));
  });
}

/** log α = log σ² − log W², clipped. */
function logAlpha({ kernel, logVariance }: VariationalDenseParams): Tensor {
  const logSquare = log(add(square(kernel), constant(tiny)));
  return clipByValue(sub(logVariance, logSquare), -clip, clip);
}

function checkInput(kind: string, kernel: Tensor2D, x: Tensor): void {
  if (x.rank >= 2 && x.shape.at(-1) === kernel.shape[0]) return;
  const wanted = `expected input [batch, ..., ${kernel.shape[0]}]`;
  throw new LayerError(kind, `${wanted}, got ${showShape(x.shape)}`);
}
