import type { TensorTree } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { axesBut, positiveAxes } from "../core/axes.ts";

/** Parameters of a layer whose weights are one tensor named `kernel`. */
export type KernelParams = { readonly kernel: Tensor } & { readonly [name: string]: TensorTree };

/** The same parameters with something else in place of the kernel. */
export type WithKernel<P, K> = {
  readonly [Name in keyof P]: Name extends "kernel" ? K : P[Name];
};

/** Where a kernel has its outputs. */
export interface OutputAxesOptions {
  /**
   * The axes of the kernel that make the outputs. Default [-1], as in dense and convolution kernels;
   * [-2, -1] for depthwise and [-2] for transposed convolution.
   */
  readonly outputAxes?: readonly number[] | undefined;
}

/** All axes of a kernel but those of its outputs. */
export function inputAxes(kind: string, kernel: Tensor, outputAxes: readonly number[]): number[] {
  return axesBut(kernel.rank, ...positiveAxes(kind, outputAxes, kernel.rank));
}
