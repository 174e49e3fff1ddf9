import { treeDispose, treeMap, treeTidy } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { add, clone, mul, sub } from "@tensorflow/tfjs-core";

/**
 * Measures statistics again, as their plain mean over batches: the running means and variances of
 * batch normalization belong to the parameters of training and not to averaged ones.
 *
 * `measure(batch)` returns the statistics of one batch, a tree of float tensors: those of a forward
 * pass in training mode in which the new batch has all the weight (momentum 1 in PyTorch's
 * convention, 0 in Keras's). Every batch has the same weight, as in PyTorch's
 * `update_bn`. Throws when there is no batch.
 *
 * @example
 * ```ts
 * import { updateStatistics } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const measure = (x: tf.Tensor) => ({ mean: tf.mean(x, 0), variance: tf.moments(x, 0).variance });
 * const batches = [tf.tensor2d([[1], [3]]), tf.tensor2d([[5], [7]])];
 * const { mean } = await updateStatistics(measure, batches);
 * if (mean.dataSync()[0] !== 4) throw new Error(`${mean}`);
 * ```
 */
export async function updateStatistics<Batch, Statistics>(
  measure: (batch: Batch) => Statistics,
  batches: Iterable<Batch> | AsyncIterable<Batch>,
): Promise<Statistics> {
  let count = 0;
  let mean: Statistics | undefined;
  for await (const batch of batches) {
    count++;
    const old = mean;
    mean = treeTidy(() => {
      const now = measure(batch);
      return old === undefined
        ? (treeMap(copy, now) as Statistics)
        : moveTowards(old, now, 1 / count);
    });
    if (old !== undefined) treeDispose(old);
  }
  if (mean === undefined)
    throw new Error("updateStatistics: expected at least one batch, got none");
  return mean;
}

// What `measure` returns may live elsewhere.
const copy = (x: unknown): Tensor => clone(x as Tensor);

function moveTowards<Tree>(from: Tree, to: Tree, share: number): Tree {
  return treeMap(
    (a: unknown, b: unknown) => add(a as Tensor, mul(sub(b as Tensor, a as Tensor), share)),
    from as unknown,
    to as unknown,
  ) as Tree;
}
