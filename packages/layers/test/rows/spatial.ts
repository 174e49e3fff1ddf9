import {
  adaptiveAveragePool1d,
  adaptiveAveragePool2d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  averagePool1d,
  averagePool2d,
  conv1d,
  conv1dTransposed,
  conv2d,
  conv2dTransposed,
  depthwiseConv1d,
  depthwiseConv2d,
  globalAveragePool,
  globalMaxPool,
  maxPool1d,
  maxPool2d,
  separableConv1d,
  separableConv2d,
  upsample1d,
  upsample2d,
} from "@layerwise/layers";
import type { LayerRow } from "../support/contract.ts";
import { image, notImages, notSequences, notThese, notThose, sequence } from "./inputs.ts";

/** Convolution and pooling, in forms that use their options. */
export const spatialRows: readonly LayerRow[] = [
  // Convolution
  {
    name: "conv1d",
    make: () => conv1d({ filters: 3, kernelSize: 3, padding: "causal", dilations: 2 }),
    inputShape: sequence,
    ...notThose,
  },
  {
    name: "conv2d",
    make: () => conv2d({ filters: 3, kernelSize: [3, 2], padding: "same" }),
    inputShape: image,
    ...notThese,
  },
  {
    name: "conv2d, channels first",
    make: () => conv2d({ filters: 3, kernelSize: 2, channelsFirst: true }),
    inputShape: [2, 5, 4],
    refuses: [
      [3, 3, 5, 4],
      [3, 2, 1, 4],
    ],
  },
  {
    name: "conv2d, groups, strides and dilations",
    make: () => conv2d({ filters: 4, kernelSize: 2, groups: 2, strides: 2, dilations: 2 }),
    inputShape: [5, 4, 4],
    refuses: [
      [3, 5, 4, 2],
      [3, 2, 4, 4],
    ],
    refusesShapes: [
      [5, 4, 3],
      [2, 4, 4],
    ],
  },
  {
    name: "conv1dTransposed",
    make: () => conv1dTransposed({ filters: 3, kernelSize: 3, strides: 2, padding: 1 }),
    inputShape: sequence,
    ...notThose,
  },
  {
    name: "conv2dTransposed",
    make: () => conv2dTransposed({ filters: 3, kernelSize: 3, strides: 2, padding: "same" }),
    inputShape: image,
    ...notThese,
  },
  {
    name: "depthwiseConv1d",
    make: () => depthwiseConv1d({ kernelSize: 3, multiplier: 2 }),
    inputShape: sequence,
    ...notThose,
  },
  {
    name: "depthwiseConv2d",
    make: () => depthwiseConv2d({ kernelSize: 3, padding: 1 }),
    inputShape: image,
    ...notThese,
  },
  {
    name: "separableConv1d",
    make: () => separableConv1d({ filters: 3, kernelSize: 3 }),
    inputShape: sequence,
    ...notThose,
  },
  {
    name: "separableConv2d",
    make: () => separableConv2d({ filters: 3, kernelSize: 2, multiplier: 2 }),
    inputShape: image,
    ...notThese,
  },
  // Pooling
  {
    name: "maxPool1d",
    make: () => maxPool1d({ poolSize: 2 }),
    inputShape: sequence,
    ...notSequences,
  },
  {
    name: "maxPool2d",
    make: () => maxPool2d({ poolSize: 3, strides: 2, padding: "same" }),
    inputShape: image,
    ...notImages,
  },
  {
    name: "averagePool1d",
    make: () => averagePool1d({ poolSize: 3, padding: 1 }),
    inputShape: sequence,
    ...notSequences,
  },
  {
    name: "averagePool2d",
    make: () => averagePool2d({ poolSize: 2, strides: 1, padding: "same", channelsFirst: true }),
    inputShape: [2, 5, 4],
    ...notImages,
  },
  {
    name: "globalAveragePool",
    make: () => globalAveragePool(),
    inputShape: image,
    refuses: [[3, 5]],
    refusesShapes: [[5]],
  },
  {
    name: "globalMaxPool",
    make: () => globalMaxPool({ channelsFirst: true, keepAxes: true }),
    inputShape: image,
    refuses: [[3, 5]],
    refusesShapes: [[5]],
  },
  {
    name: "adaptiveAveragePool1d",
    make: () => adaptiveAveragePool1d({ size: 4 }),
    inputShape: sequence,
    ...notSequences,
  },
  {
    name: "adaptiveAveragePool2d",
    make: () => adaptiveAveragePool2d({ size: [3, 1] }),
    inputShape: image,
    ...notImages,
  },
  {
    name: "adaptiveMaxPool1d",
    make: () => adaptiveMaxPool1d({ size: 4 }),
    inputShape: sequence,
    ...notSequences,
  },
  {
    name: "adaptiveMaxPool2d",
    make: () => adaptiveMaxPool2d({ size: 3 }),
    inputShape: image,
    ...notImages,
  },
  {
    name: "upsample1d",
    make: () => upsample1d({ size: 9, mode: "linear", alignment: "corners" }),
    inputShape: sequence,
    ...notSequences,
  },
  {
    name: "upsample2d",
    make: () => upsample2d({ factor: [2, 3] }),
    inputShape: image,
    ...notImages,
  },
];
