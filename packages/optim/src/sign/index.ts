export { type LionOptions, lion } from "./lion.ts";
export { type RpropOptions, rprop } from "./rprop.ts";
export {
  type LionMode,
  type ScaleByLionOptions,
  type ScaleByLionState,
  scaleByLion,
} from "./scale-by-lion.ts";
export {
  type ScaleByRpropOptions,
  type ScaleByRpropState,
  scaleByRprop,
} from "./scale-by-rprop.ts";
export { scaleBySign } from "./scale-by-sign.ts";
export { type SignSgdOptions, type SignumOptions, signSgd, signum } from "./sign-sgd.ts";
