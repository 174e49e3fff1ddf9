import type { TensorTree } from "@layerwise/autodiff";
import { constant, random, treeMapWithPath, treeTidy } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { add, mul, where } from "@tensorflow/tfjs-core";
import { times } from "../core/arithmetic.ts";
import { checkChoice, checkSteps } from "../core/check.ts";
import { keyAt } from "../core/key-at.ts";
import { mapTensors } from "../core/map.ts";

/** Options of {@link hutchinsonDiagonal}. */
export interface HutchinsonOptions {
  /** The distribution of the probes. Default `"rademacher"`: random signs. */
  readonly distribution?: "rademacher" | "normal" | undefined;
  /** How many probes are averaged, each for one Hessian-vector product. Default 1. */
  readonly samples?: number | undefined;
}

/**
 * Estimates the diagonal of a matrix that is known by its products with vectors: the mean of
 * z ⊙ (H z) over random z with uncorrelated elements of mean 0 and variance 1.
 *
 * Unbiased. The variance of element i is Σ_{j≠i} h_ij² over `samples` for random signs, so that it is
 * exact for a diagonal matrix; normal probes add 2 h_ii². `hvp` is not called with `like`, a tree that
 * only gives the shapes. The probes of a leaf depend on the key and the leaf's path.
 * References: Hutchinson, 1990, https://doi.org/10.1080/03610919008812866; Bekas, Kokiopoulou and
 * Saad, 2007, https://doi.org/10.1016/j.apnum.2007.01.003.
 *
 * @example
 * ```ts
 * import { hvp, random } from "@layerwise/autodiff";
 * import { hutchinsonDiagonal } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const loss = (x: tf.Tensor) => tf.sum(tf.mul([1, 2, 3], tf.square(x)));
 * const params = tf.tensor1d([5, 5, 5]);
 * const product = (v: tf.Tensor) => hvp(loss, [params], [v])[0];
 * const diagonal = hutchinsonDiagonal(product, random.key(0), params);
 * if (diagonal.dataSync().join() !== "2,4,6") throw new Error(`${diagonal}`);
 * ```
 */
export function hutchinsonDiagonal<T extends TensorTree>(
  hvp: (vector: T) => TensorTree,
  key: random.Key,
  like: T,
  { distribution = "rademacher", samples = 1 }: HutchinsonOptions = {},
): T {
  checkHutchinson("hutchinsonDiagonal", { distribution, samples });
  const draw = distribution === "normal" ? random.normal : signs;
  return treeTidy(() => {
    const estimates = random.split(key, samples).map((sampleKey) => {
      const probe = treeMapWithPath(
        (path: string, leaf: Tensor) => draw(keyAt(sampleKey, path), leaf.shape),
        like as Tensor,
      ) as T;
      return mapTensors(mul, probe, hvp(probe));
    });
    const sum = estimates.reduce((a, b) => mapTensors(add, a, b));
    return samples === 1 ? sum : mapTensors((x) => times(x, 1 / samples), sum);
  });
}

/** Throws for a bad option. */
export function checkHutchinson(
  name: string,
  { distribution, samples }: Required<HutchinsonOptions>,
): void {
  if (samples !== undefined) checkSteps(`${name}: samples`, samples);
  checkChoice(`${name}: distribution`, distribution, ["rademacher", "normal"]);
}

const signs = (key: random.Key, shape: readonly number[]): Tensor =>
  where(random.bernoulli(key, 0.5, shape), constant(1), constant(-1));
