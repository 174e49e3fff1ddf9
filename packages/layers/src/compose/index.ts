export { describe, type LayerSummary, toTable } from "./describe.ts";
export {
  type LayerCollection,
  type LayerNames,
  type Sequential,
  type SequentialParams,
  type SequentialState,
  sequential,
} from "./sequential.ts";
