import { at } from "../ir/shape.ts";
import type { Graph, Node, OpAttrs, Value } from "../ir/types.ts";
import { flat, type Parts, parts } from "./loop.ts";
import { pick } from "./tangent.ts";

/** The values of a graph that depend on its marked inputs, told apart inside calls and loops too. */
export const linearValues = (graph: Graph, linear: readonly boolean[]): ReadonlySet<Value> => {
  const found = new Set(pick(graph.inputs, linear));
  for (const node of graph.nodes) {
    const mask = node.inputs.map((v) => found.has(v));
    if (!mask.includes(true)) continue;
    for (const output of pick(node.outputs, outputMask(node, mask))) found.add(output);
  }
  return found;
};

/** Which outputs of a graph depend on its marked inputs. */
const linearOutputs = (graph: Graph, linear: readonly boolean[]): boolean[] => {
  const found = linearValues(graph, linear);
  return graph.outputs.map((v) => found.has(v));
};

const outputMask = (node: Node, linear: readonly boolean[]): boolean[] => {
  switch (node.op) {
    case "call":
      return linearOutputs(node.attrs.body, linear);
    case "scan":
      return linearOutputs(node.attrs.body, flat(loopInputs(node.attrs, linear)));
    default:
      return node.outputs.map(() => true);
  }
};

/** The marked operands of a scan and the carries that come to depend on them in some round. */
export const loopInputs = (attrs: OpAttrs["scan"], linear: readonly boolean[]): Parts<boolean> => {
  const { consts, carry: start, xs } = parts(linear, attrs);
  let carry = start;
  for (;;) {
    const outputs = linearOutputs(attrs.body, flat({ consts, carry, xs }));
    const next = carry.map((here, i) => here || at(outputs, i));
    if (next.every((here, i) => here === carry[i])) return { consts, carry, xs };
    carry = next;
  }
};
