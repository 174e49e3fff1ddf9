import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

/** An element-wise (or, for softmax, last-axis) function of a tensor. */
export type ActivationFunction = (x: Tensor) => Tensor;

/** The identity: a fresh tensor with the same values. */
export function identity(x: Tensor): Tensor {
  return tf.clone(x);
}

/** The logistic function: σ(x) = 1 / (1 + e⁻ˣ). */
export function sigmoid(x: Tensor): Tensor {
  return tf.sigmoid(x);
}

/** The hyperbolic tangent. */
export function tanh(x: Tensor): Tensor {
  return tf.tanh(x);
}

/** The rectifier: max(x, 0), with derivative 0 at 0. */
export function relu(x: Tensor): Tensor {
  return tf.relu(x);
}

/** The softmax over the last axis: eˣⁱ / Σ eˣʲ. */
export function softmax(x: Tensor): Tensor {
  return tf.softmax(x);
}

/** The activation functions that {@link activation} knows by name. */
export const activations: {
  readonly identity: ActivationFunction;
  readonly relu: ActivationFunction;
  readonly sigmoid: ActivationFunction;
  readonly softmax: ActivationFunction;
  readonly tanh: ActivationFunction;
} = Object.freeze({ identity, relu, sigmoid, softmax, tanh });

/** The name of a known activation function. */
export type ActivationName = keyof typeof activations;
