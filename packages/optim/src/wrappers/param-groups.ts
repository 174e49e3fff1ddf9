import type { Tensor } from "@tensorflow/tfjs-core";
import type { NamedExtrasOf, NamedStatesOf } from "../core/named-chain.ts";
import type { AnyTransformation, GradientTransformation } from "../core/transformation.ts";
import { partitionBy } from "./partition.ts";

/** Says which parameters belong to a group: a pattern of their paths, or a predicate. */
export type GroupMatch = RegExp | ((path: string, leaf: Tensor) => boolean);

/** A group of {@link paramGroups}: options that differ from the defaults, or an optimizer of its own. */
export type ParamGroup<Options> = { readonly match: GroupMatch } & (
  | (Partial<Options> & { readonly tx?: never })
  | { readonly tx: AnyTransformation }
);

/** The optimizer of each group, `default` included. */
export type GroupsOf<Default extends AnyTransformation, Groups> = {
  readonly [Name in keyof Groups | "default"]: Name extends keyof Groups
    ? Groups[Name] extends { readonly tx: infer T extends AnyTransformation }
      ? T
      : Default
    : Default;
};

/** Nothing but options, `match` and `tx`: a misspelled option does not compile. */
type Known<Groups, Options> = {
  readonly [Name in keyof Groups]: {
    readonly [Key in Exclude<keyof Groups[Name], keyof Options | "match" | "tx">]: never;
  };
};

/**
 * One kind of optimizer with other options for some parameters, as PyTorch's parameter groups.
 *
 * The first group that matches a parameter's path (`"layers.0.kernel"`) takes it, `default` the rest.
 * A {@link partition}: the state has an entry for each group and `default`, and a group that matches
 * nothing is an error.
 *
 * @example
 * ```ts
 * import { adamW, paramGroups, sgd } from "@layerwise/optim";
 *
 * const optimizer = paramGroups(
 *   adamW,
 *   { learningRate: 1e-3, weightDecay: 1e-2 },
 *   {
 *     biases: { match: /bias$/, weightDecay: 0 },
 *     head: { match: /^head\./, learningRate: 1e-2 },
 *     scales: { match: (_path, leaf) => leaf.rank === 0, tx: sgd({ learningRate: 0.1 }) },
 *   },
 * );
 * ```
 */
export function paramGroups<
  Options extends object,
  State,
  Extra,
  const Groups extends { readonly [name: string]: ParamGroup<Options> },
>(
  factory: (options: Options) => GradientTransformation<State, Extra>,
  defaults: NoInfer<Options>,
  groups: Groups & Known<Groups, Options>,
): GradientTransformation<
  NamedStatesOf<GroupsOf<GradientTransformation<State, Extra>, Groups>>,
  NamedExtrasOf<GroupsOf<GradientTransformation<State, Extra>, Groups>>
> {
  if (Object.hasOwn(groups, "default")) {
    throw new Error("paramGroups: expected no group named default, the name of all the rest");
  }
  const entries: [string, ParamGroup<Options>][] = Object.entries(groups);
  const transformations = entries.map(([name, { match: _match, tx, ...options }]) => {
    return [name, tx ?? factory({ ...defaults, ...options })] as const;
  });
  const all = Object.fromEntries([...transformations, ["default", factory(defaults)]]);
  const labelOf = (path: string, leaf: Tensor): string =>
    entries.find(([, { match }]) => matches(match, path, leaf))?.[0] ?? "default";
  return partitionBy("paramGroups", all, labelOf, ["default"]) as never;
}

// Not `test`, which moves on in a string when the pattern is global.
const matches = (match: GroupMatch, path: string, leaf: Tensor): boolean =>
  typeof match === "function" ? match(path, leaf) : path.search(match) >= 0;
