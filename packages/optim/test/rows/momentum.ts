import { addDecayedWeights, chain, constantSchedule, sgd } from "@layerwise/optim";
import { type Row, row } from "../support/row.ts";

const learningRate = 0.1;

export const rows: readonly Row[] = [
  row({
    name: "sgd",
    make: (learningRate) => sgd({ learningRate }),
    golden: {
      'optax sgd {"learning_rate":0.1}': () => sgd({ learningRate }),
      'torch-1.13 SGD {"lr":0.1}': () => sgd({ learningRate }),
    },
  }),
  row({
    name: "sgd with a schedule",
    make: (rate) => sgd({ learningRate: constantSchedule(rate) }),
  }),
  row({
    name: "sgd with momentum",
    make: (learningRate) => sgd({ learningRate, momentum: 0.9 }),
    golden: {
      'optax sgd {"learning_rate":0.1,"momentum":0.9}': () => sgd({ learningRate, momentum: 0.9 }),
    },
  }),
  row({
    name: "sgd with Nesterov momentum",
    make: (learningRate) => sgd({ learningRate, momentum: 0.9, nesterov: true }),
    golden: {
      'optax sgd {"learning_rate":0.1,"momentum":0.9,"nesterov":true}': () =>
        sgd({ learningRate, momentum: 0.9, nesterov: true }),
      'torch-1.13 SGD {"lr":0.1,"momentum":0.9,"nesterov":true,"weight_decay":0.01}': () =>
        chain(addDecayedWeights(0.01), sgd({ learningRate, momentum: 0.9, nesterov: true })),
    },
  }),
];
