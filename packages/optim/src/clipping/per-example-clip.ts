import type { MapTree, TensorTree } from "@layerwise/autodiff";
import { treeLeaves, treeMapWithPath, treeTidy } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { addN, cast, greater, mul, reshape, sqrt, square, sum, tidy } from "@tensorflow/tfjs-core";
import { type Hyperparameter, tensorOf, times } from "../core/arithmetic.ts";
import { checkRange } from "../core/check.ts";
import { mapTensorsTo } from "../core/map.ts";
import { clippingFactor } from "./clipping-factor.ts";

/** What clipping the gradients of single examples gives. */
export interface PerExampleClipped<Grads, Count> {
  /** The sum of the clipped gradients, of the parameters' shapes. */
  readonly sum: MapTree<Grads, Tensor, Tensor>;
  /** How many examples were clipped, int32 scalars. */
  readonly clipped: Count;
}

/** Options of {@link perExampleLayerNormClip}. */
export interface PerExampleLayerNormClipOptions {
  /** The same limit for every tensor, or one that grows with the root of its size. Default true. */
  readonly uniform?: boolean | undefined;
}

/**
 * Clips the gradient of every example by its global norm and sums over examples.
 *
 * `grads` has the examples along axis 0 of every tensor, as `vmap(grad(loss))` gives them. Each
 * example's gradient is multiplied by maxNorm / max(‖g‖, maxNorm), so that no example moves the sum
 * by more than `maxNorm`: the first half of differentially private SGD. A sum, not a mean, as in
 * optax. Reference: Abadi et al., 2016, https://arxiv.org/abs/1607.00133.
 *
 * @example
 * ```ts
 * import { perExampleGlobalNormClip } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const grads = { w: tf.tensor2d([[3, 4], [0, 1]]) };
 * const { sum } = perExampleGlobalNormClip(grads, 1); // [0.6, 0.8] + [0, 1]
 * if (Math.abs((sum.w.dataSync()[1] ?? 0) - 1.8) > 1e-6) throw new Error(`${sum.w}`);
 * ```
 */
export function perExampleGlobalNormClip<T extends TensorTree>(
  grads: T,
  maxNorm: Hyperparameter,
): PerExampleClipped<T, Scalar> {
  const name = "perExampleGlobalNormClip";
  checkRange(`${name}: maxNorm`, maxNorm, Number.MIN_VALUE);
  checkExamples(name, grads);
  return treeTidy(() => {
    const norms = sqrt(addN(treeLeaves<TensorTree, Tensor>(grads).map(squaredNorms)));
    const limit = tensorOf(maxNorm);
    const factors = clippingFactor(norms, limit, 0);
    const total = mapTensorsTo(["sum"], (g) => ({ sum: weightedSum(g, factors) }), grads).sum;
    return { sum: total as unknown as Sum<T>, clipped: howMany(norms, limit) };
  });
}

/**
 * Clips the gradient of every example by the norm of each tensor and sums over examples.
 *
 * Like {@link perExampleGlobalNormClip} with a limit for each of the K tensors: maxNorm / √K, or
 * maxNorm · √(share of all parameters) if not uniform, so that the global norm stays below `maxNorm`.
 * `clipped` is a tree of counts. Reference: McMahan et al., 2018, https://arxiv.org/abs/1710.06963.
 *
 * @example
 * ```ts
 * import { perExampleLayerNormClip } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const grads = { w: tf.tensor2d([[3, 4], [0, 1]]) };
 * const { clipped } = perExampleLayerNormClip(grads, 1);
 * if (clipped.w.dataSync()[0] !== 1) throw new Error(`${clipped.w}`);
 * ```
 */
export function perExampleLayerNormClip<T extends TensorTree>(
  grads: T,
  maxNorm: Hyperparameter,
  { uniform = true }: PerExampleLayerNormClipOptions = {},
): PerExampleClipped<T, MapTree<T, Tensor, Tensor>> {
  const name = "perExampleLayerNormClip";
  checkRange(`${name}: maxNorm`, maxNorm, Number.MIN_VALUE);
  checkExamples(name, grads);
  return treeTidy(() => {
    const sizes = treeLeaves<TensorTree, Tensor>(grads).map(({ size }) => size);
    const total = sizes.reduce((a, b) => a + b, 0);
    const result = mapTensorsTo(
      ["sum", "clipped"],
      (g) => {
        const share = uniform ? 1 / sizes.length : g.size / total;
        const limit = times(tensorOf(maxNorm), Math.sqrt(share));
        const norms = sqrt(squaredNorms(g));
        const factors = clippingFactor(norms, limit, 0);
        return { sum: weightedSum(g, factors), clipped: howMany(norms, limit) };
      },
      grads,
    );
    return result as unknown as PerExampleClipped<T, Sum<T>>;
  });
}

type Sum<T> = MapTree<T, Tensor, Tensor>;

/** [examples] from [examples, …]. */
const squaredNorms = (g: Tensor): Tensor =>
  tidy(() => sum(reshape(square(g), [g.shape[0] ?? 1, -1]), 1));

const weightedSum = (g: Tensor, factors: Tensor): Tensor =>
  tidy(() => sum(mul(g, reshape(factors, [-1, ...g.shape.slice(1).fill(1)])), 0));

const howMany = (norms: Tensor, limit: Tensor): Scalar =>
  tidy(() => sum<Scalar>(cast(greater(norms, limit), "int32")));

function checkExamples(name: string, grads: TensorTree): void {
  let examples: number | undefined;
  treeMapWithPath((path, leaf) => {
    const [count] = (leaf as Tensor).shape;
    examples ??= count;
    if (count !== undefined && count === examples) return null;
    const shape = (leaf as Tensor).shape.join();
    throw new Error(
      `${name}: expected ${examples ?? "the examples"} along axis 0 of ${JSON.stringify(path)}, got [${shape}]`,
    );
  }, grads as unknown);
}
