import { complement, type NodeOf, sizeOf, type Value } from "@layerwise/autodiff/executor";
import { type Allocator, elementBytes, type Kernel } from "../kernel/kernel.ts";
import { type Addressing, addClamped, batchStrides } from "./addressing.ts";
import { divide, rangeOf } from "./chunks.ts";
import { moveBlock } from "./run.ts";
import { mergeAxes, pick, rowMajor, walk } from "./walk.ts";

/** Copies a window of the operand for each index; whole rows where they lie in a row. */
export const gatherKernels = (
  { inputs, attrs, outputs }: NodeOf<"gather">,
  allocator: Allocator,
): readonly Kernel[] => {
  const [x, indices, out] = [...inputs, ...outputs] as [Value, Value, Value];
  const { dtype, shape } = out.type;
  const unit = elementBytes(dtype);
  const batch = indices.type.shape.slice(0, -1);
  const depth = attrs.startIndexMap.length;
  const addressing: Addressing = {
    shape: x.type.shape,
    unit,
    indexed: attrs.startIndexMap,
    batching: attrs.operandBatchingDims,
    indicesBatching: attrs.indicesBatchingDims,
    windowSizes: attrs.sliceSizes,
  };
  const strides = rowMajor(x.type.shape, unit);
  const outStrides = rowMajor(shape, unit);
  const windowAxes = complement(x.type.shape.length, [
    ...attrs.collapsedSliceDims,
    ...attrs.operandBatchingDims,
  ]);
  const window = mergeAxes(pick(attrs.sliceSizes, windowAxes), [
    pick(outStrides, attrs.offsetDims),
    pick(strides, windowAxes),
  ]);
  const batchAxes = complement(shape.length, attrs.offsetDims);
  const rows = sizeOf(batch);
  const cost = rows * (1 + depth) + sizeOf(shape) * unit * 0.03;
  const chunks = divide(rows, cost);
  const [from, at, to] = [x, indices, out].map((v) => allocator.bufferOf(v));
  if (from === undefined || at === undefined || to === undefined) return [];
  return [
    {
      name: "gather",
      reads: [from, at],
      writes: [to],
      chunks: chunks.count,
      cost,
      emit: (context) => {
        if (sizeOf(shape) === 0) return;
        const { code } = context;
        const walkers = [
          { base: context.address(to), strides: pick(outStrides, batchAxes) },
          { base: context.address(at), strides: rowMajor(batch, 4 * depth) },
          { base: context.address(from), strides: batchStrides(batch, addressing) },
        ];
        const source = code.local("i32");
        walk(code, batch, rangeOf(context, chunks), walkers, (locals) => {
          const [target, index, base] = locals as [typeof source, typeof source, typeof source];
          code.get(base).set(source);
          addClamped(code, addressing, index, source);
          moveBlock(code, dtype, "set", window, { target, source });
        });
      },
    },
  ];
};
