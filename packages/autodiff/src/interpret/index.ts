export { interpreter } from "./executor.ts";
export { type Plan, type PlanStats, type PrepareOptions, prepare } from "./plan.ts";
