import { type Case, call, distinct, f, of } from "../case.ts";
import { outSize, pads } from "./windows.ts";

const sizes = [
  [6, 8],
  [2, 2],
  [5, 5],
  [3, 4],
  [1, 1],
  [9, 3],
] as const;
const modes = [
  { alignCorners: false, halfPixelCenters: false },
  { alignCorners: true, halfPixelCenters: false },
  { alignCorners: false, halfPixelCenters: true },
] as const;
const resizing = sizes.flatMap((size) =>
  modes.flatMap((mode): Case[] => {
    const note = `[3, 4] to [${size}] ${mode.alignCorners ? "corners" : ""}${mode.halfPixelCenters ? "half" : ""}`;
    const attrs = { ...mode, size: [...size] };
    const images = f([2, 3, 4, 2]);
    const square = f([2, 4, 4, 2]);
    const dy = f([2, ...size, 2]);
    const [one, dyOfOne] = [f([1, 3, 4, 2]), f([1, ...size, 2])];
    const forward = [
      call("ResizeBilinear", note, { images }, attrs),
      call("ResizeNearestNeighbor", note, { images }, attrs),
    ];
    // tfjs's gradients leave out halfPixelCenters; its bilinear one swaps the axes of the result,
    // and its nearest one reads dy at the image's offsets, which is right for one image only.
    if (mode.halfPixelCenters) return forward;
    return [
      ...forward,
      call("ResizeBilinearGrad", note, { images: square, dy }, attrs),
      call("ResizeNearestNeighborGrad", note, { images: one, dy: dyOfOne }, attrs),
    ];
  }),
);

const morphology = pads.slice(0, 2).flatMap((pad): Case[] =>
  [1, 2].flatMap((stride): Case[] => {
    const attrs = { strides: [stride, stride], pad, dilations: [1, 1] };
    const x = distinct([2, 5, 6, 2]);
    const filter = f([2, 3, 2], -0.05, 0.05);
    const dy = f([2, outSize(5, 2, pad, stride), outSize(6, 3, pad, stride), 2]);
    const note = `pad ${pad}, stride ${stride}`;
    return [
      call("Dilation2D", note, { x, filter }, attrs),
      call("Dilation2DBackpropInput", note, { x, filter, dy }, attrs),
      call("Dilation2DBackpropFilter", note, { x, filter, dy }, attrs),
    ];
  }),
);

const lrn = [1, 2].flatMap((depthRadius): Case[] => {
  const attrs = { depthRadius, bias: 1.5, alpha: 0.3, beta: 0.7 };
  const x = f([1, 2, 3, 5]);
  return [
    call("LRN", `radius ${depthRadius}`, { x }, attrs),
    call("LRNGrad", `radius ${depthRadius}`, { x, y: f([1, 2, 3, 5]), dy: f([1, 2, 3, 5]) }, attrs),
  ];
});

// No sample lies half way between two pixels, where float32 and float64 round differently.
const boxes = of(
  [0, 0, 1, 1, 0.21, 0.13, 0.72, 0.94, 0.93, 0.81, 0.12, 0.22, -0.33, 0.21, 0.54, 1.43],
  "float32",
  [4, 4],
);
const crops = (["bilinear", "nearest"] as const).flatMap((method) =>
  [
    [3, 4],
    [1, 1],
    [6, 5],
  ].map((cropSize) =>
    call(
      "CropAndResize",
      `${method} to [${cropSize}]`,
      {
        image: f([2, 5, 6, 2]),
        boxes,
        boxInd: of([0, 1, 0, 1], "int32"),
      },
      { cropSize, method, extrapolationValue: 0.5 },
    ),
  ),
);

const moments = (shape: readonly number[]) => ({
  mean: f(shape),
  variance: f(shape, 0.1, 2),
  scale: f(shape),
  offset: f(shape),
});

export const images: readonly Case[] = [
  ...resizing,
  ...morphology,
  ...lrn,
  ...crops,
  call(
    "FusedBatchNorm",
    "vectors",
    { x: f([2, 3, 3, 4]), ...moments([4]) },
    {
      varianceEpsilon: 1e-3,
    },
  ),
  call(
    "FusedBatchNorm",
    "the whole shape",
    { x: f([1, 2, 2, 3]), ...moments([1, 2, 2, 3]) },
    {
      varianceEpsilon: 0.1,
    },
  ),
  call(
    "FusedBatchNorm",
    "no scale and offset",
    {
      x: f([2, 1, 1, 3]),
      mean: f([3]),
      variance: f([3], 0.1, 1),
    },
    { varianceEpsilon: 1e-5 },
  ),
  call("Softmax", "rows", { logits: f([3, 5]) }, { dim: 1 }),
  call("Softmax", "large numbers", { logits: of([1000, 1001, -1000]) }, { dim: -1 }),
  call("Softmax", "a cube", { logits: f([2, 3, 4]) }, { dim: 2 }),
];
