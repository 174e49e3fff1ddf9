import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { showShape } from "../core/layer-error.ts";

/** The sum over all axes but the first, averaged over the first: the convention of the losses. */
export function batchMean(perFeature: Tensor): Scalar {
  return tf.tidy(() => tf.div(tf.sum<Scalar>(perFeature), perFeature.shape[0] ?? 1));
}

/** Throws unless predictions and targets have one shape. */
export function sameShape(name: string, given: Tensor, targets: Tensor): void {
  if (showShape(given.shape) === showShape(targets.shape)) return;
  const [want, got] = [showShape(given.shape), showShape(targets.shape)];
  throw new Error(`${name}: expected targets of shape ${want}, got ${got}`);
}
