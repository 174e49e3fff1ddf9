import {
  at,
  Builder,
  type Graph,
  type OpAttrs,
  type OpName,
  type Value,
} from "@layerwise/autodiff/executor";

/**
 * Puts bodies in place of all calls, also checkpoints: what they compute again stays in its place,
 * as nothing is merged here. Bodies of loops are treated alike.
 */
export const inlineAll = (graph: Graph): Graph => {
  const b = new Builder();
  const inputs = graph.inputs.map((v) => b.input(v.type));
  return b.finish(copyInto(b, graph, inputs));
};

const copyInto = (b: Builder, graph: Graph, inputs: readonly Value[]): readonly Value[] => {
  const map = new Map<Value, Value>(graph.inputs.map((v, i) => [v, at(inputs, i)]));
  const look = (v: Value): Value => map.get(v) as Value;
  for (const node of graph.nodes) {
    // A loop that gives nothing: there is nobody to see it run.
    if (node.outputs.length === 0) continue;
    const operands = node.inputs.map(look);
    const outputs =
      node.op === "call"
        ? copyInto(b, node.attrs.body, operands)
        : b.emit(node.op, operands, bodiesInlined(node.op, node.attrs) as never);
    node.outputs.forEach((v, i) => {
      map.set(v, at(outputs, i));
    });
  }
  return graph.outputs.map(look);
};

const bodiesInlined = (op: OpName, attrs: OpAttrs[OpName]): OpAttrs[OpName] => {
  if (op === "scan") {
    const scan = attrs as OpAttrs["scan"];
    return { ...scan, body: inlineAll(scan.body) };
  }
  if (op === "while") {
    const loop = attrs as OpAttrs["while"];
    return { ...loop, body: inlineAll(loop.body), condition: inlineAll(loop.condition) };
  }
  return attrs;
};
