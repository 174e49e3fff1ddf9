import * as tf from "@tensorflow/tfjs-core";
import type { Workload } from "../workloads.ts";

/** One step of contrastive divergence: new [kernel, hidden bias, visible bias], and the error of the reconstruction. */
export function contrastiveDivergence(
  { batch, optimizer: { learningRate } }: Workload,
  params: readonly tf.Tensor[],
  x: tf.Tensor,
  noise: tf.Tensor,
): { readonly params: tf.Tensor[]; readonly loss: tf.Tensor } {
  const [kernel, hidden, visible] = params as [tf.Tensor, tf.Tensor, tf.Tensor];
  const up = (v: tf.Tensor): tf.Tensor => tf.sigmoid(tf.add(tf.matMul(v, kernel), hidden));
  const h = up(x);
  const sample = tf.cast(tf.less(noise, h), "float32");
  const product = tf.matMul(sample, kernel, false, true);
  const again = tf.sigmoid(tf.add(product, visible));
  const hAgain = up(again);
  const rate = learningRate / batch;
  const correlation = tf.sub(tf.matMul(x, h, true), tf.matMul(again, hAgain, true));
  const error = tf.sub(x, again);
  const next = [
    tf.add(kernel, tf.mul(correlation, rate)),
    tf.add(hidden, tf.mul(tf.sum(tf.sub(h, hAgain), 0), rate)),
    tf.add(visible, tf.mul(tf.sum(error, 0), rate)),
  ];
  return { params: next, loss: tf.mean(tf.square(error)) };
}
