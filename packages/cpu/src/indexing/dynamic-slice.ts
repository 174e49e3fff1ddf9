import { type NodeOf, type Shape, sizeOf, type Value } from "@layerwise/autodiff/executor";
import { type Allocator, type Buffer, elementBytes, type Kernel } from "../kernel/kernel.ts";
import type { Local } from "../wasm/locals.ts";
import { chunksFor, divide, equalPieces, rangeOf } from "./chunks.ts";
import { initialKernel } from "./initial.ts";
import { clampStart, moveBlock, offsetBy } from "./run.ts";
import { mergeAxes, rowMajor, walk } from "./walk.ts";

/** A block of an array at a start that is read at run time. */
interface Block {
  readonly sizes: Shape;
  readonly whole: Value;
  /** Scalars, one per axis. */
  readonly starts: readonly Buffer[];
}

/** Copies between a block of `inside` and `block`, whose elements lie in a row. */
const blockKernel = (
  name: string,
  { sizes, whole, starts }: Block,
  buffers: { readonly inside: Buffer; readonly block: Buffer },
  into: boolean,
): Kernel => {
  const { dtype, shape } = whole.type;
  const unit = elementBytes(dtype);
  const cost = sizeOf(sizes) * unit * 0.03;
  const strides = rowMajor(shape, unit);
  const merged = mergeAxes(sizes, [strides, rowMajor(sizes, unit)]);
  // The outermost axis is divided among chunks; a single run is cut into lines of the cache.
  const outermost = merged.sizes[0] ?? 1;
  const lines = merged.sizes.length === 1 ? 64 / unit : 1;
  const tasks = equalPieces(outermost, lines, Math.max(16, chunksFor(cost)));
  const [inside, inBlock] = merged.strides.map((list) => (list[0] ?? 0) * (outermost / tasks));
  const piece = merged.sizes.map((size, axis) => (axis === 0 ? size / tasks : size));
  const chunks = divide(tasks, cost);
  const { inside: outer, block } = buffers;
  return {
    name,
    reads: into ? [block, outer, ...starts] : [outer, ...starts],
    writes: [into ? outer : block],
    chunks: chunks.count,
    cost,
    emit: (context) => {
      if (sizeOf(sizes) === 0) return;
      const { code } = context;
      const start = code.local("i32");
      code.get(context.address(outer)).set(start);
      starts.forEach((scalar, axis) => {
        const room = (shape[axis] as number) - (sizes[axis] as number);
        if (room === 0) return;
        code.get(context.address(scalar)).memory("i32.load");
        clampStart(code, room);
        offsetBy(code, start, strides[axis] as number);
      });
      const walkers = [
        { base: start, strides: [inside as number] },
        { base: context.address(block), strides: [inBlock as number] },
      ];
      walk(code, [tasks], rangeOf(context, chunks), walkers, (locals) => {
        const [a, b] = locals as [Local, Local];
        const [target, source] = into ? [a, b] : [b, a];
        const strides = into ? merged.strides : merged.strides.toReversed();
        moveBlock(code, dtype, "set", { sizes: piece, strides }, { target, source });
      });
    },
  };
};

/** Copies the slice at a clamped start. */
export const dynamicSliceKernels = (
  { inputs, attrs, outputs }: NodeOf<"dynamic_slice">,
  allocator: Allocator,
): readonly Kernel[] => {
  const [whole, ...scalars] = inputs as readonly [Value, ...Value[]];
  const starts = scalars.map((v) => allocator.bufferOf(v));
  const buffers = {
    inside: allocator.bufferOf(whole),
    block: allocator.bufferOf(outputs[0] as Value),
  };
  const block = { sizes: attrs.sizes, whole, starts };
  return [blockKernel("dynamic_slice", block, buffers, false)];
};

/** Copies the operand unless the result has its memory, then the update over it. */
export const dynamicUpdateSliceKernels = (
  { inputs, outputs }: NodeOf<"dynamic_update_slice">,
  allocator: Allocator,
): readonly Kernel[] => {
  const [whole, update, ...scalars] = inputs as readonly [Value, Value, ...Value[]];
  const result = outputs[0] as Value;
  const starts = scalars.map((v) => allocator.bufferOf(v));
  const buffers = { inside: allocator.bufferOf(result), block: allocator.bufferOf(update) };
  const block = { sizes: update.type.shape, whole, starts };
  return [
    initialKernel(whole, result, allocator),
    blockKernel("dynamic_update_slice", block, buffers, true),
  ];
};
