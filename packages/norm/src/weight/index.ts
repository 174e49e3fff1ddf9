export type { OutputAxesOptions, WithKernel } from "./kernel.ts";
export {
  type SpectralNormOptions,
  type SpectralNormState,
  spectralNorm,
} from "./spectral-norm.ts";
export {
  type LengthAndDirection,
  type WeightNormParams,
  weightNorm,
  weightNormFromData,
} from "./weight-norm.ts";
export {
  type StandardizedKernel,
  type WeightStandardizationOptions,
  type WeightStandardizationParams,
  weightStandardization,
} from "./weight-standardization.ts";
