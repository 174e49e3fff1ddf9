import { constant } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { showShape } from "../core/layer-error.ts";
import { sameShape } from "./reduce.ts";

/** Labels as rows of probabilities: themselves, or one-hot rows for class numbers. */
export function labelRows(name: string, labels: Tensor, logits: Tensor): Tensor {
  if (labels.rank === logits.rank) {
    sameShape(name, logits, labels);
    return labels;
  }
  checkClasses(name, labels, logits);
  return tf.cast(tf.oneHot(labels, logits.shape.at(-1) ?? 1), "float32");
}

/** Labels as class numbers: themselves, or the largest element of rows of probabilities. */
export function labelClasses(name: string, labels: Tensor, logits: Tensor): Tensor {
  if (labels.rank === logits.rank) {
    sameShape(name, logits, labels);
    return tf.argMax(labels, -1);
  }
  checkClasses(name, labels, logits);
  return labels;
}

/**
 * Label smoothing: (1 − ε) t + ε / classes, over the last axis.
 *
 * As PyTorch and Keras have it: the wrong classes share ε with the right one. Reference: Szegedy et
 * al., 2016, https://arxiv.org/abs/1512.00567.
 *
 * @example
 * ```ts
 * import { smoothLabels } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const t = smoothLabels(tf.tensor2d([[1, 0]]), 0.5);
 * if (t.dataSync().join() !== "0.75,0.25") throw new Error(String(t));
 * ```
 */
export function smoothLabels(targets: Tensor, smoothing: number): Tensor {
  return blend("smoothLabels", targets, smoothing, targets.shape.at(-1) ?? 1);
}

/** (1 − ε) t + ε / classes; throws unless ε is in [0, 1]. */
export function blend(name: string, targets: Tensor, smoothing: number, classes: number): Tensor {
  if (!(smoothing >= 0 && smoothing <= 1)) {
    throw new Error(`${name}: expected a label smoothing in [0, 1], got ${smoothing}`);
  }
  return tf.tidy(() =>
    tf.add(tf.mul(targets, constant(1 - smoothing)), constant(smoothing / classes)),
  );
}

function checkClasses(name: string, labels: Tensor, logits: Tensor): void {
  const wanted = logits.shape.slice(0, -1);
  if (labels.dtype === "int32" && showShape(labels.shape) === showShape(wanted)) return;
  const [classes, rows] = [`int32 ${showShape(wanted)}`, showShape(logits.shape)];
  const got = `${labels.dtype} ${showShape(labels.shape)}`;
  throw new Error(`${name}: expected labels ${classes} or probabilities ${rows}, got ${got}`);
}
