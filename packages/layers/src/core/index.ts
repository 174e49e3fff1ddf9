export type {
  ApplyOptions,
  ApplyResult,
  Layer,
  LayerContainer,
  LayerCost,
  LayerPart,
  ParamsOf,
  Shape,
  StateOf,
  Variables,
} from "./layer.ts";
export { atPath, LayerError, showShape } from "./layer-error.ts";
