import type { Graph } from "../ir/types.ts";
import { type DrawOptions, drawingOf, type Wire } from "./drawing.ts";
import { GRADIENT, VALUE } from "./style.ts";

const quote = (text: string): string => JSON.stringify(text);

const label = ({ value, gradient }: Wire): string => {
  const line = (text: string, color: string): string => `<font color="${color}">${text}</font>`;
  const lines = [
    ...(value === undefined ? [] : [line(value, VALUE)]),
    ...(gradient === undefined ? [] : [line(gradient, GRADIENT)]),
  ];
  return lines.length === 0 ? "" : ` [label=<${lines.join("<br/>")}>]`;
};

const SHAPES = { input: "plaintext", operation: "box", output: "plaintext" } as const;

/**
 * A graph in the DOT language, for Graphviz to lay out: a box per operation with its type, a line
 * per use of a value with the value in green and its gradient in red where they are given.
 *
 * @example
 * ```ts
 * import { toDot, trace } from "@layerwise/autodiff";
 * import * as tf from "@tensorflow/tfjs-core";
 *
 * const { graph } = trace((x: tf.Tensor) => tf.exp(x), [{ shape: [3], dtype: "float32" }]);
 * if (!toDot(graph).includes("exponential")) throw new Error("no node");
 * ```
 */
export const toDot = (graph: Graph, options: DrawOptions = {}): string => {
  const { boxes, wires } = drawingOf(graph, options);
  const nodes = boxes.map(({ kind, title, type }, i) => {
    const style = kind === "operation" ? ", style=rounded" : "";
    return `  n${i} [label=${quote(`${title}\n${type}`)}, shape=${SHAPES[kind]}${style}];`;
  });
  const edges = wires.map((wire) => `  n${wire.from} -> n${wire.to}${label(wire)};`);
  return ["digraph {", "  rankdir=LR;", ...nodes, ...edges, "}", ""].join("\n");
};
