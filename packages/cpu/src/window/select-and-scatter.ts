import { type NodeOf, sizeOf, type Value } from "@layerwise/autodiff/executor";
import { divide } from "../indexing/chunks.ts";
import { loadBits, storeBits } from "../indexing/element.ts";
import { zeroKernel } from "../indexing/initial.ts";
import { rowMajor } from "../indexing/walk.ts";
import { type Allocator, type Buffer, elementBytes, type Kernel } from "../kernel/kernel.ts";
import { emitSelection, selectionCost } from "./select.ts";
import { windowsOf } from "./windows.ts";

/** Zeros, to which each window's source element is added where the window has its first maximum. */
export const selectAndScatterKernels = (
  { inputs, attrs, outputs }: NodeOf<"select_and_scatter">,
  allocator: Allocator,
): readonly Kernel[] => {
  const [x, source, result] = [...inputs, ...outputs] as [Value, Value, Value];
  const { dtype, shape } = source.type;
  const windows = windowsOf(x.type.shape, shape, attrs);
  const [operand, each, to] = [x, source, result].map((v) => allocator.bufferOf(v)) as [
    Buffer,
    Buffer,
    Buffer,
  ];
  const cost = selectionCost(windows);
  // Windows that share elements stay in one chunk and in order.
  const tasks = sizeOf(windows.axes.slice(0, windows.apart).map(({ count }) => count));
  const chunks = divide(tasks, cost);
  const scale = windows.count / Math.max(1, tasks);
  const strides = rowMajor(shape, elementBytes(dtype)).slice(0, windows.axes.length);
  return [
    zeroKernel(to),
    {
      name: "select_and_scatter",
      reads: [operand, each, to],
      writes: [to],
      chunks: chunks.count,
      cost,
      emit: (context) => {
        if (sizeOf(shape) === 0 || operand.size === 0) return;
        const { code } = context;
        const selection = { windows, chunks, scale, operand, each, strides, lookup: to };
        emitSelection(context, selection, (place, element, offset) => {
          code.get(place);
          if (dtype === "f32") {
            code.get(place).memory("f32.load").get(element).memory("f32.load", offset);
            code.op("f32.add").memory("f32.store");
          } else {
            loadBits(code.get(place), dtype);
            loadBits(code.get(element), dtype, offset).op("i32.add");
            storeBits(code, dtype);
          }
        });
      },
    },
  ];
};
