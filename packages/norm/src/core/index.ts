export type { AffineOptions, AffineParams } from "./affine.ts";
export type { LayoutOptions } from "./axes.ts";
export {
  type ChannelMomentsOptions,
  channelMoments,
  type Moments,
  mergeMoments,
  varianceOf,
} from "./moments.ts";
export type { Momentum, RunningOptions, RunningState } from "./running.ts";
