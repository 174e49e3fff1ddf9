export { type AcpropOptions, acprop } from "./acprop.ts";
export { type AdaBeliefOptions, adaBelief } from "./ada-belief.ts";
export { adaBound } from "./ada-bound.ts";
export { type AdaMaxOptions, type AdaMaxWOptions, adaMax, adaMaxW } from "./ada-max.ts";
export { adaMod } from "./ada-mod.ts";
export {
  type AdamEpsInRootOptions,
  type AdamOptions,
  type AdamWOptions,
  adam,
  adamEpsInRoot,
  adamL2,
  adamW,
} from "./adam.ts";
export { type AdamPOptions, adamP, type SgdPOptions, sgdP } from "./adam-p.ts";
export { type AdanOptions, adan } from "./adan.ts";
export {
  type AdemamixOptions,
  ademamix,
  type SimplifiedAdemamixOptions,
  simplifiedAdemamix,
} from "./ademamix.ts";
export { type AdoptOptions, adopt } from "./adopt.ts";
export { type AmsGradOptions, type AmsGradWOptions, amsGrad, amsGradW } from "./ams-grad.ts";
export { type DiffGradOptions, diffGrad } from "./diff-grad.ts";
export { type HalfLifeScheduleOptions, halfLifeSchedule } from "./half-life-schedule.ts";
export { type LaPropOptions, laProp } from "./la-prop.ts";
export { type NadamOptions, type NadamWOptions, nadam, nadamW } from "./nadam.ts";
export { type OptimisticAdamOptions, optimisticAdam } from "./optimistic-adam.ts";
export { type ProjectRadialOptions, projectRadial } from "./project-radial.ts";
export { type QhadamOptions, qhadam } from "./qhadam.ts";
export { type RadamOptions, radam } from "./radam.ts";
export { type ScaleByAcpropOptions, scaleByAcprop } from "./scale-by-acprop.ts";
export {
  type ScaleByAdaboundOptions,
  type ScaleByAdaboundState,
  scaleByAdabound,
} from "./scale-by-adabound.ts";
export { type ScaleByAdamOptions, type ScaleByAdamState, scaleByAdam } from "./scale-by-adam.ts";
export { type ScaleByAdamaxOptions, scaleByAdamax } from "./scale-by-adamax.ts";
export {
  type ScaleByAdamodOptions,
  type ScaleByAdamodState,
  scaleByAdamod,
} from "./scale-by-adamod.ts";
export { type ScaleByAdanOptions, type ScaleByAdanState, scaleByAdan } from "./scale-by-adan.ts";
export {
  type ScaleByAdemamixOptions,
  type ScaleByAdemamixState,
  type ScaleBySimplifiedAdemamixOptions,
  scaleByAdemamix,
  scaleBySimplifiedAdemamix,
} from "./scale-by-ademamix.ts";
export { type ScaleByAdoptOptions, scaleByAdopt } from "./scale-by-adopt.ts";
export {
  type ScaleByAmsgradOptions,
  type ScaleByAmsgradState,
  scaleByAmsgrad,
} from "./scale-by-amsgrad.ts";
export { type ScaleByBeliefOptions, scaleByBelief } from "./scale-by-belief.ts";
export {
  type ScaleByDiffgradOptions,
  type ScaleByDiffgradState,
  scaleByDiffgrad,
} from "./scale-by-diffgrad.ts";
export {
  type ScaleByNadamOptions,
  type ScaleByNadamState,
  scaleByNadam,
} from "./scale-by-nadam.ts";
export { type ScaleByQhadamOptions, scaleByQhadam } from "./scale-by-qhadam.ts";
export { type ScaleByRadamOptions, scaleByRadam } from "./scale-by-radam.ts";
export { type ScaleByYogiOptions, scaleByYogi } from "./scale-by-yogi.ts";
export { type YogiOptions, yogi } from "./yogi.ts";
