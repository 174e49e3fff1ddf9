import { at, dilated, range } from "../../ir/shape.ts";
import type { ConvDims, Shape, Value } from "../../ir/types.ts";
import { applyActivation } from "./activation.ts";
import type { KernelCall } from "./kernel-call.ts";
import type { Family } from "./lowering.ts";
import { alignPair, float } from "./operands.ts";
import { type Layout, layoutOf, type Sliding, slidingOf } from "./window.ts";

/** Convolution kernels, the fused ones and the gradients among them. */
export type ConvolutionKernel =
  | "Conv2D"
  | "Conv2DBackpropFilter"
  | "Conv2DBackpropInput"
  | "Conv3D"
  | "Conv3DBackpropFilterV2"
  | "Conv3DBackpropInputV2"
  | "DepthwiseConv2dNative"
  | "DepthwiseConv2dNativeBackpropFilter"
  | "DepthwiseConv2dNativeBackpropInput"
  | "FusedConv2D"
  | "FusedDepthwiseConv2D";

type Kind = "dense" | "depthwise";

const operand = (call: KernelCall, name: string): Value => float(call.b, call.input(name));

const setup = (
  call: KernelCall,
  input: Shape,
  filter: Shape,
): { layout: Layout; slide: Sliding } => {
  const layout = layoutOf(call, input.length);
  return { layout, slide: slidingOf(call, input, layout, filter.slice(0, -2)) };
};

/** Image and filter to image; filters are [spatial…, in, out], depthwise ones [spatial…, in, multiplier]. */
const forward = (call: KernelCall, kind: Kind): Value => {
  const { b } = call;
  const [x, filter] = [operand(call, "x"), operand(call, "filter")];
  const { layout, slide } = setup(call, x.type.shape, filter.type.shape);
  const rank = layout.spatial.length;
  const features = at(x.type.shape, layout.feature);
  const [inputs, outputs] = [at(filter.type.shape, rank), at(filter.type.shape, rank + 1)];
  const grouped = kind === "depthwise";
  const weights = grouped ? b.reshape(filter, [...slide.window, 1, inputs * outputs]) : filter;
  return b.conv(x, weights, {
    dims: imageByFilter(layout, rank, rank + 1),
    strides: slide.strides,
    padding: slide.padding,
    lhsDilation: slide.strides.map(() => 1),
    rhsDilation: slide.dilations,
    featureGroups: grouped ? features : 1,
    batchGroups: 1,
  });
};

const imageByFilter = (layout: Layout, inputFeature: number, outputFeature: number): ConvDims => ({
  lhsBatch: layout.batch,
  lhsFeature: layout.feature,
  lhsSpatial: layout.spatial,
  rhsInputFeature: inputFeature,
  rhsOutputFeature: outputFeature,
  rhsSpatial: range(layout.spatial.length),
  outBatch: layout.batch,
  outFeature: layout.feature,
  outSpatial: layout.spatial,
});

/** The transpose of `forward` in the image: the flipped filter slides over dy with zeros between. */
const toInput = (call: KernelCall, kind: Kind): Value => {
  const { b } = call;
  const [dy, filter] = [operand(call, "dy"), operand(call, "filter")];
  const inputShape = call.numbers("inputShape");
  const { layout, slide } = setup(call, inputShape, filter.type.shape);
  const rank = layout.spatial.length;
  // conv2dTranspose takes a dy larger than the forward result; what hangs over is not used.
  const limit = dy.type.shape.map((d, axis) => slide.out[layout.spatial.indexOf(axis)] ?? d);
  const cropped = b.slice(
    dy,
    limit.map(() => 0),
    limit,
  );
  const padding = slide.padding.map(([low], i): [number, number] => {
    const reach = dilated(at(slide.window, i), at(slide.dilations, i));
    const spread = dilated(at(slide.out, i), at(slide.strides, i));
    return [reach - 1 - low, at(slide.input, i) - spread + low];
  });
  return b.conv(cropped, b.reverse(filter, range(rank)), {
    dims: imageByFilter(layout, rank + 1, rank),
    strides: slide.strides.map(() => 1),
    padding,
    lhsDilation: slide.strides,
    rhsDilation: slide.dilations,
    featureGroups: kind === "depthwise" ? at(filter.type.shape, rank) : 1,
    batchGroups: 1,
  });
};

/** The transpose of `forward` in the filter: dy slides over the image, summing over the batch. */
const toFilter = (call: KernelCall, kind: Kind): Value => {
  const { b } = call;
  const [x, dy] = [operand(call, "x"), operand(call, "dy")];
  const filterShape = call.numbers("filterShape");
  const { layout, slide } = setup(call, x.type.shape, filterShape);
  const rank = layout.spatial.length;
  const padding = slide.padding.map(([low], i): [number, number] => {
    const reach = dilated(at(slide.window, i), at(slide.dilations, i));
    const spread = dilated(at(slide.out, i), at(slide.strides, i));
    return [low, reach - 1 + spread - at(slide.input, i) - low];
  });
  const dims: ConvDims = {
    lhsBatch: layout.feature,
    lhsFeature: layout.batch,
    lhsSpatial: layout.spatial,
    rhsInputFeature: layout.batch,
    rhsOutputFeature: layout.feature,
    rhsSpatial: layout.spatial,
    outBatch: rank,
    outFeature: rank + 1,
    outSpatial: range(rank),
  };
  const gradient = b.conv(x, dy, {
    dims,
    strides: slide.dilations,
    padding,
    lhsDilation: slide.strides.map(() => 1),
    rhsDilation: slide.strides,
    featureGroups: 1,
    // One group per channel: each channel of the image meets only its own outputs.
    batchGroups: kind === "depthwise" ? at(x.type.shape, layout.feature) : 1,
  });
  return b.reshape(gradient, filterShape);
};

const fused = (call: KernelCall, kind: Kind): Value => {
  const { b } = call;
  const y = forward(call, kind);
  const { feature } = layoutOf(call, y.type.shape.length);
  // A vector belongs to the channels wherever they lie.
  const perChannel = (v: Value): Value =>
    v.type.shape.length === 1 && v.type.shape[0] === y.type.shape[feature]
      ? b.broadcastInDim(v, y.type.shape, [feature])
      : v;
  const bias = call.optional("bias");
  const slopes = call.optional("preluActivationWeights");
  const sum = bias === undefined ? y : b.add(...alignPair(b, y, perChannel(bias)));
  return applyActivation(call, sum, slopes && perChannel(slopes));
};

/** Lowerings of convolutions. */
export const convolution: Family<ConvolutionKernel> = {
  Conv2D: (call) => forward(call, "dense"),
  Conv2DBackpropFilter: (call) => toFilter(call, "dense"),
  Conv2DBackpropInput: (call) => toInput(call, "dense"),
  Conv3D: (call) => forward(call, "dense"),
  Conv3DBackpropFilterV2: (call) => toFilter(call, "dense"),
  Conv3DBackpropInputV2: (call) => toInput(call, "dense"),
  DepthwiseConv2dNative: (call) => forward(call, "depthwise"),
  DepthwiseConv2dNativeBackpropFilter: (call) => toFilter(call, "depthwise"),
  DepthwiseConv2dNativeBackpropInput: (call) => toInput(call, "depthwise"),
  FusedConv2D: (call) => fused(call, "dense"),
  FusedDepthwiseConv2D: (call) => fused(call, "depthwise"),
};
