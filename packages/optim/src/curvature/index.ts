export { type AdaHessianOptions, adaHessian } from "./ada-hessian.ts";
export {
  type HutchinsonOptions,
  hutchinsonDiagonal,
} from "./hutchinson-diagonal.ts";
export {
  type ScaleByAdahessianOptions,
  type ScaleByAdahessianState,
  scaleByAdahessian,
} from "./scale-by-adahessian.ts";
export {
  type ScaleBySophiaOptions,
  type ScaleBySophiaState,
  scaleBySophia,
} from "./scale-by-sophia.ts";
export { type SophiaOptions, sophia } from "./sophia.ts";
