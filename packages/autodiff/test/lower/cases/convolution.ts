import { type Case, call, f } from "../case.ts";
import { explicit, outSize, pads } from "./windows.ts";

function gradients2d(
  kind: "Conv2D" | "DepthwiseConv2dNative",
  pad: string | number,
  stride: number,
  inputShape: readonly number[],
  filterShape: readonly number[],
  attrs: object,
): Case[] {
  const [batch = 0, height = 0, width = 0, channels = 0] = inputShape;
  const [h = 0, w = 0, , last = 0] = filterShape;
  // A number pads both axes as if the window were as wide as it is high: tfjs's own rule.
  const wide = typeof pad === "number" ? h : w;
  const features = kind === "Conv2D" ? last : channels * last;
  const dy = f([
    batch,
    outSize(height, h, pad, stride),
    outSize(width, wide, pad, stride),
    features,
  ]);
  const note = `pad ${pad}, stride ${stride}`;
  return [
    call(`${kind}BackpropInput`, note, { dy, filter: f(filterShape) }, { ...attrs, inputShape }),
    call(`${kind}BackpropFilter`, note, { x: f(inputShape), dy }, { ...attrs, filterShape }),
  ];
}

const conv2d = pads.flatMap((pad): Case[] =>
  [1, 2].flatMap((stride): Case[] => {
    const attrs = { strides: [stride, stride], pad, dataFormat: "NHWC", dilations: [1, 1] };
    const inputShape = [2, 6, 5, 3];
    const x = f(inputShape);
    const filter = f([3, 2, 3, 4]);
    const forward = call("Conv2D", `pad ${pad}, stride ${stride}`, { x, filter }, attrs);
    return [forward, ...gradients2d("Conv2D", pad, stride, inputShape, [3, 2, 3, 4], attrs)];
  }),
);

const depthwise = pads.flatMap((pad): Case[] =>
  [1, 2].flatMap((stride): Case[] => {
    const attrs = { strides: [stride, stride], pad, dilations: [1, 1], dataFormat: "NHWC" };
    const shape = [2, 5, 6, 3];
    return [
      call(
        "DepthwiseConv2dNative",
        `pad ${pad}, stride ${stride}`,
        {
          x: f(shape),
          filter: f([3, 3, 3, 2]),
        },
        attrs,
      ),
      ...gradients2d("DepthwiseConv2dNative", pad, stride, shape, [3, 3, 3, 2], attrs),
    ];
  }),
);

const conv3d = (["valid", "same"] as const).flatMap((pad): Case[] =>
  [1, 2].flatMap((stride): Case[] => {
    const strides = [stride, stride, stride];
    const inputShape = [2, 4, 5, 4, 2];
    const filterShape = [2, 3, 2, 2, 3];
    const out = [4, 5, 4].map((size, k) => outSize(size, filterShape[k]!, pad, stride));
    const dy = f([2, ...out, 3]);
    const note = `pad ${pad}, stride ${stride}`;
    return [
      call(
        "Conv3D",
        note,
        { x: f(inputShape), filter: f(filterShape) },
        {
          strides,
          pad,
          dataFormat: "NDHWC",
          dilations: [1, 1, 1],
        },
      ),
      call(
        "Conv3DBackpropInputV2",
        note,
        { dy, filter: f(filterShape) },
        { strides, pad, inputShape },
      ),
      call("Conv3DBackpropFilterV2", note, { x: f(inputShape), dy }, { strides, pad, filterShape }),
    ];
  }),
);

const fusedActivations = ["linear", "relu", "prelu", "leakyrelu"];

export const convolutions: readonly Case[] = [
  ...conv2d,
  call(
    "Conv2D",
    "explicit padding",
    { x: f([1, 5, 4, 2]), filter: f([2, 2, 2, 3]) },
    {
      strides: 1,
      pad: explicit,
      dataFormat: "NHWC",
      dilations: 1,
      dimRoundingMode: "floor",
    },
  ),
  call(
    "Conv2D",
    "dilation",
    { x: f([1, 7, 7, 2]), filter: f([3, 2, 2, 3]) },
    {
      strides: [1, 1],
      pad: "same",
      dataFormat: "NHWC",
      dilations: [2, 2],
    },
  ),
  call(
    "Conv2D",
    "channels first",
    { x: f([2, 3, 5, 6]), filter: f([3, 3, 3, 2]) },
    {
      strides: [2, 2],
      pad: "same",
      dataFormat: "NCHW",
      dilations: [1, 1],
    },
  ),
  call(
    "Conv2DBackpropInput",
    "channels first",
    { dy: f([2, 2, 3, 3]), filter: f([3, 3, 3, 2]) },
    {
      strides: [2, 2],
      pad: "same",
      dataFormat: "NCHW",
      inputShape: [2, 3, 5, 6],
    },
  ),
  call(
    "Conv2DBackpropInput",
    "dy larger than the forward result",
    { dy: f([1, 6, 6, 2]), filter: f([5, 5, 3, 2]) },
    { strides: [1, 1], pad: "same", dataFormat: "NHWC", inputShape: [1, 4, 4, 3] },
  ),
  call(
    "Conv2DBackpropFilter",
    "channels first",
    { x: f([2, 3, 5, 6]), dy: f([2, 2, 3, 3]) },
    {
      strides: [2, 2],
      pad: "same",
      dataFormat: "NCHW",
      filterShape: [3, 3, 3, 2],
    },
  ),
  call(
    "Conv2D",
    "rounding up",
    { x: f([1, 6, 6, 1]), filter: f([3, 3, 1, 2]) },
    {
      strides: [2, 2],
      pad: 0,
      dataFormat: "NHWC",
      dilations: [1, 1],
      dimRoundingMode: "ceil",
    },
  ),
  call(
    "Conv2D",
    "a stride beyond the window",
    { x: f([1, 7, 7, 1]), filter: f([1, 1, 1, 2]) },
    {
      strides: [3, 3],
      pad: "valid",
      dataFormat: "NHWC",
      dilations: [1, 1],
    },
  ),
  ...depthwise,
  call(
    "DepthwiseConv2dNative",
    "dilation",
    { x: f([1, 7, 7, 2]), filter: f([3, 3, 2, 2]) },
    {
      strides: [1, 1],
      pad: "valid",
      dataFormat: "NHWC",
      dilations: [2, 2],
    },
  ),
  ...conv3d,
  call(
    "Conv3D",
    "a stride beyond the window",
    { x: f([1, 6, 6, 6, 1]), filter: f([1, 1, 1, 1, 2]) },
    {
      strides: [3, 3, 3],
      pad: "same",
      dataFormat: "NDHWC",
      dilations: [1, 1, 1],
    },
  ),
  ...fusedActivations.flatMap((activation): Case[] => {
    const slopes = activation === "prelu" ? f([4]) : undefined;
    const attrs = {
      strides: [1, 1],
      pad: "same",
      dataFormat: "NHWC",
      dilations: [1, 1],
      activation,
      leakyreluAlpha: 0.2,
    };
    return [
      call(
        "FusedConv2D",
        activation,
        {
          x: f([1, 4, 4, 3]),
          filter: f([3, 3, 3, 4]),
          bias: f([4]),
          preluActivationWeights: slopes,
        },
        attrs,
      ),
      call(
        "FusedDepthwiseConv2D",
        activation,
        {
          x: f([1, 4, 4, 2]),
          filter: f([3, 3, 2, 2]),
          bias: f([4]),
          preluActivationWeights: slopes,
        },
        attrs,
      ),
    ];
  }),
  call(
    "FusedConv2D",
    "channels first",
    {
      x: f([1, 3, 4, 4]),
      filter: f([2, 2, 3, 4]),
      bias: f([4]),
      preluActivationWeights: f([4]),
    },
    { strides: 1, pad: "valid", dataFormat: "NCHW", dilations: 1, activation: "prelu" },
  ),
];
