export { type AdaDeltaOptions, adaDelta } from "./ada-delta.ts";
export { type AdaGradOptions, adaGrad } from "./ada-grad.ts";
export { type FtrlOptions, type FtrlState, ftrl } from "./ftrl.ts";
export { type NesterovRmsPropOptions, nesterovRmsProp } from "./nesterov-rms-prop.ts";
export { type RmsPropOptions, type RmsPropState, rmsProp } from "./rms-prop.ts";
export {
  type ScaleByAdadeltaOptions,
  type ScaleByAdadeltaState,
  scaleByAdadelta,
} from "./scale-by-adadelta.ts";
export { type ScaleByRmsOptions, type ScaleByRmsState, scaleByRms } from "./scale-by-rms.ts";
export { type ScaleByRssOptions, type ScaleByRssState, scaleByRss } from "./scale-by-rss.ts";
export { type ScaleByStddevState, scaleByStddev } from "./scale-by-stddev.ts";
