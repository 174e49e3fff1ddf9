import { at } from "../ir/shape.ts";
import type { Graph, OpName, Value } from "../ir/types.ts";
import { full } from "./broadcast.ts";
import type { ConstantPool } from "./constant-pool.ts";
import { Emitter } from "./emitter.ts";
import type { Lower } from "./lower.ts";
import { lowerExactly, needsBits } from "./ops/exact-integers.ts";
import { lowering } from "./ops/table.ts";
import type { Program } from "./program.ts";
import type { Val } from "./ref.ts";
import type { Target } from "./target.ts";

/** Emits the kernels of a graph whose inputs are given; returns its outputs. */
const lowerInto = (e: Emitter, graph: Graph, inputs: readonly Val[]): Val[] => {
  const known = new Map<Value, Val>();
  graph.inputs.forEach((value, i) => {
    known.set(value, at(inputs, i));
  });
  const look = (value: Value): Val => {
    const found = known.get(value);
    if (found === undefined) throw new Error("interpreter: a value is used before it is defined");
    return found;
  };
  for (const { op, inputs: operands, attrs, outputs } of graph.nodes) {
    const lower = lowering[op] as Lower<OpName>;
    const types = outputs.map((value) => value.type);
    const given = operands.map(look);
    const results = needsBits(e, op, given, types)
      ? lowerExactly(e, op, lower, given, attrs as never, types)
      : lower(e, given, attrs as never, types);
    outputs.forEach((value, i) => {
      known.set(value, at(results, i));
    });
  }
  return graph.outputs.map(look);
};

/** Lowers a graph to a program. `owned` are the positions of inputs that it may free. */
export const lowerGraph = (
  graph: Graph,
  target: Target,
  pool: ConstantPool,
  owned: readonly number[],
): Program => {
  const e = new Emitter(target, pool, {
    inline: lowerInto,
    program: (body, mine) => lowerGraph(body, target, pool, mine),
  });
  const inputs = graph.inputs.map((value, i) => e.input(value.type, owned.includes(i)));
  return e.finish(lowerInto(e, graph, inputs).map((value) => full(e, value)));
};
