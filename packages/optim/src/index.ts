export type { AdamOptions, AdamWOptions } from "./adam.ts";
export { adam, adamW } from "./adam.ts";
export { addDecayedWeights } from "./add-decayed-weights.ts";
export { applyUpdates } from "./apply-updates.ts";
export type { ExtrasOf, StatesOf } from "./chain.ts";
export { chain, identity } from "./chain.ts";
export { clipByGlobalNorm, globalNorm } from "./clip-by-global-norm.ts";
export { biasCorrection } from "./count.ts";
export { joinSchedules, piecewiseConstantSchedule } from "./join-schedules.ts";
export type { LearningRateState, ScheduleState } from "./scale.ts";
export { scale, scaleByLearningRate, scaleBySchedule } from "./scale.ts";
export type { ScaleByAdamOptions, ScaleByAdamState } from "./scale-by-adam.ts";
export { scaleByAdam } from "./scale-by-adam.ts";
export type {
  CosineDecayScheduleOptions,
  DecayScheduleOptions,
  LinearScheduleOptions,
  Schedule,
} from "./schedules.ts";
export {
  constantSchedule,
  cosineDecaySchedule,
  exponentialDecaySchedule,
  inverseTimeDecaySchedule,
  linearSchedule,
} from "./schedules.ts";
export type { SgdOptions } from "./sgd.ts";
export { sgd } from "./sgd.ts";
export type { TraceOptions, TraceState } from "./trace.ts";
export { trace } from "./trace.ts";
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
