import type { Kernel } from "../kernel/kernel.ts";
import type { Access, MapLoop } from "./loop.ts";
import { mapKernel } from "./map.ts";

/** The loop that copies the elements of one access to another. */
export const copyLoop = (sizes: readonly number[], from: Access, to: Access): MapLoop => ({
  sizes,
  steps: [{ kind: "load", dtype: from.buffer.dtype, access: from }],
  stores: [{ value: { step: 0, output: 0 }, access: to }],
});

/** The kernel of a copy between two accesses of buffers of one dtype. */
export const copyKernel = (
  sizes: readonly number[],
  from: Access,
  to: Access,
  name = "copy",
): Kernel => mapKernel(copyLoop(sizes, from, to), name);
