export { type AdamOptions, type AdamWOptions, adam, adamW } from "./adam.ts";
export { type ScaleByAdamOptions, type ScaleByAdamState, scaleByAdam } from "./scale-by-adam.ts";
