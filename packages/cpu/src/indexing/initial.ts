import type { Value } from "@layerwise/autodiff/executor";
import {
  type Allocator,
  type Buffer,
  bufferBytes,
  type Kernel,
  type KernelContext,
} from "../kernel/kernel.ts";
import { chunksFor } from "./chunks.ts";

/** Of one core, about, for sizes around that of its caches. */
const NANOSECONDS_PER_BYTE = 0.03;

/**
 * A kernel over pieces of equal size of a buffer, but for the last. `emit` is given what pushes the
 * first byte of a piece and what pushes its size.
 */
const overBytes = (
  target: Buffer,
  kernel: Pick<Kernel, "name" | "reads" | "inPlace">,
  emit: (context: KernelContext, first: () => void, size: () => void) => void,
): Kernel => {
  const bytes = bufferBytes(target);
  const cost = bytes * NANOSECONDS_PER_BYTE;
  const piece = 64 * Math.max(1, Math.ceil(bytes / 64 / chunksFor(cost)));
  const chunks = Math.max(1, Math.ceil(bytes / piece));
  return {
    ...kernel,
    writes: [target],
    chunks,
    cost,
    emit: (context) => {
      if (bytes === 0) return;
      const { code, chunk } = context;
      const first = (): void => {
        code.get(chunk).i32(piece).op("i32.mul");
      };
      const size = (): void => {
        const last = chunks - 1;
        code.i32(bytes - last * piece).i32(piece);
        code.get(chunk).i32(last).op("i32.eq").op("select");
      };
      emit(context, first, size);
    },
  };
};

/** Fills a buffer with zeros. */
export const zeroKernel = (target: Buffer): Kernel =>
  overBytes(target, { name: "zeros", reads: [] }, (context, first, size) => {
    const { code } = context;
    code.get(context.address(target));
    first();
    code.op("i32.add").i32(0);
    size();
    code.memoryFill();
  });

/** Copies a buffer to another, or does nothing where both are the same memory. */
const copyKernel = (target: Buffer, source: Buffer): Kernel =>
  overBytes(
    target,
    { name: "copy", reads: [source], inPlace: [[target, source]] },
    (context, first, size) => {
      const { code } = context;
      const [to, from] = [context.address(target), context.address(source)];
      code.get(to).get(from).op("i32.ne");
      code.if(() => {
        for (const address of [to, from]) {
          code.get(address);
          first();
          code.op("i32.add");
        }
        size();
        code.memoryCopy();
      });
    },
  );

/** Whether all elements of a value are known to be zeros (and not −0). */
const isZeros = ({ producer }: Value): boolean => {
  if (producer?.op === "constant") {
    const { data } = producer.attrs;
    return data.length === 1 && Object.is(data[0], 0);
  }
  const operand = producer?.inputs[0];
  const spreads = producer?.op === "broadcast_in_dim" || producer?.op === "reshape";
  return spreads && operand !== undefined && isZeros(operand);
};

/**
 * Makes the memory of a result hold the operand that an operation then changes in part. This is a
 * kernel of its own, which reads the operand only: the result may take over the operand's memory
 * even though the changes come from other buffers and in any order.
 */
export const initialKernel = (operand: Value, result: Value, allocator: Allocator): Kernel => {
  const target = allocator.bufferOf(result);
  return isZeros(operand) ? zeroKernel(target) : copyKernel(target, allocator.bufferOf(operand));
};
