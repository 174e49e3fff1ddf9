import { random } from "@layerwise/autodiff";
import * as tf from "@tensorflow/tfjs-core";

/** Two kinds of binary patterns with some bits flipped, and which kind each is. */
export function patterns(count: number, width = 12): { x: tf.Tensor2D; labels: tf.Tensor1D } {
  return tf.tidy(() => {
    const flips = random.bernoulli(random.key(7), 0.1, [count, width]);
    const rows = Array.from({ length: count }, (_, i) =>
      Array.from({ length: width }, (_, j) => (i % 2 === 0) === j < width / 2),
    );
    const clean = tf.tensor2d(rows.map((row) => row.map(Number)));
    const x = tf.abs(tf.sub(clean, tf.cast(flips, "float32"))) as tf.Tensor2D;
    const labels = tf.tensor1d(
      rows.map((_, i) => i % 2),
      "int32",
    );
    return { x, labels };
  });
}

/** Numbers of a tensor. */
export const values = (x: tf.Tensor): number[] => Array.from(x.dataSync());

/** Tensors alive now. */
export const live = (): number => tf.memory().numTensors;
