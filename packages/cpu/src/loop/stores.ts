import { at } from "@layerwise/autodiff/executor";
import type { KernelContext } from "../kernel/kernel.ts";
import { storeRun } from "./access.ts";
import type { Nest } from "./nest.ts";
import type { Place, StepWriter } from "./steps.ts";

/** Writes the stores of a loop at one place; all its values are computed. */
export const writeStores = (
  context: KernelContext,
  nest: Nest,
  steps: StepWriter,
  vectorStrides: readonly number[],
  { pointers, slots, width }: Place,
): void => {
  nest.loop.stores.forEach(({ value, access }, i) => {
    const track = at(nest.storeTracks, i);
    const pointer = at(pointers, track);
    const stride = vectorStrides[track] ?? 0;
    const { dtype } = access.buffer;
    const bytes = dtype === "bool" ? 1 : 4;
    for (let slot = 0; slot < slots; slot++) {
      const shift = 4 * slot * stride * bytes;
      storeRun(context.code, { dtype, pointer, shift, stride, width }, steps.value(value, slot));
    }
  });
};
