export {
  type AdaptiveInstanceNormOptions,
  adaptiveInstanceNorm,
  type Style,
  styleOf,
} from "./adaptive-instance-norm.ts";
export { type EvoNormOptions, type EvoNormParams, evoNorm } from "./evo-norm.ts";
export { type GroupNormOptions, groupNorm } from "./group-norm.ts";
export { type InstanceNormOptions, instanceNorm } from "./instance-norm.ts";
