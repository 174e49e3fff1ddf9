export { joinSchedules, multiplySchedules } from "./combine.ts";
export {
  type CosineAnnealingScheduleOptions,
  type CosineDecayScheduleOptions,
  cosineAnnealingSchedule,
  cosineDecaySchedule,
} from "./cosine.ts";
export { type CyclicMode, type CyclicScheduleOptions, cyclicSchedule } from "./cyclic.ts";
export {
  type DecayScheduleOptions,
  type ExponentialDecayScheduleOptions,
  exponentialDecaySchedule,
  type InversePowerDecayScheduleOptions,
  inversePowerDecaySchedule,
  inverseTimeDecaySchedule,
  type StepDecayScheduleOptions,
  stepDecaySchedule,
} from "./decay.ts";
export type { Interpolation } from "./interpolate.ts";
export {
  type LinearToConstantScheduleOptions,
  linearToConstantSchedule,
  robbinsMonroSchedule,
} from "./lecture.ts";
export {
  type OneCycleHeights,
  type OneCycleMomentumScheduleOptions,
  type OneCyclePhases,
  type OneCycleScheduleOptions,
  oneCycleMomentumSchedule,
  oneCycleSchedule,
} from "./one-cycle.ts";
export {
  type CosineOneCycleScheduleOptions,
  cosineOneCycleSchedule,
  type LinearOneCycleScheduleOptions,
  linearOneCycleSchedule,
} from "./optax-one-cycle.ts";
export { piecewiseConstantSchedule, piecewiseInterpolateSchedule } from "./piecewise.ts";
export {
  type ReduceOnPlateauExtra,
  type ReduceOnPlateauOptions,
  type ReduceOnPlateauState,
  reduceOnPlateau,
} from "./plateau.ts";
export {
  type ConstantFactorScheduleOptions,
  constantFactorSchedule,
  constantSchedule,
  type LinearScheduleOptions,
  linearSchedule,
  type PolynomialScheduleOptions,
  polynomialSchedule,
} from "./polynomial.ts";
export {
  type CosineRestartsScheduleOptions,
  cosineRestartsSchedule,
  sgdrSchedule,
} from "./restarts.ts";
export { type RexScheduleOptions, rexSchedule } from "./rex.ts";
export {
  type WarmupCosineDecayScheduleOptions,
  type WarmupExponentialDecayScheduleOptions,
  type WarmupScheduleOptions,
  warmupConstantSchedule,
  warmupCosineDecaySchedule,
  warmupExponentialDecaySchedule,
} from "./warm-up.ts";
export {
  type DecayShape,
  type WarmupStableDecayScheduleOptions,
  warmupStableDecaySchedule,
} from "./wsd.ts";
