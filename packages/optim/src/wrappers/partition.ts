import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import type { NamedExtrasOf, NamedStatesOf, NamedTransformations } from "../core/named-chain.ts";
import type { AnyTransformation, GradientTransformation } from "../core/transformation.ts";
import { type PerParameter, Subset, valuesOf } from "./subset.ts";

/** Says for each parameter which of the transformations it belongs to. */
export type Labels<T extends NamedTransformations> = PerParameter<keyof T & string>;

/**
 * Applies different transformations to different parameters.
 *
 * `labels` is a tree of labels, in which a label may stand for a whole subtree, or a function of path
 * and tensor. Each transformation sees and stores its own parameters only (`null` stands where the
 * others are), so a global norm is that of its group; `valueFn`, `gradFn` and `hvp` become functions
 * of the group with the other parameters held. The state is an object with a state for each label.
 *
 * Strict: throws for a label without a transformation and for a transformation that no parameter
 * asks for. optax accepts the latter (`partition`, once `multi_transform`).
 *
 * @example
 * ```ts
 * import { adamW, partition, sgd } from "@layerwise/optim";
 *
 * const optimizer = partition(
 *   { matrices: adamW({ learningRate: 1e-3 }), biases: sgd({ learningRate: 1e-2 }) },
 *   (_path, leaf) => (leaf.rank > 1 ? "matrices" : "biases"),
 * );
 * ```
 */
export function partition<const T extends NamedTransformations>(
  transformations: T,
  labels: NoInfer<Labels<T>>,
): GradientTransformation<NamedStatesOf<T>, NamedExtrasOf<T>> {
  return partitionBy("partition", transformations, labels);
}

/** {@link partition} in which some labels may stay unused, under another name in errors. */
export function partitionBy<T extends NamedTransformations>(
  name: string,
  transformations: T,
  labels: Labels<T>,
  optional: readonly string[] = [],
): GradientTransformation<NamedStatesOf<T>, NamedExtrasOf<T>> {
  const parts = Object.entries(transformations);
  const groupsOf = (tree: TensorTree): readonly Group[] => {
    const found: readonly string[] = valuesOf(name, labels, tree);
    checkLabels(name, Object.keys(transformations), new Set(found), optional);
    return parts.map(([label, part]) => {
      return { label, part, subset: new Subset(found.map((other) => other === label)) };
    });
  };
  const init = (params: TensorTree): unknown =>
    Object.fromEntries(
      groupsOf(params).map(({ label, part, subset }) => [label, part.init(subset.pick(params))]),
    );
  const update = (
    grads: TensorTree,
    states: Readonly<Record<string, unknown>>,
    params?: TensorTree,
    extra?: unknown,
  ): unknown =>
    treeTidy(() => {
      let updates = grads;
      const next = groupsOf(grads).map(({ label, part, subset }) => {
        const result = part.update(
          subset.pick(grads),
          states[label],
          params === undefined ? undefined : subset.pick(params),
          subset.restrict(name, extra, params) as never,
        );
        updates = subset.merge(updates, result.updates);
        return [label, result.state];
      });
      return { updates, state: Object.fromEntries(next) as unknown };
    });
  return { init, update } as unknown as GradientTransformation<NamedStatesOf<T>, NamedExtrasOf<T>>;
}

interface Group {
  readonly label: string;
  readonly part: AnyTransformation;
  readonly subset: Subset;
}

function checkLabels(
  name: string,
  known: readonly string[],
  used: ReadonlySet<string>,
  optional: readonly string[],
): void {
  const unknown = [...used].filter((label) => !known.includes(label));
  const unused = known.filter((label) => !used.has(label) && !optional.includes(label));
  if (unknown.length === 0 && unused.length === 0) return;
  const [problem, labels] = unknown.length > 0 ? ["unknown", unknown] : ["unused", unused];
  throw new Error(
    `${name}: expected the parameters to have the labels [${known.toSorted().join(", ")}], ` +
      `got [${[...used].toSorted().join(", ")}]: ${problem}: ${labels.join(", ")}`,
  );
}
