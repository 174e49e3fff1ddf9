export { type LayerNormOptions, layerNorm } from "./layer-norm.ts";
export { type LayerScaleOptions, type LayerScaleParams, layerScale } from "./layer-scale.ts";
export { type PixelNormOptions, pixelNorm } from "./pixel-norm.ts";
export { type RmsNormOptions, rmsNorm } from "./rms-norm.ts";
export { type UnitNormOptions, unitNorm } from "./unit-norm.ts";
