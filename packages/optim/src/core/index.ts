export { addDecayedWeights } from "./add-decayed-weights.ts";
export { applyUpdates } from "./apply-updates.ts";
export { type Hyperparameter, movingAverage } from "./arithmetic.ts";
export { chain, type ExtrasOf, identity, type StatesOf } from "./chain.ts";
export { biasCorrection } from "./count.ts";
export type { GradFnExtra, HvpExtra, LinesearchExtra, ValueExtra } from "./extras.ts";
export type { LearningRate, Schedule } from "./learning-rate.ts";
export {
  type NamedExtrasOf,
  type NamedStatesOf,
  type NamedTransformations,
  namedChain,
} from "./named-chain.ts";
export {
  type LearningRateState,
  type ScheduleState,
  scale,
  scaleByLearningRate,
  scaleBySchedule,
} from "./scale.ts";
export type {
  AnyTransformation,
  EmptyState,
  ExtraOf,
  GradientTransformation,
  NoExtra,
  OptimizerState,
  UpdateArgs,
  UpdateResult,
} from "./transformation.ts";
