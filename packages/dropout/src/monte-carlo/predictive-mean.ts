import { LayerError, showShape } from "@layerwise/layers";
import type { Tensor } from "@tensorflow/tfjs-core";
import { mean, sigmoid, softmax, tidy } from "@tensorflow/tfjs-core";

/** Options of {@link predictiveMean}. */
export interface PredictiveMeanOptions {
  /** How to average probabilities. Default "arithmetic". */
  readonly average?: "arithmetic" | "geometric" | undefined;
  /** What turns logits into probabilities: classes along the last axis, or single events. Default "softmax". */
  readonly output?: "softmax" | "sigmoid" | undefined;
}

/**
 * The prediction of an ensemble, such as the subnetworks that dropout draws, from stacked logits.
 *
 * Logits [samples, ...] give probabilities [...]. "arithmetic" is the mean of the probabilities:
 * bagging. "geometric" is their geometric mean, normalized to sum to 1, which is the softmax of the
 * mean logits. Running the network once, without dropout, approximates the geometric mean over all
 * masks, and equals it for a softmax layer on dropped inputs.
 *
 * References: Hinton et al., 2012, https://arxiv.org/abs/1207.0580; Goodfellow, Bengio and Courville,
 * Deep Learning, 2016, section 7.12.
 *
 * @example
 * ```ts
 * import { predictiveMean } from "@layerwise/dropout";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const logits = tf.tensor3d([[[5, 0]], [[-5, 0]]]); // two members that contradict each other
 * const p = predictiveMean(logits, { average: "geometric" });
 * if (p.dataSync().join() !== "0.5,0.5") throw new Error(String(p));
 * ```
 */
export function predictiveMean(
  logits: Tensor,
  { average = "arithmetic", output = "softmax" }: PredictiveMeanOptions = {},
): Tensor {
  const wanted = output === "softmax" ? 2 : 1;
  if (logits.rank < wanted) {
    const axes = output === "softmax" ? "[samples, ..., classes]" : "[samples, ...]";
    throw new LayerError(
      "predictiveMean",
      `expected logits ${axes}, got ${showShape(logits.shape)}`,
    );
  }
  const probability = output === "softmax" ? (x: Tensor) => softmax(x) : (x: Tensor) => sigmoid(x);
  return tidy(() =>
    average === "arithmetic" ? mean(probability(logits), 0) : probability(mean(logits, 0)),
  );
}
