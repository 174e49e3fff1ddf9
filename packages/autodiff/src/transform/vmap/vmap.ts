import { at } from "../../ir/shape.ts";
import type { Graph, OpName, Value } from "../../ir/types.ts";
import { emitCopy } from "../copy.ts";
import { batchRules } from "./rules/index.ts";
import { type BatchedGraph, batchGraph } from "./stack.ts";
import type { BatchRule, VmapInto } from "./types.ts";

/**
 * Emits a graph for `size` examples at once. What does not depend on a batched input is computed
 * once and has no batch axis.
 */
export const vmapInto: VmapInto = (b, graph, inputs, batched, size) => {
  const values = new Map<Value, Value>(graph.inputs.map((v, i) => [v, at(inputs, i)]));
  const stacks = new Set<Value>(graph.inputs.filter((_, i) => batched[i]));
  const look = (v: Value): Value => {
    const found = values.get(v);
    if (found === undefined) throw new Error("vmap: the graph uses a value it does not define");
    return found;
  };
  for (const node of graph.nodes) {
    const operands = node.inputs.map(look);
    const mask = node.inputs.map((v) => stacks.has(v));
    const rule = batchRules[node.op] as BatchRule<OpName>;
    const found = mask.includes(true)
      ? rule(b, { inputs: operands, batched: mask, attrs: node.attrs, size, vmapInto })
      : { outputs: emitCopy(b, node, operands), batched: [] };
    node.outputs.forEach((v, i) => {
      values.set(v, at(found.outputs, i));
      if (found.batched[i]) stacks.add(v);
    });
  }
  return {
    outputs: graph.outputs.map(look),
    batched: graph.outputs.map((v) => stacks.has(v)),
  };
};

/** A graph for `size` examples; inputs marked `batched` hold one example per row of axis 0. */
export const vmapGraph = (graph: Graph, batched: readonly boolean[], size: number): BatchedGraph =>
  batchGraph(vmapInto, graph, batched, size);
