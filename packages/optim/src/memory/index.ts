export { type AdafactorOptions, type AdafactorState, adafactor } from "./adafactor.ts";
export {
  type ScaleByFactoredRmsOptions,
  type ScaleByFactoredRmsState,
  scaleByFactoredRms,
} from "./scale-by-factored-rms.ts";
export { type ScaleBySm3Options, type ScaleBySm3State, scaleBySm3 } from "./scale-by-sm3.ts";
export { type Sm3Options, sm3 } from "./sm3.ts";
