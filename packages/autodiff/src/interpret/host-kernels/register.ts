import { getKernel, type KernelFunc, registerKernel } from "@tensorflow/tfjs-core";
import { copyKernel } from "./copy.ts";
import {
  bitcast,
  bitwise,
  floatToInteger,
  int32Binary,
  uint32Binary,
  uint32ToFloat,
} from "./integers.ts";
import { maxPoolGradient } from "./max-pool-gradient.ts";
import { threefry } from "./threefry.ts";

const KERNELS: Readonly<Record<string, KernelFunc>> = {
  LayerwiseBitcast: bitcast,
  LayerwiseBitwise: bitwise,
  LayerwiseCopy: copyKernel,
  LayerwiseFloatToInteger: floatToInteger,
  LayerwiseInt32Binary: int32Binary,
  LayerwiseMaxPoolGradient: maxPoolGradient,
  LayerwiseThreefry2x32: threefry,
  LayerwiseUint32Binary: uint32Binary,
  LayerwiseUint32ToFloat: uint32ToFloat,
};

/**
 * Gives a backend whose values can be read synchronously the kernels that tfjs lacks. A backend
 * that brings its own under the same names keeps them.
 */
export const registerHostKernels = (backendName: string): void => {
  for (const [kernelName, kernelFunc] of Object.entries(KERNELS)) {
    if (getKernel(kernelName, backendName) === undefined) {
      registerKernel({ kernelName, backendName, kernelFunc });
    }
  }
};
