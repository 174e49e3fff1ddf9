export {
  type ActivationName,
  type ActivationOptions,
  activation,
  activations,
} from "./activation.ts";
export { crelu } from "./crelu.ts";
export {
  bentIdentity,
  exponential,
  gaussian,
  identity,
  type SineOptions,
  type SnakeOptions,
  sine,
  snake,
} from "./curves.ts";
export { celu, type EluOptions, elu, selu } from "./exponential-linear.ts";
export { type FromFunctionOptions, fromFunction } from "./from-function.ts";
export { geglu, glu, reglu, swiglu } from "./gated.ts";
export { gelu, geluTanh, quickGelu } from "./gelus.ts";
export { type PreluOptions, type PreluParams, prelu } from "./prelu.ts";
export {
  type LeakyReluOptions,
  leakyRelu,
  leakyReluKeras,
  relu,
  relu6,
  reluSquared,
  type ThresholdOptions,
  threshold,
} from "./rectifiers.ts";
export { type RreluOptions, rrelu } from "./rrelu.ts";
export { hardShrink, type ShrinkOptions, softShrink } from "./shrinkages.ts";
export { hardSigmoid, hardSigmoidKeras2, logSigmoid, sigmoid } from "./sigmoids.ts";
export { logSoftmax, softmax, softmin, sparsemax } from "./softmaxes.ts";
export {
  logCosh,
  type SoftplusOptions,
  type SquareplusOptions,
  softplus,
  squareplus,
} from "./softplus.ts";
export {
  type GumbelSoftmaxOptions,
  gumbelSoftmax,
  type StochasticBinaryOptions,
  stochasticBinary,
} from "./stochastic.ts";
export { type BinaryStepOptions, binaryStep } from "./straight-through.ts";
export { hardSwish, mish, type SwishOptions, silu, swish } from "./swishes.ts";
export {
  type HardTanhOptions,
  hardTanh,
  lecunTanh,
  softsign,
  tanh,
  tanhShrink,
} from "./tanhs.ts";
export type { ActivationFunction, Coefficient } from "./types.ts";
export { type KWinnersOptions, kWinners, type MaxoutOptions, maxout } from "./winners.ts";
