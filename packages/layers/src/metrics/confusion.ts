import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { showShape } from "../core/layer-error.ts";
import { labelClasses } from "../losses/labels.ts";

/**
 * Counts of examples by class (row) and largest logit (column): float32 [classes, classes].
 *
 * Labels as in {@link softmaxCrossEntropy}. Rows and columns as in scikit-learn. Matrices of batches add
 * up; counts are exact below 2²⁴.
 *
 * @example
 * ```ts
 * import { confusionMatrix } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const logits = tf.tensor2d([[1, 2], [4, 3], [0, 1]]);
 * const counts = confusionMatrix(logits, tf.tensor1d([1, 1, 0], "int32"));
 * if (counts.dataSync().join() !== "0,1,1,1") throw new Error(String(counts));
 * ```
 */
export function confusionMatrix(logits: Tensor, labels: Tensor): Tensor2D {
  return tf.tidy(() => {
    const classes = logits.shape.at(-1) ?? 1;
    const rows = (numbers: Tensor): Tensor2D =>
      tf.reshape(tf.cast(tf.oneHot(numbers, classes), "float32"), [-1, classes]);
    const actual = rows(labelClasses("confusionMatrix", labels, logits));
    return tf.matMul<Tensor2D>(actual, rows(tf.argMax(logits, -1)), true);
  });
}

/**
 * Precision of each class: the right ones among those predicted, or 0 where none were.
 *
 * Their mean is the macro average; the micro average is the accuracy.
 *
 * @example
 * ```ts
 * import { precision } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const each = precision(tf.tensor2d([[3, 1], [1, 0]]));
 * if (each.dataSync().join() !== "0.75,0") throw new Error(String(each));
 * ```
 */
export function precision(confusion: Tensor2D): Tensor1D {
  checkSquare("precision", confusion);
  return tf.tidy(() => share(diagonal(confusion), tf.sum(confusion, 0)));
}

/**
 * Recall of each class: those predicted among those there are, or 0 where there are none.
 *
 * @example
 * ```ts
 * import { recall } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const each = recall(tf.tensor2d([[3, 1], [1, 1]]));
 * if (each.dataSync().join() !== "0.75,0.5") throw new Error(String(each));
 * ```
 */
export function recall(confusion: Tensor2D): Tensor1D {
  checkSquare("recall", confusion);
  return tf.tidy(() => share(diagonal(confusion), tf.sum(confusion, 1)));
}

/**
 * F1 of each class, the harmonic mean of {@link precision} and {@link recall}, or 0 where the class
 * neither is there nor was predicted.
 *
 * @example
 * ```ts
 * import { f1Score } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const each = f1Score(tf.tensor2d([[3, 1], [1, 0]]));
 * if (each.dataSync().join() !== "0.75,0") throw new Error(String(each));
 * ```
 */
export function f1Score(confusion: Tensor2D): Tensor1D {
  checkSquare("f1Score", confusion);
  return tf.tidy(() => {
    const all = tf.add(tf.sum(confusion, 0), tf.sum(confusion, 1));
    return share(tf.mul(diagonal(confusion), 2), all);
  });
}

function diagonal(confusion: Tensor2D): Tensor {
  return tf.sum(tf.mul(confusion, tf.eye(confusion.shape[0])), 0);
}

function share(part: Tensor, whole: Tensor): Tensor1D {
  return tf.div(part, tf.where(tf.equal(whole, 0), tf.onesLike(whole), whole));
}

function checkSquare(name: string, { shape }: Tensor): void {
  if (shape.length === 2 && shape[0] === shape[1]) return;
  throw new Error(`${name}: expected a matrix [classes, classes], got ${showShape(shape)}`);
}
