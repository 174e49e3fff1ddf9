export { type AdaptiveGradClipOptions, adaptiveGradClip } from "./adaptive-grad-clip.ts";
export { clip } from "./clip.ts";
export { clipByBlockRms } from "./clip-by-block-rms.ts";
export { clipByGlobalNorm, globalNorm } from "./clip-by-global-norm.ts";
export { clipByNorm } from "./clip-by-norm.ts";
export type { NormClipOptions } from "./clipping-factor.ts";
export {
  type PerExampleClipped,
  type PerExampleLayerNormClipOptions,
  perExampleGlobalNormClip,
  perExampleLayerNormClip,
} from "./per-example-clip.ts";
