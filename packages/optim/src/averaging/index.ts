export { type EmaParamsOptions, type EmaParamsState, emaParams } from "./ema-params.ts";
export { type SwaParamsOptions, type SwaParamsState, swaParams } from "./swa-params.ts";
export { updateStatistics } from "./update-statistics.ts";
export type { WeightAverage } from "./weight-average.ts";
export { type WithAverageOptions, type WithAverageState, withAverage } from "./with-average.ts";
