export { type ApplyEveryState, applyEvery } from "./apply-every.ts";
export {
  type ApplyIfFiniteOptions,
  type ApplyIfFiniteState,
  applyIfFinite,
} from "./apply-if-finite.ts";
export {
  type ConditionalState,
  conditionallyMask,
  conditionallyTransform,
} from "./conditionally.ts";
export { allFinite, type Condition, skipLargeUpdates, skipNotFinite } from "./conditions.ts";
export {
  type InjectedArgs,
  type InjectHyperparamsOptions,
  type InjectHyperparamsState,
  injectHyperparams,
  type LiveNames,
  setHyperparams,
} from "./inject-hyperparams.ts";
export { keepParamsNonnegative } from "./keep-params-nonnegative.ts";
export { type LayerDecayOptions, layerDecay } from "./layer-decay.ts";
export { freeze, type Mask, masked, setToZero } from "./masked.ts";
export { decayMask, noDecayMask } from "./masks.ts";
export {
  hasUpdated,
  type MultiStepsOptions,
  type MultiStepsState,
  multiSteps,
} from "./multi-steps.ts";
export { type GroupMatch, type GroupsOf, type ParamGroup, paramGroups } from "./param-groups.ts";
export { type Labels, partition } from "./partition.ts";
export type { PerParameter, PrefixTree } from "./subset.ts";
export { type ZeroNansState, zeroNans } from "./zero-nans.ts";
