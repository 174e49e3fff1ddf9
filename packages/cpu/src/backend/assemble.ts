import { Builder, type Graph, type Value } from "@layerwise/autodiff/executor";
import type { Entry } from "./entry.ts";
import type { Selection } from "./selection.ts";
import type { ValueType } from "./value-type.ts";

/** The graph of the selected calls: one input per input of the selection, one output per output. */
export const assemble = ({ inputs, outputs, calls }: Selection): Graph => {
  const b = new Builder();
  const values = new Map<Entry, Value>();
  for (const entry of inputs) values.set(entry, b.input((entry.type as ValueType).type));
  const look = (entry: Entry): Value => {
    const value = values.get(entry);
    if (value === undefined) throw new Error("a recorded call reads a value that nothing computes");
    return value;
  };
  for (const { template, operands, outputs: results } of calls) {
    // A tensor can be another view of the same elements.
    const given = operands.map((entry, i) =>
      b.reshape(look(entry), template.inputTypes[i]!.type.shape),
    );
    const computed = b.inline(template.graph, given);
    results.forEach((entry, i) => {
      values.set(entry, computed[i]!);
    });
  }
  return b.finish(outputs.map(look));
};
