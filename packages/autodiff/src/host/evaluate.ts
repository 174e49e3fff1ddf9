import { infer } from "../ir/infer.ts";
import { at, sameType, showType } from "../ir/shape.ts";
import type { Graph, OpAttrs, OpName, TensorType, Value } from "../ir/types.ts";
import { hostControl } from "./control.ts";
import { hostConvolution } from "./convolution.ts";
import { hostDot } from "./dot.ts";
import { hostElementwise } from "./elementwise.ts";
import { hostIndexing } from "./indexing.ts";
import { hostMovement } from "./movement.ts";
import { hostReduction } from "./reduction.ts";
import { hostSort } from "./sort.ts";
import { type HostKernel, type HostTensor, roundFloats } from "./tensor.ts";
import { hostThreefry } from "./threefry.ts";
import { hostWindow } from "./window.ts";

/** How to evaluate on the host. */
export interface EvaluateOptions {
  /**
   * `"f32"` rounds the result of every operation to its dtype, which simulates a device up to the
   * order of its sums. By default floats keep double precision throughout: the reference.
   */
  readonly round?: "f32" | undefined;
}

const kernels: { readonly [K in OpName]: HostKernel<K> } = {
  ...hostElementwise,
  ...hostMovement,
  ...hostReduction,
  ...hostWindow,
  ...hostIndexing,
  ...hostControl,
  dot_general: hostDot,
  convolution: hostConvolution,
  sort: hostSort,
  threefry2x32: hostThreefry,
};

const evaluateTyped = <K extends OpName>(
  op: K,
  inputs: readonly HostTensor[],
  attrs: OpAttrs[K],
  types: readonly TensorType[],
  options: EvaluateOptions,
): HostTensor[] => {
  const run = (graph: Graph, operands: readonly HostTensor[]) =>
    evaluateGraph(graph, operands, options);
  const data = kernels[op](inputs, attrs, types, run);
  const outputs = types.map((type, i): HostTensor => ({ type, data: at(data, i) }));
  return options.round === "f32" ? outputs.map(roundFloats) : outputs;
};

/** Computes one operation on the host. */
export const evaluateNode = <K extends OpName>(
  op: K,
  inputs: readonly HostTensor[],
  attrs: OpAttrs[K],
  options: EvaluateOptions = {},
): HostTensor[] => {
  const types = infer[op](
    inputs.map((x) => x.type),
    attrs,
  );
  return evaluateTyped(op, inputs, attrs, types, options);
};

/** Computes the outputs of a graph on the host, node by node. */
export const evaluateGraph = (
  graph: Graph,
  inputs: readonly HostTensor[],
  options: EvaluateOptions = {},
): HostTensor[] => {
  const fits =
    inputs.length === graph.inputs.length &&
    graph.inputs.every((v, i) => sameType(v.type, at(inputs, i).type));
  if (!fits) {
    const show = (list: readonly { readonly type: TensorType }[]) =>
      list.map(({ type }) => showType(type)).join(", ");
    throw new Error(`evaluateGraph: expected (${show(graph.inputs)}), got (${show(inputs)})`);
  }
  const values = new Map<Value, HostTensor>(graph.inputs.map((v, i) => [v, at(inputs, i)]));
  const look = (v: Value): HostTensor => {
    const found = values.get(v);
    if (found === undefined) throw new Error("evaluateGraph: a value is used before it is defined");
    return found;
  };
  for (const { op, inputs: operands, attrs, outputs } of graph.nodes) {
    const types = outputs.map((v) => v.type);
    const results = evaluateTyped(op, operands.map(look), attrs as never, types, options);
    outputs.forEach((v, i) => {
      values.set(v, at(results, i));
    });
  }
  return graph.outputs.map(look);
};
