import {
  activation,
  bidirectional,
  conv2d,
  cropping,
  dense,
  denseTransposed,
  embedding,
  flatten,
  gruCell,
  lstmCell,
  maxoutDense,
  mirrorPadding,
  permute,
  recurrent,
  reshape,
  rnnCell,
  sequential,
  zeroPadding,
} from "@layerwise/layers";
import type { LayerRow } from "../support/contract.ts";
import { image, notThose, sequence, vectors } from "./inputs.ts";

/** Layers without a window, in forms that use their options. */
export const layerRows: readonly LayerRow[] = [
  // Linear
  { name: "dense", make: () => dense({ units: 4 }), ...vectors },
  {
    name: "dense on sequences",
    make: () => dense({ units: 2 }),
    inputShape: [5, 3],
    refuses: [[2, 5, 2]],
  },
  { name: "denseTransposed", make: () => denseTransposed({ units: 4 }), ...vectors },
  { name: "maxoutDense", make: () => maxoutDense({ units: 4, pieces: 3 }), ...vectors },
  // Shape
  { name: "flatten", make: () => flatten(), inputShape: image, refuses: [[]] },
  {
    name: "reshape",
    make: () => reshape([2, -1, 4]),
    inputShape: image,
    refuses: [[3, 5]],
    refusesShapes: [[5]],
  },
  {
    name: "permute",
    make: () => permute([2, 0, 1]),
    inputShape: image,
    refuses: [[3, 5]],
    refusesShapes: [[5]],
  },
  {
    name: "zeroPadding",
    make: () => zeroPadding({ edges: [1, [0, 2]] }),
    inputShape: image,
    refuses: [[3, 5]],
    refusesShapes: [[5]],
  },
  {
    name: "mirrorPadding",
    make: () => mirrorPadding({ edges: [2, [0, 3]], mode: "symmetric" }),
    inputShape: image,
    refuses: [
      [3, 5],
      [3, 1, 4, 2],
    ],
    refusesShapes: [[5], [5, 2, 2]],
  },
  {
    name: "cropping",
    make: () => cropping({ edges: [1, [0, 2]] }),
    inputShape: image,
    refuses: [
      [3, 5],
      [3, 2, 4, 2],
    ],
    refusesShapes: [[5], [2, 4, 2]],
  },
  // Sequences
  {
    name: "embedding",
    make: () => embedding({ vocabulary: 5, units: 3, paddingIndex: 0 }),
    inputShape: [4],
    vocabulary: 5,
    refuses: [[]],
  },
  {
    name: "recurrent rnnCell",
    make: () => recurrent(rnnCell({ units: 3 })),
    inputShape: sequence,
    ...notThose,
  },
  {
    name: "recurrent lstmCell",
    make: () => recurrent(lstmCell({ units: 3 }), { returnSequences: true }),
    inputShape: sequence,
    ...notThose,
  },
  {
    name: "recurrent gruCell",
    make: () => recurrent(gruCell({ units: 3 }), { returnSequences: true, reverse: true }),
    inputShape: sequence,
    ...notThose,
  },
  {
    name: "recurrent gruCell, reset before",
    make: () => recurrent(gruCell({ units: 3, reset: "before" })),
    inputShape: sequence,
    ...notThose,
  },
  {
    name: "bidirectional",
    make: () => bidirectional(lstmCell({ units: 2 }), { returnSequences: true, merge: "product" }),
    inputShape: sequence,
    ...notThose,
  },
  // Others
  { name: "activation", make: () => activation("tanh"), inputShape: [3], refuses: [] },
  {
    name: "sequential",
    make: () =>
      sequential([
        conv2d({ filters: 2, kernelSize: 3 }),
        activation("tanh"),
        flatten(),
        dense({ units: 3 }),
      ]),
    inputShape: image,
    refuses: [
      [3, 5, 4, 3],
      [3, 6, 4, 2],
    ],
    refusesShapes: [
      [5, 4],
      [2, 4, 2],
    ],
  },
];
