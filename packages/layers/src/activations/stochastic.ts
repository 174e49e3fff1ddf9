import { random } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Layer } from "../core/layer.ts";
import { LayerError } from "../core/layer-error.ts";
import { checkPositive, tensorOf } from "./arithmetic.ts";
import { randomLayer } from "./random-layer.ts";
import { straightThrough } from "./straight-through.ts";

/** Options of the layer {@link stochasticBinary}. */
export interface StochasticBinaryOptions {
  /** What comes out when not training: σ(x) ("mean") or whether x > 0 ("mode"). Default "mean". */
  readonly evaluate?: "mean" | "mode" | undefined;
}

/**
 * Stochastic binary units, as in restricted Boltzmann machines: 1 with probability σ(x), otherwise 0.
 *
 * The derivative is that of σ(x) (straight-through). `stochasticBinary()` is a layer: random in
 * training, where it needs `key`, and the mean σ(x) otherwise; `stochasticBinary(key, x)` is the
 * function. Reference: Bengio et al., 2013, https://arxiv.org/abs/1308.3432.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { stochasticBinary } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const y = stochasticBinary(random.key(0), tf.tensor1d([-1000, 1000]));
 * if (y.dataSync().join() !== "0,1") throw new Error(String(y));
 * ```
 */
export function stochasticBinary(options?: StochasticBinaryOptions): Layer<null, null>;
export function stochasticBinary(key: Tensor, x: Tensor): Tensor;
export function stochasticBinary(
  first?: StochasticBinaryOptions | Tensor,
  x?: Tensor,
): Layer<null, null> | Tensor {
  if (x !== undefined) return sampleBinary(first as Tensor, x);
  const { evaluate = "mean" } = (first ?? {}) as StochasticBinaryOptions;
  if (evaluate !== "mean" && evaluate !== "mode") {
    const wanted = "expected evaluate mean or mode";
    throw new LayerError("stochasticBinary", `${wanted}, got ${evaluate}`);
  }
  return randomLayer("stochasticBinary", sampleBinary, (input) =>
    evaluate === "mean" ? tf.sigmoid(input) : tf.tidy(() => isPositive(input)),
  );
}

function isPositive(x: Tensor): Tensor {
  return tf.cast(tf.greater(x, 0), "float32");
}

function sampleBinary(key: Tensor, x: Tensor): Tensor {
  return tf.tidy(() => {
    const mean = tf.sigmoid(x);
    const sample = tf.cast(random.bernoulli(key, mean, x.shape), "float32");
    return straightThrough(sample, mean);
  });
}

/** Options of {@link gumbelSoftmax}. */
export interface GumbelSoftmaxOptions {
  /** How far from one-hot samples are. Default 1. */
  readonly temperature?: number | undefined;
  /** Whether values are one-hot, with the derivatives of the soft sample. Default false. */
  readonly hard?: boolean | undefined;
}

/**
 * A relaxed sample of a category: softmax((x + g) / temperature) over the last axis, g ~ Gumbel(0, 1).
 *
 * `gumbelSoftmax()` is a layer: random in training, where it needs `key`, and g = 0 otherwise;
 * `gumbelSoftmax(key, logits)` is the function. References: Jang et al., 2017,
 * https://arxiv.org/abs/1611.01144; Maddison et al., 2017, https://arxiv.org/abs/1611.00712.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { gumbelSoftmax } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const y = gumbelSoftmax(random.key(0), tf.tensor2d([[0, 1000, 0]]), { hard: true });
 * if (y.dataSync().join() !== "0,1,0") throw new Error(String(y));
 * ```
 */
export function gumbelSoftmax(options?: GumbelSoftmaxOptions): Layer<null, null>;
export function gumbelSoftmax(key: Tensor, logits: Tensor, options?: GumbelSoftmaxOptions): Tensor;
export function gumbelSoftmax(
  first?: GumbelSoftmaxOptions | Tensor,
  logits?: Tensor,
  options?: GumbelSoftmaxOptions,
): Layer<null, null> | Tensor {
  const given = logits === undefined ? (first as GumbelSoftmaxOptions | undefined) : options;
  const { temperature = 1, hard = false } = given ?? {};
  checkPositive("gumbelSoftmax", "temperature", temperature);
  const relax = (x: Tensor): Tensor => {
    const soft = tf.softmax(tf.div(x, tensorOf(temperature)));
    if (!hard) return soft;
    const places = tf.range(0, soft.shape.at(-1) ?? 1);
    const winner = tf.equal(tf.expandDims(tf.argMax(soft, -1), -1), places);
    return straightThrough(tf.cast(winner, "float32"), soft);
  };
  const sample = (key: Tensor, x: Tensor): Tensor =>
    tf.tidy(() => relax(tf.add(x, gumbel(key, x.shape))));
  if (logits !== undefined) return sample(first as Tensor, logits);
  return randomLayer("gumbelSoftmax", sample, (x) => tf.tidy(() => relax(x)));
}

// −ln(−ln u); from the smallest normal float32 on, so that no logarithm is infinite.
function gumbel(key: Tensor, shape: number[]): Tensor {
  const u = random.uniform(key, shape, { minval: 2 ** -126 });
  return tf.neg(tf.log(tf.neg(tf.log(u))));
}
