import { type NodeOf, sizeOf, type Value } from "@layerwise/autodiff/executor";
import { accumulator } from "../indexing/accumulator.ts";
import { divide, rangeOf } from "../indexing/chunks.ts";
import { columns } from "../indexing/columns.ts";
import { loadVector, storeVector } from "../indexing/element.ts";
import { rowMajor } from "../indexing/walk.ts";
import { type Allocator, elementBytes, type Kernel } from "../kernel/kernel.ts";
import type { Local } from "../wasm/locals.ts";
import { forEachWindow, windowsOf } from "./windows.ts";

/** Sums of more numbers than this are added up in double precision. */
const LONG = 64;

/** Combines the elements of each window; padding counts as the identity. */
export const reduceWindowKernels = (
  { inputs, attrs, outputs }: NodeOf<"reduce_window">,
  allocator: Allocator,
): readonly Kernel[] => {
  const [x, result] = [inputs[0] as Value, outputs[0] as Value];
  const { dtype, shape } = result.type;
  const unit = elementBytes(dtype);
  const windows = windowsOf(x.type.shape, shape, attrs);
  const [from, to] = [allocator.bufferOf(x), allocator.bufferOf(result)];
  const vectors = windows.count * Math.ceil(windows.width / 4);
  const cost = windows.count * 2 + vectors * (1 + windows.elements);
  const chunks = divide(windows.count, cost);
  const precise = windows.elements > LONG;
  return [
    {
      name: `reduce_window ${attrs.monoid}`,
      reads: [from],
      writes: [to],
      chunks: chunks.count,
      cost,
      emit: (context) => {
        if (sizeOf(shape) === 0) return;
        const { code } = context;
        const operand = { base: context.address(from), unit };
        const strides = rowMajor(shape, unit).slice(0, windows.axes.length);
        const walkers = [{ base: context.address(to), strides }];
        const [target, element] = [code.local("i32"), code.local("i32")];
        const vector = code.local("v128");
        const range = rangeOf(context, chunks);
        forEachWindow(code, windows, range, operand, walkers, ({ locals, corner, each }) => {
          code.get(locals[0] as Local).set(target);
          const pointers = [corner, target].map((local) => ({ local, unit }));
          columns(code, windows.width, 4, pointers, (lanes) => {
            const all = lanes.map((n) => accumulator(code, dtype, attrs.monoid, n, precise));
            for (const one of all) one.reset();
            code.get(corner).set(element);
            each(element, () => {
              all.forEach((one, i) => {
                loadVector(code.get(element), dtype, 4 * i * unit).set(vector);
                one.fold(vector);
              });
            });
            all.forEach((one, i) => {
              one.push();
              code.set(vector);
              storeVector(code, dtype, target, vector, lanes[i] as number, 4 * i * unit);
              one.release();
            });
          });
        });
      },
    },
  ];
};
