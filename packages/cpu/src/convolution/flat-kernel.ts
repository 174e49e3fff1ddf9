import { at } from "@layerwise/autodiff/executor";
import type { Allocator, Buffer, Kernel } from "../kernel/kernel.ts";
import { type Axis, mergeAxes, stepsOf } from "../product/axes.ts";
import { copyKernel } from "../product/copy.ts";
import type { Contraction } from "./contraction.ts";

const stride = (axis: Axis, array: number): number => at(axis.strides, array);

/** The kernel of a convolution with its summed axes as one. */
export interface FlatKernel {
  readonly buffer: Buffer;
  /** First element, then elements between groups, summed elements and features. */
  readonly w: readonly [first: number, group: number, depth: number, feature: number];
  /** What must run before. */
  readonly kernels: readonly Kernel[];
}

/** The kernel with its summed axes as one: [groups] [summed] [features], copied where it is not. */
export const flatKernel = (
  c: Contraction,
  summed: readonly Axis[],
  allocator: Allocator,
): FlatKernel => {
  const only = (axis: Axis): Axis => ({ size: axis.size, strides: [stride(axis, 1)] });
  const merged = mergeAxes(summed.map(only));
  const [groups, features] = [c.groups.size, c.features.size];
  const depth = stepsOf(summed);
  if (merged.length <= 1) {
    const step = merged[0]?.strides[0] ?? 1;
    const w = [c.offsets[1], stride(c.groups, 1), step, stride(c.features, 1)] as const;
    return { buffer: c.kernel, w, kernels: [] };
  }
  const buffer = allocator.temporary(c.kernel.dtype, groups * depth * features);
  const axes = [c.groups, ...summed, c.features].map(only);
  const kernel = copyKernel(c.kernel, axes, buffer, c.offsets[1]);
  return { buffer, w: [0, depth * features, features, 1], kernels: [kernel] };
};
