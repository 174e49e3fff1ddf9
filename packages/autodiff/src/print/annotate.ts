import type * as tf from "@tensorflow/tfjs-core";
import { evaluateGraph, type HostTensor, hostTensor } from "../host/index.ts";
import { Builder } from "../ir/builder.ts";
import { at, isFloat, showType } from "../ir/shape.ts";
import type { Graph, TensorType, Value } from "../ir/types.ts";
import { typeOf } from "../trace/tensors.ts";
import { trace } from "../trace/trace.ts";
import { vjpGraph } from "../transform/index.ts";
import { treeFlatten } from "../tree/index.ts";

/** Numbers that a drawing shows at a value of a graph, in row-major order. */
export interface Annotation {
  readonly value?: ArrayLike<number> | undefined;
  readonly gradient?: ArrayLike<number> | undefined;
}

/** A graph with the numbers that {@link annotate} found at its values. */
export interface AnnotatedGraph {
  readonly graph: Graph;
  readonly annotations: ReadonlyMap<Value, Annotation>;
}

const hostOf = (x: tf.Tensor): HostTensor => hostTensor(typeOf(x), x.dataSync());

/** The same graph with a further input for each of its float values, which is added to it. */
const withProbes = (graph: Graph): { readonly probed: Graph; readonly values: Value[] } => {
  const b = new Builder();
  const inputs = graph.inputs.map((v) => b.input(v.type));
  const copies = new Map<Value, Value>();
  const values: Value[] = [];
  const define = (value: Value, copy: Value): void => {
    if (!isFloat(value.type.dtype)) {
      copies.set(value, copy);
      return;
    }
    values.push(value);
    copies.set(value, b.add(copy, b.input(value.type)));
  };
  const look = (value: Value): Value => copies.get(value) as Value;
  graph.inputs.forEach((value, i) => {
    define(value, at(inputs, i));
  });
  for (const node of graph.nodes) {
    const outputs = b.emit(node.op, node.inputs.map(look), node.attrs as never);
    node.outputs.forEach((value, i) => {
      define(value, at(outputs, i));
    });
  }
  return { probed: b.finish(graph.outputs.map(look)), values };
};

// What adding to a value does to the output is the gradient of the output in that value.
const gradients = (graph: Graph, inputs: readonly HostTensor[]): Map<Value, HostTensor> => {
  const { probed, values } = withProbes(graph);
  const wrt = probed.inputs.map((_, i) => i >= inputs.length);
  const zeros = values.map(({ type }) => hostTensor(type, [0]));
  const one = hostTensor(at(graph.outputs, 0).type, [1]);
  const results = evaluateGraph(vjpGraph(probed, wrt), [...inputs, ...zeros, one]);
  return new Map(values.map((value, i) => [value, at(results, i + 1)]));
};

const isScalar = ({ shape, dtype }: TensorType): boolean => shape.length === 0 && isFloat(dtype);

/**
 * Traces a function and computes, on the host and in double precision, every intermediate value
 * and the gradient of the result with respect to it, for `toSvg` and `toDot` to draw.
 *
 * `args` are trees of tensors, whose data is read synchronously. The function must return one float
 * scalar.
 *
 * @example
 * ```ts
 * import { annotate, toSvg } from "@layerwise/autodiff";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const { graph, annotations } = annotate(
 *   (x: tf.Scalar, y: tf.Scalar) => tf.mul(x, y),
 *   [tf.scalar(2), tf.scalar(3)],
 * );
 * const gradient = annotations.get(graph.inputs[0]!)?.gradient?.[0];
 * if (gradient !== 3) throw new Error(`d(x·y)/dx = ${gradient}`);
 * const svg = toSvg(graph, { annotations, inputs: ["x", "y"] });
 * if (!svg.startsWith("<svg")) throw new Error(svg);
 * ```
 */
export function annotate<A extends readonly unknown[]>(
  fn: (...args: A) => unknown,
  args: A,
): AnnotatedGraph {
  const { graph, captures } = trace(fn, args);
  const types = graph.outputs.map((v) => v.type);
  if (types.length !== 1 || !types.every(isScalar)) {
    const got = types.map(showType).join(", ");
    throw new Error(`annotate: expected one float scalar as result, got (${got})`);
  }
  const { leaves } = treeFlatten<A, tf.Tensor>(args);
  const inputs = [...captures, ...leaves].map(hostOf);
  const all = [...graph.inputs, ...graph.nodes.flatMap((node) => node.outputs)];
  const values = evaluateGraph({ ...graph, outputs: all }, inputs);
  const found = gradients(graph, inputs);
  const annotations = new Map<Value, Annotation>();
  all.forEach((value, i) => {
    annotations.set(value, { value: at(values, i).data, gradient: found.get(value)?.data });
  });
  return { graph, annotations };
}
