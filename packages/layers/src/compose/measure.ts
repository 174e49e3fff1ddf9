import { type TensorSpec, trace, treeUnflatten } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { Layer, LayerCost, Shape, Variables } from "../core/layer.ts";
import { flopsOf } from "./flops.ts";

const key: TensorSpec = { shape: [2], dtype: "int32" };
const dtypes: { readonly [dtype: string]: TensorSpec["dtype"] } = { i32: "int32", bool: "bool" };

/** Shapes and types in place of a layer's variables, from a trace: nothing is computed. */
export function abstractVariables(layer: Layer, inputShape: Shape): Variables {
  const { graph, output } = trace((k: Tensor) => layer.init(k, inputShape), [key]);
  const specs = graph.outputs.slice(0, output.leafCount).map(({ type }) => {
    return { shape: type.shape, dtype: dtypes[type.dtype] ?? "float32" } satisfies TensorSpec;
  });
  // The specs stand for tensors, of which only the shape is looked at.
  return treeUnflatten(output, specs.map(asLeaf)) as unknown as Variables;
}

/** A spec that trees take for a leaf: an instance of a class, not a plain object. */
class Leaf implements TensorSpec {
  readonly shape: readonly number[];
  readonly dtype: TensorSpec["dtype"];
  readonly size: number;
  constructor({ shape, dtype }: TensorSpec) {
    this.shape = shape;
    this.dtype = dtype;
    this.size = shape.reduce((a, b) => a * b, 1);
  }
}

const asLeaf = (spec: TensorSpec): Leaf => new Leaf(spec);

/**
 * The cost of one application to one sample outside of training: what the layer says, or else counted
 * in a trace. `flops` is null where neither is possible, as for a layer whose input are not floats.
 */
export function measure(
  layer: Layer,
  variables: Variables,
  inputShape: Shape,
): { readonly flops: number | null; readonly activations: number } {
  const told: LayerCost | undefined = layer.cost?.(inputShape);
  if (told !== undefined) return told;
  const activations = layer.outputShape(inputShape).reduce((a, b) => a * b, 1);
  const x: TensorSpec = { shape: [1, ...inputShape], dtype: "float32" };
  const apply = (v: Variables, batch: Tensor): unknown => layer.apply(v, batch, {}).y;
  try {
    return { flops: flopsOf(trace(apply, [variables, x]).graph), activations };
  } catch {
    return { flops: null, activations };
  }
}
