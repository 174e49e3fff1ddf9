export {
  type FilterResponseNormOptions,
  type FilterResponseNormParams,
  filterResponseNorm,
  type ThresholdParams,
  thresholdedLinearUnit,
} from "./filter-response-norm.ts";
export { type GlobalResponseNormOptions, globalResponseNorm } from "./global-response-norm.ts";
export {
  type LocalResponseNormOptions,
  localResponseNorm,
  type TensorflowLocalResponse,
  type TorchLocalResponse,
} from "./local-response-norm.ts";
