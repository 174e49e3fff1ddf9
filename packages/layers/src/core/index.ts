export type {
  ApplyOptions,
  ApplyResult,
  Layer,
  ParamsOf,
  Shape,
  StateOf,
  Variables,
} from "./layer.ts";
export { atPath, LayerError, showShape } from "./layer-error.ts";
