import { complement, type NodeOf, sizeOf, type Value } from "@layerwise/autodiff/executor";
import { type Allocator, elementBytes, type Kernel } from "../kernel/kernel.ts";
import type { Local } from "../wasm/locals.ts";
import { type Addressing, batchStrides, whereFits } from "./addressing.ts";
import { chunksFor, equalPieces } from "./chunks.ts";
import { initialKernel } from "./initial.ts";
import { moveBlock } from "./run.ts";
import { mergeAxes, pick, rowMajor, walk } from "./walk.ts";

/** Elements per chunk along the innermost axis: a multiple of a line of the cache. */
const LINE = 16;

/**
 * Copies the operand, then adds or writes the updates in order. Chunks divide the windows along an
 * axis that the indices do not move, so that none writes where another does.
 */
export const scatterKernels = (
  { inputs, attrs, outputs }: NodeOf<"scatter">,
  allocator: Allocator,
): readonly Kernel[] => {
  const [x, indices, updates] = inputs as [Value, Value, Value];
  const result = outputs[0] as Value;
  const { dtype, shape } = x.type;
  const unit = elementBytes(dtype);
  const batch = indices.type.shape.slice(0, -1);
  const depth = attrs.scatterDimsToOperandDims.length;
  const windowAxes = complement(shape.length, [
    ...attrs.insertedWindowDims,
    ...attrs.inputBatchingDims,
  ]);
  const updateShape = updates.type.shape;
  const windowSizes = shape.map(() => 1);
  windowAxes.forEach((axis, i) => {
    windowSizes[axis] = updateShape[attrs.updateWindowDims[i] as number] as number;
  });
  const addressing: Addressing = {
    shape,
    unit,
    indexed: attrs.scatterDimsToOperandDims,
    batching: attrs.inputBatchingDims,
    indicesBatching: attrs.indicesBatchingDims,
    windowSizes,
  };
  const updateStrides = rowMajor(updateShape, unit);
  const batchAxes = complement(updateShape.length, attrs.updateWindowDims);
  const cost = sizeOf(batch) * (1 + depth) + sizeOf(updateShape) * unit * 0.08;
  const sizes = pick(windowSizes, windowAxes);
  const strides = [
    pick(rowMajor(shape, unit), windowAxes),
    pick(updateStrides, attrs.updateWindowDims),
  ] as const;
  const { axis, pieces } = divided(sizes, windowAxes, attrs.scatterDimsToOperandDims, cost);
  const piece = sizes.map((size, i) => (i === axis ? size / pieces : size));
  const window = mergeAxes(piece, strides);
  const to = allocator.bufferOf(result);
  const [at, from] = [allocator.bufferOf(indices), allocator.bufferOf(updates)];
  return [
    initialKernel(x, result, allocator),
    {
      name: `scatter ${attrs.kind}`,
      reads: [at, from, to],
      writes: [to],
      chunks: pieces,
      cost,
      emit: (context) => {
        if (sizeOf(updateShape) === 0 || sizeOf(shape) === 0) return;
        const { code, chunk } = context;
        const [target, source] = [code.local("i32"), code.local("i32")];
        const walkers = [
          { base: context.address(from), strides: pick(updateStrides, batchAxes) },
          { base: context.address(at), strides: rowMajor(batch, 4 * depth) },
          { base: context.address(to), strides: batchStrides(batch, addressing) },
        ];
        const shift = (local: Local, list: readonly number[]): void => {
          if (pieces === 1) return;
          const bytes = (piece[axis] as number) * (list[axis] as number);
          code.get(local).get(chunk).i32(bytes).op("i32.mul").op("i32.add").set(local);
        };
        walk(code, batch, { first: 0, end: sizeOf(batch) }, walkers, (locals) => {
          const [update, index, base] = locals as [Local, Local, Local];
          code.get(base).set(target);
          whereFits(code, addressing, index, target, () => {
            code.get(update).set(source);
            shift(target, strides[0]);
            shift(source, strides[1]);
            moveBlock(code, dtype, attrs.kind, window, { target, source });
          });
        });
      },
    },
  ];
};

/** The axis of the window to divide among chunks, and into how many pieces. */
const divided = (
  sizes: readonly number[],
  operandAxes: readonly number[],
  indexed: readonly number[],
  cost: number,
): { readonly axis: number; readonly pieces: number } => {
  let best = { axis: 0, pieces: 1 };
  sizes.forEach((size, axis) => {
    if (indexed.includes(operandAxes[axis] as number)) return;
    const innermost = axis === sizes.length - 1;
    const pieces = equalPieces(size, innermost ? LINE : 1, Math.min(16, chunksFor(cost)));
    if (pieces > best.pieces) best = { axis, pieces };
  });
  return best;
};
