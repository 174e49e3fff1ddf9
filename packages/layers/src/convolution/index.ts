export { type ConvOptions, type ConvParams, conv1d, conv2d } from "./conv.ts";
export { type DepthwiseConvOptions, depthwiseConv1d, depthwiseConv2d } from "./depthwise.ts";
export {
  type SeparableConvOptions,
  type SeparableConvParams,
  separableConv1d,
  separableConv2d,
} from "./separable.ts";
export {
  type ConvTransposedOptions,
  conv1dTransposed,
  conv2dTransposed,
} from "./transposed.ts";
export type { Padding, Pads, PerAxis, WindowOptions } from "./window.ts";
