import { constant, random, type TensorTree, treeTidy } from "@layerwise/autodiff";
import type { Layer, Variables } from "@layerwise/layers";
import type { Tensor } from "@tensorflow/tfjs-core";
import { add, clone, div, mul, stack, sub, tidy, zerosLike } from "@tensorflow/tfjs-core";
import { checkCount } from "../core/check.ts";
import { withDropout } from "./with-dropout.ts";

/** Options of {@link mcSamples}. */
export interface McSamplesOptions {
  /** The random key of all samples. */
  readonly key: Tensor;
  /** The number of passes through the model. Default 50. */
  readonly samples?: number | undefined;
}

/** Options of {@link mcDropout}. */
export interface McDropoutOptions extends McSamplesOptions {
  /** Applied to each output before averaging, such as the softmax of a classifier. Default none. */
  readonly output?: ((y: Tensor) => Tensor) | undefined;
}

/** What {@link mcDropout} returns, both of the output's shape. */
export type McMoments = {
  readonly mean: Tensor;
  /** The mean squared distance from the mean: divided by the number of samples. */
  readonly variance: Tensor;
};

/**
 * Monte-Carlo dropout: mean and variance of a model's output over random masks.
 *
 * An estimate of how certain the model is of its prediction. Runs {@link withDropout} with as many
 * keys as samples, split from `key`. For regression with noise of precision τ, the predictive variance is
 * this variance plus 1/τ.
 *
 * Reference: Gal and Ghahramani, 2016, https://arxiv.org/abs/1506.02142.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { dropout, mcDropout } from "@layerwise/dropout";
 * import { dense, sequential } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const net = sequential([dropout({ rate: 0.5 }), dense({ units: 1 })]);
 * const variables = net.init(random.key(0), [16]);
 * const { mean, variance } = mcDropout(net, variables, tf.ones([4, 16]), { key: random.key(1), samples: 20 });
 * if (mean.shape.join() !== "4,1" || (tf.min(variance).dataSync()[0] ?? 0) <= 0) throw new Error("moments");
 * ```
 */
export function mcDropout<Params extends TensorTree, State extends TensorTree>(
  layer: Layer<Params, State>,
  variables: Variables<Params, State>,
  x: Tensor,
  { key, samples = 50, output = (y) => y }: McDropoutOptions,
): McMoments {
  checkCount("mcDropout", "samples", samples);
  const sampling = withDropout(layer);
  return treeTidy(() => {
    let moments: McMoments | undefined;
    for (const [i, sampleKey] of random.split(key, samples).entries()) {
      const before = moments;
      moments = treeTidy(() => {
        const y = output(sampling.apply(variables, x, { key: sampleKey }).y);
        if (before === undefined) return { mean: clone(y), variance: zerosLike(y) };
        // Welford's update: equal samples give exactly zero, and no sum of squares cancels.
        const distance = sub(y, before.mean);
        const mean = add(before.mean, div(distance, i + 1));
        const squares = add(before.variance, mul(distance, sub(y, mean)));
        return { mean, variance: squares };
      });
    }
    const { mean, variance } = moments as McMoments;
    return { mean, variance: div(variance, constant(samples)) };
  });
}

/**
 * Outputs of a model under random masks, stacked: [samples, ...shape of the output].
 *
 * For statistics other than {@link mcDropout}'s, which keeps no more than two tensors at a time; with
 * the same key it sees the same samples.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { dropout, mcSamples, predictiveMean } from "@layerwise/dropout";
 * import { dense, sequential } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const net = sequential([dropout({ rate: 0.5 }), dense({ units: 3 })]);
 * const variables = net.init(random.key(0), [16]);
 * const logits = mcSamples(net, variables, tf.ones([4, 16]), { key: random.key(1), samples: 20 });
 * const classes = predictiveMean(logits);
 * if (classes.shape.join() !== "4,3") throw new Error(String(classes.shape));
 * ```
 */
export function mcSamples<Params extends TensorTree, State extends TensorTree>(
  layer: Layer<Params, State>,
  variables: Variables<Params, State>,
  x: Tensor,
  { key, samples = 50 }: McSamplesOptions,
): Tensor {
  checkCount("mcSamples", "samples", samples);
  const sampling = withDropout(layer);
  return tidy(() => {
    const keys: Tensor[] = random.split(key, samples);
    return stack(keys.map((k) => treeTidy(() => sampling.apply(variables, x, { key: k })).y));
  });
}
