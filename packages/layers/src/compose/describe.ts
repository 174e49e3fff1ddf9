import type { TensorTree } from "@layerwise/autodiff";
import { treeGet, treeLeaves, treePaths } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { isContainer } from "../core/check.ts";
import type { Layer, Shape, Variables } from "../core/layer.ts";
import { atPath, LayerError } from "../core/layer-error.ts";
import { abstractVariables, measure } from "./measure.ts";

/** One row of a model's description. All counts are for one sample. */
export interface LayerSummary {
  /** Names joined by dots, as in the parameter tree; empty for a model that is one layer. */
  readonly path: string;
  readonly kind: string;
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  /** The number of trained values. */
  readonly parameters: number;
  /** Arithmetic operations of a forward pass (a multiply-add is two), or null where unknown. */
  readonly flops: number | null;
  /** The values that come out. */
  readonly activations: number;
}

/**
 * Lists the layers of a model with shapes, parameters, arithmetic and activations; containers are
 * opened, and those that compute something themselves, such as a sum, have a row behind their parts.
 *
 * Without variables nothing is allocated: a trace of `init` tells their shapes. A parameter that
 * several layers share counts where it is first. Costs are those of `layer.cost`, or counted in a
 * trace of `apply` outside of training.
 *
 * @example
 * ```ts
 * import { activation, dense, describe, sequential } from "@layerwise/layers";
 *
 * const net = sequential([dense({ units: 3 }), activation("relu")]);
 * const [hidden, relu] = describe(net, [4]);
 * if (hidden?.parameters !== 15 || relu?.kind !== "relu") throw new Error("rows");
 * if (hidden.flops !== 2 * 4 * 3 + 3 || hidden.activations !== 3) throw new Error("cost");
 * ```
 */
export function describe<Params extends TensorTree, State extends TensorTree>(
  layer: Layer<Params, State>,
  inputShape: Shape,
): LayerSummary[];
export function describe<Params extends TensorTree, State extends TensorTree>(
  layer: Layer<Params, State>,
  variables: Variables<Params, State>,
  inputShape: Shape,
): LayerSummary[];
export function describe(
  layer: Layer,
  first: Variables | Shape,
  second: Shape = first as Shape,
): LayerSummary[] {
  const { params } = first === second ? abstractVariables(layer, second) : (first as Variables);
  return summarize(layer, { params, seen: new Set(), path: "" }, second);
}

/**
 * Counts the trained values in a tree of parameters, or of a layer for an input shape; a tensor that
 * stands in two places counts once.
 *
 * @example
 * ```ts
 * import { countParameters, dense } from "@layerwise/layers";
 *
 * if (countParameters(dense({ units: 3 }), [4]) !== 15) throw new Error("count");
 * ```
 */
export function countParameters(params: TensorTree): number;
export function countParameters<Params extends TensorTree, State extends TensorTree>(
  layer: Layer<Params, State>,
  inputShape: Shape,
): number;
export function countParameters(first: unknown, inputShape?: Shape): number {
  const params =
    inputShape === undefined ? first : abstractVariables(first as Layer, inputShape).params;
  const tensors = new Set(treeLeaves<unknown, Tensor>(params));
  return [...tensors].reduce((sum, { size }) => sum + size, 0);
}

/** Where a walk over a model is. */
interface Place {
  /** The parameters of the whole model: a container may hold more than its parts. */
  readonly params: TensorTree;
  /** The tensors that are counted already. */
  readonly seen: Set<unknown>;
  readonly path: string;
}

function summarize(layer: Layer, place: Place, inputShape: Shape): LayerSummary[] {
  const { params, seen, path } = place;
  const outputShape = layer.outputShape(inputShape);
  const parts = isContainer(layer) ? layer.parts(inputShape) : [];
  const rows = parts.flatMap(({ name, layer: part, inputShape: shape }) => {
    const inner = { params, seen, path: [path, name].filter(Boolean).join(".") };
    return name === ""
      ? summarize(part, inner, shape)
      : atPath(name, part.kind, () => summarize(part, inner, shape));
  });
  // Counted last: what the parts have not taken is the container's own.
  const parameters = countNew(params, path, seen);
  if (isContainer(layer) && layer.cost === undefined && parameters === 0) return rows;
  const { flops, activations } = isContainer(layer)
    ? (layer.cost?.(inputShape) ?? { flops: 0, activations: 0 })
    : measure(layer, abstractVariables(layer, inputShape), inputShape);
  const own = { path, kind: layer.kind, inputShape, outputShape };
  return [...rows, { ...own, parameters, flops, activations }];
}

function countNew(params: TensorTree, path: string, seen: Set<unknown>): number {
  const leaves = treeLeaves<unknown, Tensor>(subtree(params, path));
  const fresh = leaves.filter((leaf) => !seen.has(leaf));
  for (const leaf of fresh) seen.add(leaf);
  return fresh.reduce((sum, { size }) => sum + size, 0);
}

function subtree(params: TensorTree, path: string): unknown {
  try {
    return treeGet(params, path);
  } catch (error) {
    const got = treePaths(params).join(", ");
    throw new LayerError("describe", `expected parameters at "${path}", got ${got}`, "", {
      cause: error,
    });
  }
}
