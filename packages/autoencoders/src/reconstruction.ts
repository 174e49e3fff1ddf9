import { sigmoidBinaryCrossEntropy, squaredError as sumOfSquares } from "@layerwise/layers";
import * as tf from "@tensorflow/tfjs-core";

/**
 * How a reconstruction is judged. The decoder gives `output` before any squashing.
 *
 * Losses are sums over features and means over the batch, everywhere in this package.
 */
export interface Reconstruction {
  readonly name: string;
  /** Least and greatest input for which the loss has a minimum. Default any. */
  readonly range?: readonly [number, number];
  /** Scalar loss of decoder outputs [n, …] against inputs of the same shape. */
  loss(output: tf.Tensor, x: tf.Tensor): tf.Scalar;
  /** The reconstruction itself: what the decoder's outputs say the input was. */
  mean(output: tf.Tensor): tf.Tensor;
}

/**
 * Inputs in [0, 1] as probabilities: cross-entropy computed from logits,
 * −Σ [x log σ(o) + (1 − x) log(1 − σ(o))]. The reconstruction is σ(o).
 */
export const bernoulli: Reconstruction = {
  name: "bernoulli",
  range: [0, 1],
  loss: sigmoidBinaryCrossEntropy,
  mean: (output) => tf.sigmoid(output),
};

/** Real inputs: Σ (o − x)². The reconstruction is o itself (a linear decoder). */
export const squaredError: Reconstruction = {
  name: "squaredError",
  loss: sumOfSquares,
  mean: (output) => tf.clone(output),
};
