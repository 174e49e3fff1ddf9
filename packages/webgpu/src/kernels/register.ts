import { getKernel, type KernelConfig, registerKernel } from "@tensorflow/tfjs-core";
import { bitcast, uint32ToFloat } from "./convert.ts";
import { bitwise, int32Binary, uint32Binary, uint32Compare } from "./integer.ts";
import { take } from "./take.ts";
import { threefry2x32 } from "./threefry.ts";

const kernels: readonly KernelConfig[] = [
  threefry2x32,
  bitwise,
  bitcast,
  uint32ToFloat,
  uint32Compare,
  uint32Binary,
  int32Binary,
  take,
];

/** Adds to tfjs's `webgpu` backend the kernels for integers and random bits that it lacks. */
export const registerKernels = (): void => {
  for (const kernel of kernels) {
    // tfjs warns about a kernel that is there already.
    if (!getKernel(kernel.kernelName, kernel.backendName)) registerKernel(kernel);
  }
};
