import { type NodeOf, sizeOf, type Value } from "@layerwise/autodiff/executor";
import { divide } from "../indexing/chunks.ts";
import { loadBits, storeBits } from "../indexing/element.ts";
import { rowMajor } from "../indexing/walk.ts";
import { type Allocator, type Buffer, elementBytes, type Kernel } from "../kernel/kernel.ts";
import { emitSelection, selectionCost } from "./select.ts";
import { windowsOf } from "./windows.ts";

/** Takes, for each window of the operand, the value at its first maximum; 0 where it has none. */
export const selectAndGatherKernels = (
  { inputs, attrs, outputs }: NodeOf<"select_and_gather">,
  allocator: Allocator,
): readonly Kernel[] => {
  const [x, values, result] = [...inputs, ...outputs] as [Value, Value, Value];
  const { dtype, shape } = result.type;
  const unit = elementBytes(dtype);
  const windows = windowsOf(x.type.shape, shape, attrs);
  const [operand, lookup, each] = [x, values, result].map((v) => allocator.bufferOf(v)) as [
    Buffer,
    Buffer,
    Buffer,
  ];
  const cost = selectionCost(windows);
  const chunks = divide(windows.count, cost);
  const strides = rowMajor(shape, unit).slice(0, windows.axes.length);
  return [
    {
      name: "select_and_gather",
      reads: [operand, lookup],
      writes: [each],
      chunks: chunks.count,
      cost,
      emit: (context) => {
        if (sizeOf(shape) === 0) return;
        const { code } = context;
        const selection = { windows, chunks, scale: 1, operand, each, strides, lookup };
        emitSelection(
          context,
          selection,
          (place, element, offset) => {
            loadBits(code.get(element).get(place), dtype);
            storeBits(code, dtype, offset);
          },
          (element, count) => {
            code
              .get(element)
              .i32(0)
              .i32(count * unit)
              .memoryFill();
          },
        );
      },
    },
  ];
};
