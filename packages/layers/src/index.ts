export { activation } from "./activation.ts";
export type { DenseOptions, DenseParams } from "./dense.ts";
export { dense } from "./dense.ts";
export type { LayerSummary } from "./describe.ts";
export { describe, toTable } from "./describe.ts";
export type { ActivationFunction, ActivationName } from "./functions.ts";
export { activations, identity, relu, sigmoid, softmax, tanh } from "./functions.ts";
export type { Fans, Initializer, NormalOptions, VarianceScalingOptions } from "./initializers.ts";
export {
  constant,
  fansOf,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  lecunNormal,
  normal,
  ones,
  truncatedNormal,
  uniform,
  uniformFanIn,
  varianceScaling,
  zeros,
} from "./initializers.ts";
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
export {
  accuracy,
  errorRate,
  sigmoidBinaryCrossEntropy,
  softmaxCrossEntropy,
  squaredError,
} from "./losses.ts";
export type {
  LayerCollection,
  LayerNames,
  Sequential,
  SequentialParams,
  SequentialState,
} from "./sequential.ts";
export { sequential } from "./sequential.ts";
