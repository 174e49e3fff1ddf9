import { Builder, literal } from "../../src/ir/builder.ts";
import type { Graph, Value } from "../../src/ir/types.ts";
import type { Elements, GraphBackend } from "./backend.ts";

/** A part of the recorded graph as a graph of its own. */
export interface Part {
  readonly graph: Graph;
  /** The elements of its inputs. */
  readonly inputs: readonly Elements[];
  /** The recorded values that its outputs compute. */
  readonly values: readonly Value[];
}

/**
 * What a value is computed from, down to known elements. Pending values met on the way are further
 * outputs. With `constants` known scalars become constants of the graph.
 */
export const partOf = (backend: GraphBackend, target: Value, constants: boolean): Part => {
  const b = new Builder();
  const inputs: Elements[] = [];
  const values: Value[] = [];
  const map = new Map<Value, Value>();
  const leaf = (value: Value, elements: Elements): Value => {
    const { type } = value;
    if (constants && type.shape.length === 0) {
      return b.constant(type, literal(type.dtype, elements));
    }
    inputs.push(elements);
    return b.input(type);
  };
  const visit = (value: Value): Value => {
    const done = map.get(value);
    if (done !== undefined) return done;
    const elements = backend.known(value);
    const node = value.producer;
    if (elements !== undefined) map.set(value, leaf(value, elements));
    else if (node === undefined) throw new Error("a value is neither known nor computed");
    else {
      const outputs = b.emit(node.op, node.inputs.map(visit), node.attrs as never);
      node.outputs.forEach((output, i) => {
        map.set(output, outputs[i]!);
        if (output === target || backend.pending.has(output)) values.push(output);
      });
    }
    return map.get(value)!;
  };
  visit(target);
  return { graph: b.finish(values.map((v) => map.get(v)!)), inputs, values };
};
