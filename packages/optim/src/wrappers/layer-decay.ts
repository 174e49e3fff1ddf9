import type { TensorTree } from "@layerwise/autodiff";
import { isTreeNode, treeMapWithPath, treeTidy } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { pow, scalar } from "@tensorflow/tfjs-core";
import { type Hyperparameter, times } from "../core/arithmetic.ts";
import { checkRange } from "../core/check.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";

/** Options of {@link layerDecay}. */
export interface LayerDecayOptions {
  /**
   * The paths of the layers from input to output, or the number of a parameter's layer, from 0.
   * Default: parameters with the same parent are a layer, in the order in which the tree was written.
   * Name the layers where that order may get lost, as it is no part of a tree's structure.
   */
  readonly layers?: readonly string[] | ((path: string) => number) | undefined;
}

/**
 * Scales updates down towards the input: u = g · rate^(L − l) in layer l of 0 … L, so that the last
 * layer moves at full speed.
 *
 * For fine-tuning, after the rule and before or after the learning rate. The numbering is timm's
 * (`param_groups_layer_decay`): the last layer has exponent 0. Reference: Clark et al., 2020,
 * https://arxiv.org/abs/2003.10555.
 *
 * @example
 * ```ts
 * import { adamW, chain, layerDecay } from "@layerwise/optim";
 *
 * const layers = ["embedding", "blocks.0", "blocks.1", "head"];
 * const optimizer = chain(adamW({ learningRate: 1e-3 }), layerDecay(0.75, { layers }));
 * ```
 */
export function layerDecay(
  rate: Hyperparameter,
  { layers }: LayerDecayOptions = {},
): GradientTransformation<EmptyState> {
  checkRange("layerDecay: rate", rate, 0);
  return {
    init: () => null,
    update: (grads, state) =>
      treeTidy(() => {
        const numbers = layerNumbers(grads, layers);
        const last = Array.isArray(layers) ? layers.length - 1 : Math.max(...numbers.values());
        const scaled = treeMapWithPath(
          (path, g) => times(g as Tensor, power(rate, last - (numbers.get(path) ?? last))),
          grads as unknown,
        );
        return { updates: scaled as typeof grads, state };
      }),
  };
}

const power = (rate: Hyperparameter, exponent: number): Hyperparameter =>
  typeof rate === "number" ? rate ** exponent : pow(rate, scalar(exponent));

/** The layer of each path. */
function layerNumbers(
  tree: TensorTree,
  layers: LayerDecayOptions["layers"],
): ReadonlyMap<string, number> {
  if (!isTreeNode(tree) || tree === null) return new Map([["", 0]]);
  const numbers = new Map<string, number>();
  let parents = -1;
  const walk = (node: unknown, path: string): void => {
    const entries = Object.entries(node as object).map(
      ([name, child]) => [path === "" ? name : `${path}.${name}`, child] as const,
    );
    const parameters = entries.filter(([, child]) => !isTreeNode(child));
    if (parameters.length > 0) parents++;
    for (const [at] of parameters) numbers.set(at, layers ? layerOf(at, layers) : parents);
    for (const [at, child] of entries) if (isTreeNode(child) && child !== null) walk(child, at);
  };
  walk(tree, "");
  return numbers;
}

function layerOf(path: string, layers: NonNullable<LayerDecayOptions["layers"]>): number {
  if (typeof layers === "function") return layers(path);
  const at = layers.findLastIndex((layer) => path === layer || path.startsWith(`${layer}.`));
  if (at >= 0) return at;
  throw new Error(
    `layerDecay: expected "${path}" to be in one of the layers [${layers.join(", ")}]`,
  );
}
