export { type ConjugateGradientState, conjugateGradient } from "./conjugate-gradient.ts";
export { type LbfgsOptions, type LbfgsState, lbfgs } from "./lbfgs.ts";
export type { LbfgsMemory } from "./lbfgs-memory.ts";
export {
  type ScaleByBacktrackingLinesearchOptions,
  type ScaleByBacktrackingLinesearchState,
  scaleByBacktrackingLinesearch,
} from "./scale-by-backtracking-linesearch.ts";
export {
  type ScaleByConjugateGradientState,
  scaleByConjugateGradient,
} from "./scale-by-conjugate-gradient.ts";
export {
  type ScaleByLbfgsOptions,
  type ScaleByLbfgsState,
  scaleByLbfgs,
} from "./scale-by-lbfgs.ts";
export {
  type ScaleByZoomLinesearchOptions,
  type ScaleByZoomLinesearchState,
  scaleByZoomLinesearch,
} from "./scale-by-zoom-linesearch.ts";
export { valueAndGradFromState } from "./value-and-grad-from-state.ts";
export { withGrads } from "./with-grads.ts";
export type { ZoomOptions } from "./zoom.ts";
