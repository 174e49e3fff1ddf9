import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import { clone } from "@tensorflow/tfjs-core";
import { checkLike } from "./check-like.ts";
import { mapTensors } from "./map.ts";
import type {
  AnyTransformation,
  EmptyState,
  ExtraOf,
  GradientTransformation,
  NoExtra,
  OptimizerState,
} from "./transformation.ts";

/** The tuple of states of a tuple of transformations. */
export type StatesOf<T extends readonly AnyTransformation[]> = {
  readonly [I in keyof T]: OptimizerState<T[I]>;
};

/** The intersection of the extra arguments of a tuple of transformations. */
export type ExtrasOf<T extends readonly AnyTransformation[]> = Intersection<{
  [I in keyof T]: ExtraOf<T[I]>;
}>;

type Intersection<T extends readonly unknown[]> = T extends readonly [infer Head, ...infer Rest]
  ? Head & Intersection<Rest>
  : NoExtra;

/**
 * Applies transformations one after the other: the updates of one are the gradients of the next.
 *
 * The state is the tuple of their states; every one receives the same parameters and extra
 * arguments. An empty chain is the identity.
 *
 * @example
 * ```ts
 * import { chain, clipByGlobalNorm, scaleByAdam, scaleByLearningRate } from "@layerwise/optim";
 *
 * const clippedAdam = chain(clipByGlobalNorm(1), scaleByAdam(), scaleByLearningRate(1e-3));
 * ```
 */
export function chain<const T extends readonly AnyTransformation[]>(
  ...transformations: T
): GradientTransformation<StatesOf<T>, ExtrasOf<T>> {
  const wrong = transformations.findIndex((part) => typeof part?.update !== "function");
  if (wrong >= 0) {
    throw new Error(`chain: expected a transformation, got ${typeof transformations[wrong]}`);
  }
  const init = (params: TensorTree): readonly unknown[] =>
    transformations.map((transformation) => transformation.init(params));
  const update: AnyTransformation["update"] = (grads, states, ...rest) =>
    treeTidy(() => {
      const [params] = rest;
      if (params !== undefined) checkLike("update: gradients", grads, params);
      checkStates(states, transformations.length);
      // What a part returns is fresh already.
      let updates = transformations.length === 0 ? mapTensors(clone, grads) : grads;
      const next = transformations.map((transformation, i) => {
        const result = transformation.update(updates, (states as readonly unknown[])[i], ...rest);
        updates = result.updates;
        return result.state;
      });
      return { updates, state: next };
    });
  return { init, update } as unknown as GradientTransformation<StatesOf<T>, ExtrasOf<T>>;
}

function checkStates(states: unknown, wanted: number): void {
  const got = Array.isArray(states) ? states.length : String(states);
  if (got === wanted) return;
  throw new Error(`chain: expected a state of ${wanted} parts, got ${got}`);
}

/**
 * Passes gradients on unchanged.
 *
 * @example
 * ```ts
 * import { identity } from "@layerwise/optim";
 *
 * const tx = identity();
 * ```
 */
export function identity(): GradientTransformation<EmptyState> {
  return {
    init: () => null,
    update: (grads, state) => ({ updates: mapTensors(clone, grads), state }),
  };
}
