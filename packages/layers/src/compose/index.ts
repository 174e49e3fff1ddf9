export { countParameters, describe, type LayerSummary } from "./describe.ts";
export { type FreezeOptions, freeze } from "./freeze.ts";
export { type LambdaOptions, lambda } from "./lambda.ts";
export type { MaskTree, ParameterMask } from "./mask.ts";
export { type ParallelOptions, parallel } from "./parallel.ts";
export {
  type ResidualOptions,
  type ResidualParams,
  type ResidualState,
  residual,
} from "./residual.ts";
export {
  type LayerCollection,
  type LayerNames,
  type Sequential,
  type SequentialParams,
  type SequentialState,
  sequential,
} from "./sequential.ts";
export {
  type HeadOptions,
  type Model,
  replaceLayer,
  takeLayers,
  withHead,
} from "./surgery.ts";
export { type ModelTotals, type TotalsOptions, toTable, totalsOf } from "./table.ts";
export { type TiedParams, type TieSource, tie } from "./tie.ts";
