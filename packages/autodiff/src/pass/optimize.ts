import { infer } from "../ir/infer.ts";
import { at } from "../ir/shape.ts";
import type { Graph, Node, OpAttrs, OpName, Value } from "../ir/types.ts";
import { expandLinearCalls } from "../transform/linear-call.ts";
import { eliminateDeadCode } from "./dead-code.ts";
import { foldConstants } from "./fold.ts";
import { HashConsBuilder } from "./hash-cons.ts";
import { inlineCalls } from "./inline-calls.ts";
import { simplifications } from "./simplify.ts";

// A rewrite can make another possible (a fold exposes x·1); two rounds catch what occurs in practice.
const ROUNDS = 2;

/**
 * Prepares a graph for execution: calls inlined, constants folded, algebra, transposes folded into
 * products, common subexpressions and dead code removed, in bodies of loops and checkpoints too.
 * The results stay the same up to rounding; derivatives must be taken before.
 */
export function optimize(graph: Graph): Graph {
  let result = inlineCalls(expandLinearCalls(graph));
  for (let i = 0; i < ROUNDS; i++) result = eliminateDeadCode(rewrite(eliminateDeadCode(result)));
  return result;
}

function rewrite(graph: Graph): Graph {
  const b = new HashConsBuilder();
  const map = new Map<Value, Value>(graph.inputs.map((v) => [v, b.input(v.type)]));
  const look = (v: Value): Value => map.get(v) as Value;
  const uses = useCounts(graph);
  for (const node of graph.nodes) {
    const [first] = node.inputs;
    const onlyUse = first !== undefined && uses.get(first) === 1;
    const outputs = cheapest(b, node, node.inputs.map(look), onlyUse);
    node.outputs.forEach((v, i) => {
      map.set(v, at(outputs, i));
    });
  }
  return b.finish(graph.outputs.map(look));
}

function useCounts(graph: Graph): ReadonlyMap<Value, number> {
  const counts = new Map<Value, number>();
  const used = [...graph.nodes.flatMap((node) => node.inputs), ...graph.outputs];
  for (const v of used) counts.set(v, (counts.get(v) ?? 0) + 1);
  return counts;
}

function cheapest(
  b: HashConsBuilder,
  node: Node,
  inputs: readonly Value[],
  onlyUse: boolean,
): readonly Value[] {
  const attrs = optimizedBodies(node) as OpAttrs[OpName];
  const types = infer[node.op](
    inputs.map((v) => v.type),
    attrs as never,
  );
  const folded = foldConstants(b, node.op, inputs, attrs as never, types);
  if (folded !== undefined) return folded;
  const simpler = simplifications[node.op]?.(b, inputs, attrs as never, onlyUse);
  return simpler === undefined ? b.emit(node.op, inputs, attrs as never) : [simpler];
}

const bodies = new WeakMap<Graph, Graph>();

// The same body object gives the same optimized object, so that equal calls still compare equal.
const optimizeOnce = (body: Graph): Graph => {
  let done = bodies.get(body);
  if (done === undefined) {
    done = optimize(body);
    bodies.set(body, done);
    bodies.set(done, done);
  }
  return done;
};

function optimizedBodies(node: Node): Node["attrs"] {
  switch (node.op) {
    case "call":
    case "scan":
      return { ...node.attrs, body: optimizeOnce(node.attrs.body) } as Node["attrs"];
    case "while":
      return {
        ...node.attrs,
        body: optimizeOnce(node.attrs.body),
        condition: optimizeOnce(node.attrs.condition),
      };
    default:
      return node.attrs;
  }
}
