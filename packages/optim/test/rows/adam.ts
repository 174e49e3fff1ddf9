import { adam, adamW, addDecayedWeights, chain } from "@layerwise/optim";
import { type Row, row } from "../support/row.ts";

const learningRate = 0.1;

export const rows: readonly Row[] = [
  row({
    name: "adam",
    make: (learningRate) => adam({ learningRate }),
    golden: {
      'optax adam {"learning_rate":0.1}': () => adam({ learningRate }),
      'optax adam {"learning_rate":0.1,"eps":0,"eps_root":1e-8}': () =>
        adam({ learningRate, eps: 0, epsRoot: 1e-8 }),
      'optax adam {"learning_rate":0.1,"eps":0,"eps_root":0.001}': () =>
        adam({ learningRate, eps: 0, epsRoot: 1e-3 }),
      'optax adam {"learning_rate":0.1,"eps":0.001}': () => adam({ learningRate, eps: 1e-3 }),
      'torch-1.13 Adam {"lr":0.1}': () => adam({ learningRate }),
      'torch-1.13 Adam {"lr":0.1,"weight_decay":0.01}': () =>
        chain(addDecayedWeights(0.01), adam({ learningRate })),
    },
  }),
  row({ name: "adam with b1 = 0", make: (learningRate) => adam({ learningRate, b1: 0 }) }),
  row({
    name: "adamW",
    make: (learningRate) => adamW({ learningRate }),
    golden: {
      'optax adamw {"learning_rate":0.1,"weight_decay":0.01}': () =>
        adamW({ learningRate, weightDecay: 0.01 }),
      'torch-1.13 AdamW {"lr":0.1,"weight_decay":0.01}': () =>
        adamW({ learningRate, weightDecay: 0.01 }),
      'torch-1.13 AdamW {"lr":0.1,"eps":0.001,"weight_decay":0.1}': () =>
        adamW({ learningRate, eps: 1e-3, weightDecay: 0.1 }),
    },
    // A decayed parameter moves without a gradient, by design.
    contract: { zeroGradientIsNoOp: false },
  }),
];
