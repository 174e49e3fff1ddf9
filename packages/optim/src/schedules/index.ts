export { joinSchedules, piecewiseConstantSchedule } from "./join-schedules.ts";
export {
  type CosineDecayScheduleOptions,
  constantSchedule,
  cosineDecaySchedule,
  type DecayScheduleOptions,
  exponentialDecaySchedule,
  inverseTimeDecaySchedule,
  type LinearScheduleOptions,
  linearSchedule,
} from "./schedules.ts";
