import {
  at,
  type Node,
  type NodeOf,
  type OpName,
  range,
  type Value,
} from "@layerwise/autodiff/executor";
import { convolutionKernels } from "../convolution/convolution.ts";
import { argReduceKernels } from "../indexing/arg-reduce.ts";
import { cumulativeKernels } from "../indexing/cumulative.ts";
import { dynamicSliceKernels, dynamicUpdateSliceKernels } from "../indexing/dynamic-slice.ts";
import { gatherKernels } from "../indexing/gather.ts";
import { scatterKernels } from "../indexing/scatter.ts";
import { sortKernels } from "../indexing/sort.ts";
import type { Allocator, Kernel } from "../kernel/kernel.ts";
import type { LaneOp } from "../lane/lane.ts";
import { dotKernels } from "../product/dot.ts";
import { reduceWindowKernels } from "../window/reduce-window.ts";
import { selectAndGatherKernels } from "../window/select-and-gather.ts";
import { selectAndScatterKernels } from "../window/select-and-scatter.ts";
import type { Buffers } from "./buffers.ts";
import { copyKernel } from "./loops.ts";
import { contiguousStrides, type View } from "./view.ts";

/** What lowerings of single nodes may use. */
export interface NodeContext {
  readonly views: ReadonlyMap<Value, View>;
  readonly buffers: Buffers;
  readonly allocator: Allocator;
}

type Lowering<K extends OpName> = (node: NodeOf<K>, context: NodeContext) => readonly Kernel[];

/** Operations that become loops, are read where they are used, or run other graphs. */
type Elsewhere =
  | LaneOp
  | "reduce"
  | "constant"
  | "iota"
  | "broadcast_in_dim"
  | "transpose"
  | "reverse"
  | "slice"
  | "call"
  | "linear_call"
  | "scan"
  | "while";

const onBuffers =
  <K extends OpName>(
    lower: (node: NodeOf<K>, allocator: Allocator) => readonly Kernel[],
  ): Lowering<K> =>
  (node, { allocator }) =>
    lower(node, allocator);

const viewAt = ({ views }: NodeContext, node: Node, i: number): View =>
  views.get(at(node.inputs, i)) as View;

/** The operand put where the result has it: the element of index i at `low + i·(interior + 1)`. */
const pad: Lowering<"pad"> = (node, context) => {
  const { low, high, interior } = node.attrs;
  const { buffers } = context;
  const operand = viewAt(context, node, 0);
  const result = at(node.outputs, 0);
  const out = buffers.of(result);
  const { shape } = result.type;
  const fill = { ...viewAt(context, node, 1), shape, strides: shape.map(() => 0) };
  const strides = contiguousStrides(shape);
  // Negative padding crops: only the elements whose place exists are copied.
  const first = low.map((l, i) => Math.max(0, Math.ceil(-l / (at(interior, i) + 1))));
  const count = operand.shape.map((size, i) => {
    const step = at(interior, i) + 1;
    const last = Math.floor((at(shape, i) - 1 - at(low, i)) / step);
    return Math.max(0, Math.min(size - 1, last) - at(first, i) + 1);
  });
  const part: View = {
    ...operand,
    shape: count,
    offset: first.reduce((sum, f, i) => sum + f * at(operand.strides, i), operand.offset),
  };
  const axes = range(shape.length);
  const place = {
    offset: axes.reduce(
      (sum, i) => sum + (at(low, i) + at(first, i) * (at(interior, i) + 1)) * at(strides, i),
      0,
    ),
    strides: axes.map((i) => (at(interior, i) + 1) * at(strides, i)),
  };
  const covered =
    [low, high, interior].every((list) => list.every((n) => n <= 0)) && !count.includes(0);
  const copy = copyKernel(part, out, buffers, place);
  return covered ? [copy] : [copyKernel(fill, out, buffers), copy];
};

const concatenate: Lowering<"concatenate"> = (node, context) => {
  const { dimension } = node.attrs;
  const result = at(node.outputs, 0);
  const strides = contiguousStrides(result.type.shape);
  let start = 0;
  return node.inputs.map((_, i) => {
    const view = viewAt(context, node, i);
    const place = { offset: start * at(strides, dimension), strides };
    start += at(view.shape, dimension);
    return copyKernel(view, context.buffers.of(result), context.buffers, place);
  });
};

/** A reshape that strides cannot express, such as of a transposed array. */
const reshape: Lowering<"reshape"> = (node, context) => [
  copyKernel(viewAt(context, node, 0), context.buffers.of(at(node.outputs, 0)), context.buffers),
];

/** Kernels of every operation that is neither fused into loops nor runs a graph of its own. */
const lowerings: { readonly [K in Exclude<OpName, Elsewhere>]: Lowering<K> } = {
  reshape,
  pad,
  concatenate,
  dynamic_slice: onBuffers(dynamicSliceKernels),
  dynamic_update_slice: onBuffers(dynamicUpdateSliceKernels),
  arg_reduce: onBuffers(argReduceKernels),
  cumulative: onBuffers(cumulativeKernels),
  dot_general: onBuffers(dotKernels),
  convolution: onBuffers(convolutionKernels),
  reduce_window: onBuffers(reduceWindowKernels),
  select_and_scatter: onBuffers(selectAndScatterKernels),
  select_and_gather: onBuffers(selectAndGatherKernels),
  gather: onBuffers(gatherKernels),
  scatter: onBuffers(scatterKernels),
  sort: onBuffers(sortKernels),
};

/** Operations that read their operands as views and not from buffers. */
export const readsViews = ({ op }: Node): boolean =>
  op === "reshape" || op === "pad" || op === "concatenate";

/** The kernels of one node. */
export const nodeKernels = (node: Node, context: NodeContext): readonly Kernel[] => {
  const lower = (lowerings as { readonly [op: string]: Lowering<OpName> | undefined })[node.op];
  if (lower === undefined) throw new Error(`layerwise-cpu: ${node.op} has no kernel`);
  return lower(node as NodeOf<OpName>, context);
};
