export { type CautiousOptions, cautious } from "./cautious.ts";
export { type CentralizeOptions, centralize } from "./centralize.ts";
export { type FromageOptions, fromage } from "./fromage.ts";
export { type Grafted, type GraftParts, graft } from "./graft.ts";
export { type LambOptions, lamb } from "./lamb.ts";
export { type LarsOptions, lars } from "./lars.ts";
export {
  type NormalizeByUpdateNormOptions,
  normalizeByUpdateNorm,
} from "./normalize-by-update-norm.ts";
export { type NovogradOptions, novograd } from "./novograd.ts";
export {
  type ScaleByNovogradOptions,
  type ScaleByNovogradState,
  scaleByNovograd,
} from "./scale-by-novograd.ts";
export {
  type ScaleByParamBlockOptions,
  scaleByParamBlockNorm,
  scaleByParamBlockRms,
} from "./scale-by-param-block.ts";
export { type ScaleByTrustRatioOptions, scaleByTrustRatio } from "./scale-by-trust-ratio.ts";
export { undoNormGrowth } from "./undo-norm-growth.ts";
