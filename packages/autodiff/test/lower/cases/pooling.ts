import { type Case, call, distinct, f } from "../case.ts";
import { explicit, outSize, pads } from "./windows.ts";

const pooling = pads.flatMap((pad): Case[] =>
  [1, 2, 3].flatMap((stride): Case[] => {
    const attrs = { filterSize: [3, 3], strides: [stride, stride], pad };
    const shape = [2, 6, 7, 2];
    const x = distinct(shape);
    const dy = f([2, outSize(6, 3, pad, stride), outSize(7, 3, pad, stride), 2]);
    const note = `pad ${pad}, stride ${stride}`;
    return [
      call("AvgPool", note, { x }, attrs),
      call("MaxPool", note, { x }, attrs),
      call("AvgPoolGrad", note, { dy, input: x }, attrs),
      call("MaxPoolGrad", note, { dy, input: x, output: dy }, attrs),
    ];
  }),
);

const pooling3d = (["valid", "same"] as const).flatMap((pad): Case[] => {
  const attrs = { filterSize: [2, 2, 2], strides: [2, 2, 2], pad, dataFormat: "NDHWC" };
  const x = distinct([1, 4, 5, 4, 2]);
  const out = [4, 5, 4].map((size) => outSize(size, 2, pad, 2));
  const dy = f([1, ...out, 2]);
  return [
    call("AvgPool3D", `pad ${pad}`, { x }, attrs),
    call("MaxPool3D", `pad ${pad}`, { x }, attrs),
    call("AvgPool3DGrad", `pad ${pad}`, { dy, input: x }, attrs),
    call("MaxPool3DGrad", `pad ${pad}`, { dy, input: x, output: dy }, attrs),
  ];
});

export const poolings: readonly Case[] = [
  ...pooling,
  call(
    "AvgPool3D",
    "windows that lie outside the image",
    { x: f([1, 1, 2, 1, 1]) },
    { filterSize: 2, strides: 1, pad: 2, dataFormat: "NDHWC" },
  ),
  call(
    "MaxPool",
    "rounding up",
    { x: distinct([1, 6, 6, 1]) },
    {
      filterSize: 3,
      strides: 2,
      pad: 0,
      dimRoundingMode: "ceil",
    },
  ),
  call(
    "AvgPool",
    "rounding up",
    { x: distinct([1, 6, 6, 1]) },
    {
      filterSize: 3,
      strides: 2,
      pad: 0,
      dimRoundingMode: "ceil",
    },
  ),
  call(
    "MaxPool",
    "explicit padding",
    { x: distinct([1, 5, 5, 2]) },
    {
      filterSize: [2, 2],
      strides: [2, 2],
      pad: explicit,
      dimRoundingMode: "floor",
    },
  ),
  call(
    "MaxPool",
    "windows of 1",
    { x: distinct([1, 3, 3, 2]) },
    {
      filterSize: 1,
      strides: 1,
      pad: "same",
    },
  ),
  ...pooling3d,
  call(
    "MaxPool3D",
    "a stride beyond the window",
    { x: distinct([1, 6, 6, 6, 1]) },
    {
      filterSize: 1,
      strides: 3,
      pad: "same",
      dataFormat: "NDHWC",
    },
  ),
  ...[false, true].map((includeBatchInIndex) =>
    call(
      "MaxPoolWithArgmax",
      `batch in the index: ${includeBatchInIndex}`,
      {
        x: distinct([2, 4, 5, 2]),
      },
      { filterSize: [2, 2], strides: [2, 2], pad: "same", includeBatchInIndex },
    ),
  ),
];
