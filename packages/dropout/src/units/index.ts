export { type AlphaDropoutOptions, alphaDropout, featureAlphaDropout } from "./alpha-dropout.ts";
export { type DropoutOptions, dropout } from "./dropout.ts";
export { type GaussianDropoutOptions, gaussianDropout } from "./gaussian-dropout.ts";
export {
  type SpatialDropoutOptions,
  spatialDropout1d,
  spatialDropout2d,
  spatialDropout3d,
} from "./spatial-dropout.ts";
