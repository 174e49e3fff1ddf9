import {
  type ActivationName,
  activation,
  activations,
  constant,
  fromFunction,
  gumbelSoftmax,
  kWinners,
  prelu,
  rrelu,
} from "@layerwise/layers";
import * as tf from "@tensorflow/tfjs-core";
import type { LayerRow } from "../support/contract.ts";

// Its derivative is by design not that of its values; see activation-random.test.ts.
const straightThrough: readonly string[] = ["binaryStep"];

// Batches and shapes that functions of a divided last axis refuse.
const refusals: Readonly<Record<string, Pick<LayerRow, "refuses" | "refusesShapes">>> = {
  crelu: { refuses: [[]], refusesShapes: [[]] },
  geglu: { refuses: [[3, 5], []], refusesShapes: [[5], []] },
  glu: { refuses: [[3, 5], []], refusesShapes: [[5], []] },
  maxout: { refuses: [[3, 5], []], refusesShapes: [[5], []] },
  reglu: { refuses: [[3, 5], []], refusesShapes: [[5], []] },
  swiglu: { refuses: [[3, 5], []], refusesShapes: [[5], []] },
};

const named = (Object.keys(activations) as ActivationName[])
  .filter((name) => !straightThrough.includes(name))
  .map(
    (name): LayerRow => ({
      name,
      make: () => activation(name),
      inputShape: [2, 6],
      ...(refusals[name] ?? { refuses: [] }),
    }),
  );

/** The activation layers for the contract. */
export const activationRows: readonly LayerRow[] = [
  ...named,
  {
    name: "elu, alpha 2",
    make: () => activation("elu", { alpha: 2 }),
    inputShape: [4],
    refuses: [],
  },
  {
    name: "maxout of 3 pieces",
    make: () => activation("maxout", { pieces: 3 }),
    inputShape: [6],
    refuses: [[3, 4]],
    refusesShapes: [[4]],
  },
  {
    name: "kWinners",
    make: () => activation((x) => kWinners(x, { k: 2 }), { name: "kWinners" }),
    inputShape: [5],
    refuses: [[3, 1]],
  },
  {
    name: "a function",
    make: () =>
      fromFunction((x) => tf.sum(tf.square(x), -1), { outputShape: (shape) => shape.slice(0, -1) }),
    inputShape: [2, 3],
    refuses: [],
  },
  { name: "prelu, one slope", make: () => prelu(), inputShape: [3], refuses: [] },
  {
    name: "prelu, a slope per channel",
    make: () => prelu({ per: "channel", slopeInit: constant(-0.5) }),
    inputShape: [2, 3],
    refuses: [[3, 2, 4]],
    refusesShapes: [[]],
  },
  {
    name: "prelu, a slope per element",
    make: () => prelu({ per: "element" }),
    inputShape: [2, 3],
    refuses: [[3, 3, 2]],
  },
  {
    name: "rrelu",
    make: () => rrelu(),
    inputShape: [4],
    refuses: [],
    needsKey: true,
  },
  {
    name: "gumbelSoftmax",
    make: () => gumbelSoftmax({ temperature: 0.5 }),
    inputShape: [2, 4],
    refuses: [],
    needsKey: true,
  },
];
