import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import { clone } from "@tensorflow/tfjs-core";
import { checkLike } from "./check-like.ts";
import { mapTensors } from "./map.ts";
import type {
  AnyTransformation,
  ExtraOf,
  GradientTransformation,
  NoExtra,
  OptimizerState,
} from "./transformation.ts";

/** Transformations under names. */
export type NamedTransformations = { readonly [name: string]: AnyTransformation };

/** The states of named transformations, under the same names. */
export type NamedStatesOf<T extends NamedTransformations> = {
  readonly [Name in keyof T]: OptimizerState<T[Name]>;
};

/** The intersection of the extra arguments of named transformations. */
export type NamedExtrasOf<T extends NamedTransformations> =
  Needs<T[keyof T]> extends (extra: infer Extra) => void ? Extra & NoExtra : NoExtra;

// A union of functions can be called with the intersection of what they take.
type Needs<T> = T extends AnyTransformation ? (extra: ExtraOf<T>) => void : never;

/**
 * A {@link chain} whose parts have names: the state is an object with a state for each name, so that
 * a checkpoint says `adam.mu.w` and not `1.mu.w`, and a part can be looked up without counting.
 *
 * The order is that of the names in the object. Names that look like whole numbers are refused, as
 * JavaScript would put those first.
 *
 * @example
 * ```ts
 * import { clipByGlobalNorm, namedChain, scaleByAdam, scaleByLearningRate } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const optimizer = namedChain({
 *   clip: clipByGlobalNorm(1),
 *   adam: scaleByAdam(),
 *   rate: scaleByLearningRate(1e-3),
 * });
 * const { count } = optimizer.init({ w: tf.zeros([2]) }).adam;
 * if (count.dataSync()[0] !== 0) throw new Error(`${count}`);
 * ```
 */
export function namedChain<const T extends NamedTransformations>(
  transformations: T,
): GradientTransformation<NamedStatesOf<T>, NamedExtrasOf<T>> {
  const parts = Object.entries(transformations);
  const numeric = parts.find(([name]) => /^\d+$/.test(name));
  if (numeric) {
    throw new Error(`namedChain: expected names that are no whole numbers, got "${numeric[0]}"`);
  }
  const init = (params: TensorTree): unknown =>
    Object.fromEntries(parts.map(([name, part]) => [name, part.init(params)]));
  const update: AnyTransformation["update"] = (grads, states, ...rest) =>
    treeTidy(() => {
      const [params] = rest;
      if (params !== undefined) checkLike("update: gradients", grads, params);
      checkStates(states, Object.keys(transformations));
      // What a part returns is fresh already.
      let updates = parts.length === 0 ? mapTensors(clone, grads) : grads;
      const next = parts.map(([name, part]) => {
        const result = part.update(updates, (states as Record<string, unknown>)[name], ...rest);
        updates = result.updates;
        return [name, result.state];
      });
      return { updates, state: Object.fromEntries(next) as unknown };
    });
  return { init, update } as unknown as GradientTransformation<NamedStatesOf<T>, NamedExtrasOf<T>>;
}

function checkStates(states: unknown, names: readonly string[]): void {
  const got = Object.keys(states ?? {});
  if (got.length === names.length && names.every((name) => got.includes(name))) return;
  throw new Error(`namedChain: expected states [${names.join(", ")}], got [${got.join(", ")}]`);
}
