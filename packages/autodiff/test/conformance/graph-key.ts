import type { Graph, Value } from "../../src/ir/types.ts";

const shown = (_: string, value: unknown): unknown => {
  if (ArrayBuffer.isView(value)) {
    // JSON would write NaN and the infinities as null and drop the sign of zero.
    const elements = Array.from(value as Float64Array, (v) => (Object.is(v, -0) ? "-0" : `${v}`));
    return `${value.constructor.name} ${elements}`;
  }
  const isGraph = typeof value === "object" && value !== null && "nodes" in value;
  return isGraph ? graphKey(value as Graph) : value;
};

/** A text that is the same for two graphs exactly if they do the same to inputs of the same types. */
export const graphKey = ({ inputs, nodes, outputs }: Graph): string => {
  const names = new Map<Value, number>();
  const name = (value: Value): number => {
    const known = names.get(value) ?? names.size;
    names.set(value, known);
    return known;
  };
  const lines = [
    inputs.map((v) => [name(v), v.type]),
    nodes.map((n) => [n.op, n.inputs.map(name), n.attrs, n.outputs.map(name)]),
    outputs.map(name),
  ];
  return JSON.stringify(lines, shown);
};
