import { random, type TensorTree, treeMapWithPath, treeTidy } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { add, cast, exp, log, mul, sqrt, tidy } from "@tensorflow/tfjs-core";
import { type Hyperparameter, tensorOf, times } from "../core/arithmetic.ts";
import { checkRange } from "../core/check.ts";
import { nextCount, zeroCount } from "../core/count.ts";
import { keyAt } from "../core/key-at.ts";
import { mapTensors } from "../core/map.ts";
import type { GradientTransformation } from "../core/transformation.ts";

/** The state of {@link addNoise}: the number of updates and the random key of the next. */
export type AddNoiseState = { readonly count: Scalar; readonly key: random.Key };

/** Options of {@link addNoise}. */
export interface AddNoiseOptions {
  /** The variance of the noise at the first update. Default 0.01. */
  readonly eta?: Hyperparameter | undefined;
  /** The power of its decay. Default 0.55. */
  readonly gamma?: Hyperparameter | undefined;
  /** The seed of the random key that `init` puts into the state. */
  readonly seed: number;
}

/**
 * Adds normal noise of a falling variance to gradients: u = g + N(0, η / (1 + t)^γ), with t = 0 at
 * the first update.
 *
 * Every tensor has a stream of its own that depends on seed, step and its name, not on what other
 * tensors there are. The same state gives the same noise.
 * Reference: Neelakantan et al., 2015, https://arxiv.org/abs/1511.06807.
 *
 * @example
 * ```ts
 * import { addNoise, chain, scaleByAdam, scaleByLearningRate } from "@layerwise/optim";
 *
 * const noisyAdam = chain(addNoise({ seed: 0 }), scaleByAdam(), scaleByLearningRate(1e-3));
 * ```
 */
export function addNoise({
  eta = 0.01,
  gamma = 0.55,
  seed,
}: AddNoiseOptions): GradientTransformation<AddNoiseState> {
  checkRange("addNoise: eta", eta, 0);
  checkRange("addNoise: gamma", gamma, 0);
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new Error(`addNoise: seed: expected a whole number from 0 to 2^53 - 1, got ${seed}`);
  }
  return {
    init: () => ({ count: zeroCount(), key: random.key(seed) }),
    update: (grads, state) =>
      treeTidy(() => {
        const count = nextCount(state.count);
        const [key, here] = random.split(state.key);
        const deviation = noiseDeviation(eta, gamma, count);
        const noise = treeMapWithPath((path, g: Tensor) => {
          const sample = random.normal(keyAt(here, path), g.shape);
          return mul(sample, deviation);
        }, grads as TensorTree);
        const updates = mapTensors<typeof grads>(add, grads, noise as TensorTree);
        return { updates, state: { count, key } };
      }),
  };
}

/** √(η / count^γ). */
function noiseDeviation(eta: Hyperparameter, gamma: Hyperparameter, count: Tensor): Tensor {
  return tidy(() => {
    const power = exp(times(mul(log(cast(count, "float32")), tensorOf(gamma)), -0.5));
    return mul(sqrt(tensorOf(eta)), power);
  });
}
