export { type AligOptions, alig } from "./alig.ts";
export { type CocobOptions, cocob } from "./cocob.ts";
export { type DadaptAdamWOptions, type DadaptAdamWState, dadaptAdamW } from "./dadapt-adamw.ts";
export { type DadaptSgdOptions, type DadaptSgdState, dadaptSgd } from "./dadapt-sgd.ts";
export { type DogOptions, type DowgOptions, dog, dowg } from "./dog.ts";
export { type MechanicState, type MechanizeOptions, mechanize } from "./mechanize.ts";
export { type MomoOptions, type MomoState, momo } from "./momo.ts";
export { type MomoAdamOptions, type MomoAdamState, momoAdam } from "./momo-adam.ts";
export type { MomoModelOptions } from "./momo-model.ts";
export {
  type PolyakSgdOptions,
  polyakSgd,
  type ScaleByPolyakOptions,
  scaleByPolyak,
} from "./polyak.ts";
export { type ProdigyOptions, type ProdigyState, prodigy } from "./prodigy.ts";
export {
  type ScaleByCocobOptions,
  type ScaleByCocobState,
  scaleByCocob,
} from "./scale-by-cocob.ts";
export {
  type DogInitStep,
  type ScaleByDogOptions,
  type ScaleByDogState,
  scaleByDog,
} from "./scale-by-dog.ts";
export {
  type ScaleByDowgOptions,
  type ScaleByDowgState,
  scaleByDowg,
} from "./scale-by-dowg.ts";
