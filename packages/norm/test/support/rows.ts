import { dense } from "@layerwise/layers";
import {
  batchNorm,
  batchRenorm,
  decorrelatedBatchNorm,
  evoNorm,
  filterResponseNorm,
  ghostBatchNorm,
  globalResponseNorm,
  groupNorm,
  instanceNorm,
  layerNorm,
  layerScale,
  localResponseNorm,
  pixelNorm,
  rmsNorm,
  spectralNorm,
  thresholdedLinearUnit,
  unitNorm,
  weightNorm,
  weightStandardization,
} from "@layerwise/norm";
import type { AnyLayer } from "./evaluate.ts";

/** A layer for the contract. */
export interface Row {
  readonly name: string;
  readonly layer: AnyLayer;
  /** Without the batch, which has 4 examples. */
  readonly inputShape: readonly number[];
  /** Whether the gradient in training leaves out a dependence on purpose. Default false. */
  readonly stopsGradient?: boolean;
  /** Whether the layer treats training like evaluation. Default true. */
  readonly sameInTraining?: boolean;
  /** A batch that does not fit, with the message. */
  readonly wrong: readonly [shape: readonly number[], message: string];
}

const image = [3, 2, 4];
const lastAxis = (kind: string): Row["wrong"] => [
  [4, 3, 2, 5],
  `${kind}: expected last axis 4, got 5 (input [4, 3, 2, 5])`,
];
const noChannels = (kind: string): Row["wrong"] => [
  [4],
  `${kind}: expected input [batch, ..., channels], got [4]`,
];
const denseInput: Row["wrong"] = [[4, 3], "dense: expected input [batch, ..., 5], got [4, 3]"];

export const rows: readonly Row[] = [
  {
    name: "batchNorm of features",
    layer: batchNorm(),
    inputShape: [3],
    sameInTraining: false,
    wrong: [[4, 2], "batchNorm: expected last axis 3, got 2 (input [4, 2])"],
  },
  {
    name: "batchNorm of images, channels first, Keras's numbers",
    layer: batchNorm({
      channelsFirst: true,
      eps: 1e-3,
      momentum: { weightOfRunning: 0.99, debias: true },
      runningVariance: "biased",
    }),
    inputShape: [3, 2, 2],
    sameInTraining: false,
    wrong: [[4, 2, 2, 2], "batchNorm: expected channel axis 3, got 2 (input [4, 2, 2, 2])"],
  },
  {
    name: "batchNorm without scale",
    layer: batchNorm({ scale: false, momentum: "cumulativeMean" }),
    inputShape: [2, 3],
    sameInTraining: false,
    wrong: [[4], "batchNorm: expected input [batch, ..., channels], got [4]"],
  },
  {
    name: "batchNorm without center",
    layer: batchNorm({ center: false }),
    inputShape: [3],
    sameInTraining: false,
    wrong: [[4, 2], "batchNorm: expected last axis 3, got 2 (input [4, 2])"],
  },
  {
    name: "batchNorm without affine",
    layer: batchNorm({ affine: false }),
    inputShape: [3],
    sameInTraining: false,
    wrong: [[4, 2], "batchNorm: expected last axis 3, got 2 (input [4, 2])"],
  },
  {
    name: "batchRenorm",
    layer: batchRenorm({ rMax: 1.2, dMax: 0.3 }),
    inputShape: image,
    stopsGradient: true,
    sameInTraining: false,
    wrong: lastAxis("batchRenorm"),
  },
  {
    name: "ghostBatchNorm",
    layer: ghostBatchNorm({ ghostSize: 2 }),
    inputShape: image,
    sameInTraining: false,
    wrong: lastAxis("ghostBatchNorm"),
  },
  {
    name: "decorrelatedBatchNorm",
    layer: decorrelatedBatchNorm({ eps: 1e-2 }),
    inputShape: image,
    sameInTraining: false,
    wrong: lastAxis("decorrelatedBatchNorm"),
  },
  { name: "layerNorm", layer: layerNorm(), inputShape: image, wrong: lastAxis("layerNorm") },
  {
    name: "layerNorm over two axes",
    layer: layerNorm({ lastAxes: 2 }),
    inputShape: image,
    wrong: [[4, 3, 3, 4], "layerNorm: expected last axes [2, 4], got [3, 4] (input [4, 3, 3, 4])"],
  },
  { name: "rmsNorm", layer: rmsNorm(), inputShape: image, wrong: lastAxis("rmsNorm") },
  {
    name: "groupNorm",
    layer: groupNorm({ groups: 2 }),
    inputShape: image,
    wrong: lastAxis("groupNorm"),
  },
  {
    name: "groupNorm, channels first",
    layer: groupNorm({ groups: 2, channelsFirst: true }),
    inputShape: [4, 3],
    wrong: [[4, 2, 3], "groupNorm: expected channel axis 4, got 2 (input [4, 2, 3])"],
  },
  {
    name: "instanceNorm",
    layer: instanceNorm({ affine: true }),
    inputShape: image,
    wrong: lastAxis("instanceNorm"),
  },
  {
    name: "evoNorm",
    layer: evoNorm({ groups: 2 }),
    inputShape: image,
    wrong: lastAxis("evoNorm"),
  },
  {
    name: "localResponseNorm, torch",
    layer: localResponseNorm({ convention: "torch", size: 3, alpha: 0.5 }),
    inputShape: image,
    wrong: noChannels("localResponseNorm"),
  },
  {
    name: "localResponseNorm, tensorflow",
    layer: localResponseNorm({ convention: "tensorflow", radius: 1 }),
    inputShape: image,
    wrong: noChannels("localResponseNorm"),
  },
  {
    name: "filterResponseNorm",
    layer: filterResponseNorm({ learnedEps: true }),
    inputShape: image,
    wrong: lastAxis("filterResponseNorm"),
  },
  {
    name: "thresholdedLinearUnit",
    layer: thresholdedLinearUnit(),
    inputShape: image,
    wrong: lastAxis("thresholdedLinearUnit"),
  },
  {
    name: "globalResponseNorm",
    layer: globalResponseNorm(),
    inputShape: image,
    wrong: lastAxis("globalResponseNorm"),
  },
  { name: "layerScale", layer: layerScale(), inputShape: image, wrong: lastAxis("layerScale") },
  { name: "pixelNorm", layer: pixelNorm(), inputShape: image, wrong: noChannels("pixelNorm") },
  {
    name: "unitNorm",
    layer: unitNorm(),
    inputShape: image,
    wrong: [[4], "unitNorm: expected at least 2 axes, batch included, got input [4]"],
  },
  {
    name: "weightNorm",
    layer: weightNorm(dense({ units: 3 })),
    inputShape: [5],
    wrong: denseInput,
  },
  {
    name: "spectralNorm",
    layer: spectralNorm(dense({ units: 3 })),
    inputShape: [5],
    stopsGradient: true,
    sameInTraining: false,
    wrong: denseInput,
  },
  {
    name: "weightStandardization",
    layer: weightStandardization(dense({ units: 3 })),
    inputShape: [5],
    wrong: denseInput,
  },
  {
    name: "weightStandardization with gain",
    layer: weightStandardization(dense({ units: 3 }), { gain: true }),
    inputShape: [5],
    wrong: denseInput,
  },
  {
    name: "weightNorm of a spectralNorm",
    layer: weightNorm(spectralNorm(dense({ units: 3, useBias: false }))),
    inputShape: [5],
    stopsGradient: true,
    sameInTraining: false,
    wrong: denseInput,
  },
];
