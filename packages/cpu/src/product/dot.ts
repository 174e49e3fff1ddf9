import { at, complement, type NodeOf, type Value } from "@layerwise/autodiff/executor";
import { type Allocator, type Buffer, bufferBytes, type Kernel } from "../kernel/kernel.ts";
import { mergeAxes } from "./axes.ts";
import { copyKernel } from "./copy.ts";
import { integerKernel } from "./integer-product.ts";
import type { Matrix, MatrixProduct } from "./matrix.ts";
import { matrixKernels } from "./matrix-product.ts";

interface Dim {
  readonly size: number;
  readonly stride: number;
}

/** An operand with its axes sorted by what they are for. */
interface Side {
  readonly buffer: Buffer;
  readonly batch: readonly Dim[];
  readonly free: readonly Dim[];
  readonly contracting: readonly Dim[];
}

const sizes = (dims: readonly Dim[]): number => dims.reduce((n, { size }) => n * size, 1);

const sideOf = (
  value: Value,
  buffer: Buffer,
  batch: readonly number[],
  contracting: readonly number[],
): Side => {
  const { shape } = value.type;
  const dims = shape.map((size, i) => ({
    size,
    stride: shape.slice(i + 1).reduce((n, d) => n * d, 1),
  }));
  const pick = (axes: readonly number[]): Dim[] => axes.map((i) => at(dims, i));
  const free = complement(shape.length, [...batch, ...contracting]);
  return { buffer, batch: pick(batch), free: pick(free), contracting: pick(contracting) };
};

/** The stride of all dims as one, or undefined where they are not evenly spaced. */
const single = (dims: readonly Dim[]): number | undefined => {
  const merged = mergeAxes(dims.map(({ size, stride }) => ({ size, strides: [stride] })));
  if (merged.length > 1) return undefined;
  return merged[0]?.strides[0] ?? 1;
};

/** The operand with batch, free and contracted axes one after another, copied. */
const copied = (
  side: Side,
  allocator: Allocator,
): { readonly side: Side; readonly kernel: Kernel } => {
  const dims = [...side.batch, ...side.free, ...side.contracting];
  const target = allocator.temporary(side.buffer.dtype, sizes(dims));
  const kernel = copyKernel(
    side.buffer,
    dims.map(({ size, stride }) => ({ size, strides: [stride] })),
    target,
  );
  const [free, depth] = [sizes(side.free), sizes(side.contracting)];
  const batch = side.batch.map(({ size }, i) => ({
    size,
    stride: free * depth * sizes(side.batch.slice(i + 1)),
  }));
  return {
    side: {
      buffer: target,
      batch,
      free: [{ size: free, stride: depth }],
      contracting: [{ size: depth, stride: 1 }],
    },
    kernel,
  };
};

/** Contracted axes in an order in which most operands need no copy. */
const contractionOrder = (lhs: Side, rhs: Side): number[] => {
  const order = (by: Side): number[] =>
    lhs.contracting
      .map((_, i) => i)
      .sort((i, j) => at(by.contracting, j).stride - at(by.contracting, i).stride);
  const given = lhs.contracting.map((_, i) => i);
  const copies = (o: readonly number[]): number =>
    [lhs, rhs].filter((s) => single(o.map((i) => at(s.contracting, i))) === undefined).length;
  return [given, order(lhs), order(rhs)].sort((a, b) => copies(a) - copies(b))[0] as number[];
};

const zeroKernel = (out: Buffer): Kernel => ({
  name: "dot_general: nothing contracted",
  reads: [],
  writes: [out],
  chunks: 1,
  cost: out.size / 4,
  emit: ({ code, address }) => {
    code.get(address(out)).i32(0).i32(bufferBytes(out)).memoryFill();
  },
});

/** Kernels of a dot product over any axes. */
export const dotKernels = (
  node: NodeOf<"dot_general">,
  allocator: Allocator,
): readonly Kernel[] => {
  const [x, y] = [at(node.inputs, 0), at(node.inputs, 1)];
  const { lhsBatch, rhsBatch, lhsContracting, rhsContracting } = node.attrs;
  const out = allocator.bufferOf(at(node.outputs, 0));
  if (out.size === 0) return [];
  let lhs = sideOf(x, allocator.bufferOf(x), lhsBatch, lhsContracting);
  let rhs = sideOf(y, allocator.bufferOf(y), rhsBatch, rhsContracting);
  const depth = sizes(lhs.contracting);
  if (depth === 0) return [zeroKernel(out)];
  const kernels: Kernel[] = [];
  const order = contractionOrder(lhs, rhs);
  const usable = (side: Side): Side => {
    const ordered = { ...side, contracting: order.map((i) => at(side.contracting, i)) };
    if (single(ordered.free) !== undefined && single(ordered.contracting) !== undefined) {
      return ordered;
    }
    const { side: copy, kernel } = copied(ordered, allocator);
    kernels.push(kernel);
    return copy;
  };
  lhs = usable(lhs);
  rhs = usable(rhs);
  const [rows, columns] = [sizes(lhs.free), sizes(rhs.free)];
  const batch = lhs.batch.map(({ size }) => size);
  const matrix = (side: Side, row: readonly Dim[], column: readonly Dim[]): Matrix => ({
    buffer: side.buffer,
    offset: 0,
    batch: side.batch.map(({ stride }) => stride),
    row: single(row) as number,
    column: single(column) as number,
  });
  const product: MatrixProduct = {
    name: "dot_general",
    batch,
    rows,
    depth,
    columns,
    lhs: matrix(lhs, lhs.free, lhs.contracting),
    rhs: matrix(rhs, rhs.contracting, rhs.free),
    out: {
      buffer: out,
      offset: 0,
      batch: lhs.batch.map((_, i) => rows * columns * sizes(lhs.batch.slice(i + 1))),
      row: columns,
      column: 1,
    },
  };
  const float = out.dtype === "f32" || out.dtype === "f16";
  return [...kernels, ...(float ? matrixKernels(product, allocator) : [integerKernel(product)])];
};
