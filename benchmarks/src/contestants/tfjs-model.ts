import * as tf from "@tensorflow/tfjs-core";
import type { Fixtures, Values } from "../fixtures.ts";
import type { Workload } from "../workloads.ts";

export const toTensor = ({ data, shape }: Values): tf.Tensor => tf.tensor(data, [...shape]);

/** The batches on the device. */
export const toBatches = ({ x, y }: Fixtures): { x: tf.Tensor; y: tf.Tensor }[] =>
  x.map((values, i) => ({ x: toTensor(values), y: toTensor(y[i] ?? values) }));

/** What the model makes of a batch: reconstructions, or logits. */
export function forward({ kind }: Workload, params: readonly tf.Tensor[], x: tf.Tensor): tf.Tensor {
  const [w0, b0, b1] = params as [tf.Tensor, tf.Tensor, tf.Tensor];
  if (kind === "tied") {
    const h = tf.sigmoid(tf.add(tf.matMul(x, w0), b0));
    return tf.add(tf.matMul(h, w0, false, true), b1);
  }
  if (kind === "conv") return convolutional(params, x);
  let h = x;
  for (let i = 0; i < params.length; i += 2) {
    h = tf.add(tf.matMul(h, params[i] as tf.Tensor), params[i + 1] as tf.Tensor);
    if (kind === "autoencoder" || i + 2 < params.length) h = tf.sigmoid(h);
  }
  return h;
}

function convolutional(params: readonly tf.Tensor[], x: tf.Tensor): tf.Tensor {
  let h = x as tf.Tensor4D;
  for (let i = 0; i < params.length; i += 2) {
    const [kernel, bias] = params.slice(i, i + 2) as [tf.Tensor4D, tf.Tensor1D];
    const [count, height, width] = h.shape;
    const isBack = i >= params.length / 2;
    const out = isBack
      ? tf.conv2dTranspose(h, kernel, [count, 2 * height, 2 * width, bias.size], 2, "same")
      : tf.conv2d(h, kernel, 2, "same");
    const sum = tf.add(out, bias) as tf.Tensor4D;
    h = i + 2 < params.length ? tf.relu(sum) : tf.sigmoid(sum);
  }
  return h;
}

/** The loss as a user of plain tfjs would write it. */
export function lossOf({ kind, batch }: Workload): (y: tf.Tensor, output: tf.Tensor) => tf.Scalar {
  if (kind === "autoencoder" || kind === "conv")
    return (y, output) => tf.losses.meanSquaredError(y, output);
  if (kind === "mlp") return (y, logits) => tf.losses.softmaxCrossEntropy(y, logits);
  // tf.losses.sigmoidCrossEntropy computes the same in three times as many kernels.
  return (y, logits) => tf.div(tf.sum(tf.sub(tf.softplus(logits), tf.mul(y, logits))), batch);
}

export function tfOptimizer({ optimizer }: Workload): tf.Optimizer {
  if (optimizer.kind === "sgd") return tf.train.sgd(optimizer.learningRate);
  const { learningRate, b1, b2, eps } = optimizer;
  return tf.train.adam(learningRate, b1, b2, eps);
}
