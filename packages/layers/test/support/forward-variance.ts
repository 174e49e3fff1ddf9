import { random } from "@layerwise/autodiff";
import type { Initializer } from "@layerwise/layers";
import * as tf from "@tensorflow/tfjs-core";

/** What {@link forwardVariances} computes. */
export interface ForwardOptions {
  readonly depth?: number;
  readonly width: number;
  readonly batchSize?: number;
  readonly seed?: number;
  readonly activation?: (x: tf.Tensor) => tf.Tensor;
}

/** Σ x² / n in double precision: float32 overflows where weights have deviation 1. */
const meanSquare = (x: tf.Tensor): number =>
  [...x.dataSync()].reduce((sum, v) => sum + v * v, 0) / x.size;

/**
 * The mean square of the units of each layer of a deep network without biases on data from N(0, 1),
 * that of the data itself first.
 */
export function forwardVariances(
  init: Initializer,
  { depth = 30, width, batchSize = 64, seed = 0, activation = tf.relu }: ForwardOptions,
): number[] {
  const key = random.key(seed);
  let x = random.normal(random.foldIn(key, depth), [batchSize, width]);
  const found = [meanSquare(x)];
  for (let layer = 0; layer < depth; layer++) {
    const next = tf.tidy(() => {
      const kernel = init(random.foldIn(key, layer), [width, width]) as tf.Tensor2D;
      return activation(tf.matMul(x as tf.Tensor2D, kernel));
    });
    x.dispose();
    x = next;
    found.push(meanSquare(x));
  }
  x.dispose();
  key.dispose();
  return found;
}
