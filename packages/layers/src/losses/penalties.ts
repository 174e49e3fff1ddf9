import type { TensorTree } from "@layerwise/autodiff";
import { constant, treeLeaves, treePaths } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

/** Options of {@link l1Penalty} and {@link l2Penalty}. */
export interface PenaltyOptions {
  /** Which parameters count, by path ("encoder.0.kernel"). Default: those named "kernel". */
  readonly match?: RegExp | ((path: string, leaf: Tensor) => boolean) | undefined;
}

/**
 * The L1 penalty of parameters: strength · Σ |w|, as in Keras; derivative 0 where w = 0.
 *
 * Add it to a loss. Throws if no parameter matches.
 *
 * @example
 * ```ts
 * import { l1Penalty } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const params = { out: { kernel: tf.tensor2d([[1, -2]]), bias: tf.tensor1d([9, 9]) } };
 * const loss = l1Penalty(params, 0.5);
 * if (loss.dataSync()[0] !== 1.5) throw new Error(String(loss));
 * ```
 */
export function l1Penalty(
  params: TensorTree,
  strength: number,
  options: PenaltyOptions = {},
): Scalar {
  return penalty("l1Penalty", params, strength, options, (w) => tf.sum(tf.abs(w)));
}

/**
 * The L2 penalty of parameters: strength · Σ w², as in Keras.
 *
 * For the ½ λ ‖w‖² of lectures, and for PyTorch's `weight_decay` λ, pass λ / 2. With adaptive optimizers
 * decoupled weight decay (`adamW` of `@layerwise/optim`) is something else. Throws if no parameter
 * matches.
 *
 * @example
 * ```ts
 * import { l2Penalty } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const params = { out: { kernel: tf.tensor2d([[1, -2]]), bias: tf.tensor1d([9, 9]) } };
 * const loss = l2Penalty(params, 0.5, { match: /^out\.kernel$/ });
 * if (loss.dataSync()[0] !== 2.5) throw new Error(String(loss));
 * ```
 */
export function l2Penalty(
  params: TensorTree,
  strength: number,
  options: PenaltyOptions = {},
): Scalar {
  return penalty("l2Penalty", params, strength, options, (w) => tf.sum(tf.square(w)));
}

function penalty(
  name: string,
  params: TensorTree,
  strength: number,
  { match = /(^|\.)kernel$/ }: PenaltyOptions,
  norm: (w: Tensor) => Tensor,
): Scalar {
  if (!(strength >= 0 && strength < Infinity)) {
    throw new Error(`${name}: expected a finite strength of at least 0, got ${strength}`);
  }
  // Not `test`, which moves along with the flag g.
  const counts =
    typeof match === "function" ? match : (path: string): boolean => path.search(match) >= 0;
  const paths = treePaths(params);
  const leaves = treeLeaves<TensorTree, Tensor>(params);
  const chosen = leaves.filter((leaf, i) => counts(paths[i] ?? "", leaf));
  if (chosen.length === 0) {
    throw new Error(`${name}: expected parameters that match, got ${paths.join(", ") || "none"}`);
  }
  return tf.tidy(() => tf.mul<Scalar>(tf.addN(chosen.map(norm)), constant(strength)));
}
