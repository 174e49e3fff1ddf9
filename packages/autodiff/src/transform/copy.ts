import type { Builder } from "../ir/builder.ts";
import { at } from "../ir/shape.ts";
import type { Graph, Node, Value } from "../ir/types.ts";

/** Emits one node again with other operands. */
export const emitCopy = (b: Builder, node: Node, inputs: readonly Value[]): readonly Value[] =>
  b.emit(node.op, inputs, node.attrs as never);

/**
 * Copies values into `b` when they are asked for, with all that they are computed from and each
 * node once. `leaf` gives values that stand in `b` already or are not to be computed there.
 */
export const lazyCopy = (
  b: Builder,
  nodes: readonly Node[],
  leaf: (value: Value) => Value | undefined,
): ((value: Value) => Value) => {
  const order = new Map(nodes.map((node, i) => [node, i]));
  const copied = new Map<Value, Value>();
  const known = (value: Value): boolean => {
    if (copied.has(value)) return true;
    const found = leaf(value);
    if (found !== undefined) copied.set(value, found);
    return found !== undefined;
  };
  const missing = (value: Value): Node[] => {
    const needed = new Set<Node>();
    const open = [value];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (known(next)) continue;
      const { producer } = next;
      if (producer === undefined || !order.has(producer)) {
        throw new Error("a tangent is used where only values are allowed: this is not linear");
      }
      if (needed.has(producer)) continue;
      needed.add(producer);
      open.push(...producer.inputs);
    }
    return [...needed].sort((x, y) => (order.get(x) ?? 0) - (order.get(y) ?? 0));
  };
  const look = (value: Value): Value => copied.get(value) as Value;
  return (value) => {
    if (!known(value)) {
      for (const node of missing(value)) {
        const outputs = emitCopy(b, node, node.inputs.map(look));
        node.outputs.forEach((output, i) => {
          copied.set(output, at(outputs, i));
        });
      }
    }
    return look(value);
  };
};

/** `lazyCopy` with the inputs of a graph standing for given values. */
export const copyWithInputs = (
  b: Builder,
  graph: Graph,
  inputs: readonly (Value | undefined)[],
): ((value: Value) => Value) => {
  const map = new Map(graph.inputs.map((v, i) => [v, inputs[i]]));
  return lazyCopy(b, graph.nodes, (v) => map.get(v));
};

/** The nodes that some values are computed by. */
export const nodesFor = (values: readonly Value[]): ReadonlySet<Node> => {
  const found = new Set<Node>();
  const open = [...values];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { producer } = next;
    if (producer === undefined || found.has(producer)) continue;
    found.add(producer);
    open.push(...producer.inputs);
  }
  return found;
};

/** All values that are computed from the given ones, and these themselves. */
export const dependents = (nodes: readonly Node[], from: Iterable<Value>): ReadonlySet<Value> => {
  const found = new Set(from);
  for (const node of nodes) {
    if (node.inputs.some((v) => found.has(v))) {
      for (const output of node.outputs) found.add(output);
    }
  }
  return found;
};
