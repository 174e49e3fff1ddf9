export { type GaussianNoiseOptions, gaussianNoise } from "./gaussian-noise.ts";
export { type MaskingNoiseOptions, maskingNoise } from "./masking-noise.ts";
export {
  type SaltAndPepperOptions,
  type SaltAndPepperRange,
  saltAndPepperNoise,
} from "./salt-and-pepper-noise.ts";
export { type UniformNoiseOptions, uniformNoise } from "./uniform-noise.ts";
