export {
  classPriorBias,
  forgetBias,
  priorBias,
  type VisibleBiasOptions,
  visibleBias,
} from "./biases.ts";
export { type FixupOptions, fixup, type SirenOptions, siren } from "./depth.ts";
export {
  constant,
  copyOf,
  type NormalOptions,
  normal,
  ones,
  type TruncatedNormalBetweenOptions,
  truncatedNormal,
  truncatedNormalBetween,
  type UniformInitOptions,
  uniform,
  zeros,
} from "./distributions.ts";
export { type DiracOptions, dirac, eye, irnn, type RecurrentInitializers } from "./eyes.ts";
export { type Fans, fansOf, type Initializer, type KernelLayout } from "./fans.ts";
export {
  equinoxDefault,
  flaxDefault,
  type KernelAndBias,
  kerasDefault,
  torchDefault,
} from "./framework-defaults.ts";
export {
  type GainName,
  gainOf,
  type KaimingOptions,
  kaiming,
  type XavierOptions,
  xavier,
} from "./gains.ts";
export { type LsuvOptions, lsuv } from "./lsuv.ts";
export { deltaOrthogonal, type OrthogonalOptions, orthogonal } from "./orthogonal.ts";
export { type SparseOptions, sparse } from "./sparse.ts";
export {
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  lecunNormal,
  lecunUniform,
  uniformFanIn,
  type VarianceScalingOptions,
  varianceScaling,
} from "./variance-scaling.ts";
