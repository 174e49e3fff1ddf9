import { at, showType, sizeOf } from "../ir/shape.ts";
import type { Graph, Node, Value } from "../ir/types.ts";
import type { Annotation } from "./annotate.ts";

/** What a drawing shows besides operations and types. */
export interface DrawOptions {
  /** Names of the graph's inputs, in order. Default: `in0`, `in1`, … */
  readonly inputs?: readonly string[] | undefined;
  /** Names of the graph's outputs, in order. Default: `out0`, `out1`, … */
  readonly outputs?: readonly string[] | undefined;
  /** Numbers at values, as `annotate` finds them: values in green, gradients in red. */
  readonly annotations?: ReadonlyMap<Value, Annotation> | undefined;
}

/** A box of a drawing: an input, an operation or an output. */
export interface Box {
  readonly kind: "input" | "operation" | "output";
  readonly title: string;
  readonly type: string;
}

/** A line from a box to an operand position of another. */
export interface Wire {
  readonly from: number;
  /** Which of the results of `from`. */
  readonly result: number;
  readonly to: number;
  readonly operand: number;
  readonly value: string | undefined;
  readonly gradient: string | undefined;
}

/** What is to be drawn of a graph. */
export interface Drawing {
  readonly boxes: readonly Box[];
  readonly wires: readonly Wire[];
}

const showNumber = (x: number): string => String(Number(x.toPrecision(4)));

/** The most elements that are written out. */
const SHOWN = 4;

const showNumbers = (data: ArrayLike<number> | undefined, value: Value): string | undefined => {
  if (data === undefined) return undefined;
  if (value.type.shape.length === 0 && data.length === 1) return showNumber(data[0]!);
  const shown = Array.from({ length: Math.min(SHOWN, data.length) }, (_, i) =>
    showNumber(data[i]!),
  );
  return `[${[...shown, ...(data.length > SHOWN ? ["…"] : [])].join(", ")}]`;
};

const titleOf = (node: Node): string => {
  if (node.op !== "constant") return node.op;
  const { type, data } = node.attrs;
  // A large constant is not the point of a drawing.
  const few = data.length === 1 || sizeOf(type.shape) <= SHOWN;
  return few ? Array.from(data, showNumber).join(", ") : "constant";
};

const typesOf = (values: readonly Value[]): string =>
  values.map(({ type }) => showType(type)).join(", ");

/** The boxes and wires of a graph; bodies of calls and loops are not drawn. */
export const drawingOf = (graph: Graph, options: DrawOptions = {}): Drawing => {
  const boxes: Box[] = [];
  const wires: Wire[] = [];
  const sources = new Map<Value, { readonly from: number; readonly result: number }>();
  const connect = (value: Value, operand: number): void => {
    const source = sources.get(value);
    if (source === undefined) throw new Error("drawing: a value is used before it is defined");
    const found = options.annotations?.get(value);
    wires.push({
      ...source,
      to: boxes.length,
      operand,
      value: showNumbers(found?.value, value),
      gradient: showNumbers(found?.gradient, value),
    });
  };
  graph.inputs.forEach((value, i) => {
    sources.set(value, { from: boxes.length, result: 0 });
    const title = options.inputs?.[i] ?? `in${i}`;
    boxes.push({ kind: "input", title, type: showType(value.type) });
  });
  for (const node of graph.nodes) {
    node.inputs.forEach(connect);
    node.outputs.forEach((value, result) => {
      sources.set(value, { from: boxes.length, result });
    });
    boxes.push({ kind: "operation", title: titleOf(node), type: typesOf(node.outputs) });
  }
  graph.outputs.forEach((value, i) => {
    connect(value, 0);
    const title = options.outputs?.[i] ?? `out${i}`;
    boxes.push({ kind: "output", title, type: showType(at(graph.outputs, i).type) });
  });
  return { boxes, wires };
};
