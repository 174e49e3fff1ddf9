import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { showShape } from "../core/layer-error.ts";

/**
 * The area under the ROC curve: the chance that a positive example has a higher score than a negative
 * one, a tie counting half.
 *
 * Scores [n], labels [n] of 0 and 1. Exact, from the ranks of the scores, where Keras's `AUC` takes 200
 * thresholds. NaN where one of the classes is missing. Reference: Hanley and McNeil, 1982,
 * https://doi.org/10.1148/radiology.143.1.7063747.
 *
 * @example
 * ```ts
 * import { auc } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const area = auc(tf.tensor1d([0.1, 0.4, 0.4, 0.8]), tf.tensor1d([0, 0, 1, 1]));
 * if (area.dataSync()[0] !== 0.875) throw new Error(String(area));
 * ```
 */
export function auc(scores: Tensor, labels: Tensor): Scalar {
  const [n = 0] = scores.shape;
  if (scores.rank !== 1 || n === 0 || showShape(labels.shape) !== showShape(scores.shape)) {
    const got = `${showShape(scores.shape)} and ${showShape(labels.shape)}`;
    throw new Error(`auc: expected scores [n] and labels [n], got ${got}`);
  }
  return tf.tidy(() => {
    const { values, indices } = tf.topk(scores, n, true);
    const positive = tf.gather(tf.cast(labels, "float32"), indices);
    // Examples of one score are one group, counted from the highest score.
    const changes = tf.notEqual(tf.slice(values, 0, n - 1), tf.slice(values, 1, n - 1));
    const starts = tf.pad(tf.cast(changes, "int32"), [[1, 0]]);
    const groups = tf.expandDims(tf.cumsum(starts), -1);
    // Adds up each group; tfjs's segment sum takes n² steps on the CPU.
    const count = (values: Tensor): Tensor => tf.scatterND(groups, values, [n]);
    const [positives, negatives] = [count(positive), count(tf.sub(1, positive))];
    const above = tf.add(tf.cumsum(positives, 0, true), tf.div(positives, 2));
    // Shares before sums: counts times counts leave the whole numbers of float32 early.
    const share = (counts: Tensor, all: Tensor): Tensor => tf.div(counts, tf.sum(all));
    return tf.sum<Scalar>(tf.mul(share(negatives, negatives), share(above, positives)));
  });
}
