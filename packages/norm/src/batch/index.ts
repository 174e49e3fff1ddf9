export {
  type BatchNorm,
  type BatchNormApplyOptions,
  type BatchNormOptions,
  batchNorm,
} from "./batch-norm.ts";
export {
  type BatchRenorm,
  type BatchRenormOptions,
  batchRenorm,
  type RenormLimits,
} from "./batch-renorm.ts";
export {
  type DecorrelatedBatchNormOptions,
  type DecorrelatedState,
  decorrelatedBatchNorm,
} from "./decorrelated-batch-norm.ts";
export { type FoldBatchNormOptions, foldBatchNorm } from "./fold-batch-norm.ts";
export { type GhostBatchNormOptions, ghostBatchNorm } from "./ghost-batch-norm.ts";
