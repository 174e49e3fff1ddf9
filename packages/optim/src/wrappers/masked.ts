import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import { clone, zerosLike } from "@tensorflow/tfjs-core";
import { mapTensors } from "../core/map.ts";
import type {
  AnyTransformation,
  EmptyState,
  ExtraOf,
  GradientTransformation,
  OptimizerState,
} from "../core/transformation.ts";
import { type PerParameter, Subset, valuesOf } from "./subset.ts";

/** Marks parameters: a tree of booleans, one of which may stand for a subtree, or a predicate. */
export type Mask = PerParameter<boolean>;

/**
 * Applies a transformation to the marked parameters only and passes the updates of the others on
 * unchanged.
 *
 * The state is that of the transformation, for the marked parameters alone: `null` stands where the
 * others are. Like optax's `masked`. To leave the others where they are, use {@link freeze}.
 *
 * @example
 * ```ts
 * import { addDecayedWeights, chain, masked, sgd } from "@layerwise/optim";
 *
 * const decay = masked(addDecayedWeights(1e-2), (path) => path.endsWith("kernel"));
 * const optimizer = chain(decay, sgd({ learningRate: 0.1 }));
 * ```
 */
export function masked<T extends AnyTransformation>(
  transformation: T,
  mask: Mask,
): GradientTransformation<OptimizerState<T>, ExtraOf<T>> {
  return maskedBy("masked", transformation, mask);
}

function maskedBy<T extends AnyTransformation>(
  name: string,
  transformation: T,
  mask: Mask,
): GradientTransformation<OptimizerState<T>, ExtraOf<T>> {
  const subsetOf = (tree: TensorTree): Subset => {
    const flags = valuesOf(name, mask, tree);
    const wrong = flags.find((flag) => typeof flag !== "boolean");
    if (wrong !== undefined) throw new Error(`${name}: mask: expected booleans, got ${wrong}`);
    return new Subset(flags);
  };
  const update = (
    grads: TensorTree,
    state: unknown,
    params?: TensorTree,
    extra?: unknown,
  ): unknown =>
    treeTidy(() => {
      const subset = subsetOf(grads);
      const result = transformation.update(
        subset.pick(grads),
        state,
        params === undefined ? undefined : subset.pick(params),
        subset.restrict(name, extra, params) as never,
      );
      const updates = subset.merge(mapTensors(clone, grads), result.updates);
      return { updates, state: result.state };
    });
  const init = (params: TensorTree): unknown => transformation.init(subsetOf(params).pick(params));
  return { init, update } as unknown as GradientTransformation<OptimizerState<T>, ExtraOf<T>>;
}

/**
 * Makes all updates zero.
 *
 * @example
 * ```ts
 * import { adam, partition, setToZero } from "@layerwise/optim";
 *
 * const optimizer = partition(
 *   { trained: adam({ learningRate: 1e-3 }), fixed: setToZero() },
 *   { encoder: "fixed", head: "trained" },
 * );
 * ```
 */
export function setToZero(): GradientTransformation<EmptyState> {
  return {
    init: () => null,
    update: (grads, state) => ({ updates: mapTensors(zerosLike, grads), state }),
  };
}

/**
 * Makes the updates of the marked parameters zero.
 *
 * Put it last in a chain: before a rule with momentum or weight decay, the parameters would move all
 * the same.
 *
 * @example
 * ```ts
 * import { adamW, chain, freeze } from "@layerwise/optim";
 *
 * const fineTuning = chain(adamW({ learningRate: 1e-4 }), freeze({ encoder: true, head: false }));
 * ```
 */
export function freeze(mask: Mask): GradientTransformation<EmptyState> {
  return maskedBy("freeze", setToZero(), mask);
}
