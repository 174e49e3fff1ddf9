import {
  chain,
  muon,
  psgdKron,
  scaleByLearningRate,
  scaleByPsgdKron,
  shampoo,
  soap,
} from "@layerwise/optim";
import { type Row, row } from "../support/row.ts";

const learningRate = 0.1;

export const rows: readonly Row[] = [
  row({
    name: "muon",
    seesTensors: true,
    make: (learningRate) => muon({ learningRate }),
    golden: {
      'optax muon {"learning_rate":0.1}': () => muon({ learningRate }),
    },
  }),
  row({
    name: "muon without bias correction and Nesterov's momentum",
    seesTensors: true,
    make: (learningRate) => muon({ learningRate, debias: false, nesterov: false }),
    golden: {
      'optax-0.2.8 muon {"learning_rate":0.1,"nesterov":false,"weight_decay":0.01,"adam_learning_rate":0.01,"adam_weight_decay":0.1}':
        () =>
          muon({
            learningRate,
            nesterov: false,
            weightDecay: 0.01,
            adamLearningRate: 0.01,
            adamWeightDecay: 0.1,
          }),
    },
  }),
  row({
    name: "muon, adaptive",
    seesTensors: true,
    make: (learningRate) => muon({ learningRate, adaptive: true, consistentRms: 0.2 }),
    golden: {
      'optax-0.2.8 muon {"learning_rate":0.01,"adaptive":true,"beta":0.9,"eps":0.001}': () =>
        muon({ learningRate: 0.01, adaptive: true, beta: 0.9, eps: 1e-3 }),
      'optax-0.2.8 muon {"learning_rate":0.1,"consistent_rms":0.2,"ns_steps":10,"ns_coeffs":[1.875,-1.25,0.375]}':
        () =>
          muon({
            learningRate,
            consistentRms: 0.2,
            steps: 10,
            coefficients: [15 / 8, -5 / 4, 3 / 8],
          }),
    },
  }),
  row({
    name: "shampoo",
    seesTensors: true,
    make: (learningRate) => shampoo({ learningRate }),
    // Sums of squares, as AdaGrad: steps shrink as 1/√t, and a larger rate gets there.
    contract: { sphereRate: 1, sphereSteps: 300, valleyRate: 0.01 },
  }),
  row({
    name: "shampoo with moving averages and momentum",
    seesTensors: true,
    make: (learningRate) => shampoo({ learningRate, momentum: 0.9, b2: 0.99 }),
    // A step is about the rate long in each direction, and momentum sums ten of them.
    contract: { sphereRate: 0.01, sphereSteps: 400 },
  }),
  row({
    name: "shampoo that keeps diagonals",
    seesTensors: true,
    make: (learningRate) => shampoo({ learningRate, maxPreconditionerSize: 2 }),
    contract: { sphereRate: 1, valleyRate: 0.01 },
  }),
  row({
    name: "soap",
    seesTensors: true,
    make: (learningRate) => soap({ learningRate }),
  }),
  row({
    name: "soap with decay",
    seesTensors: true,
    make: (learningRate) => soap({ learningRate, weightDecay: 0.01, maxPreconditionerSize: 2 }),
    // A decayed parameter moves without a gradient, by design.
    contract: { zeroGradientIsNoOp: false },
  }),
  row({
    name: "psgdKron",
    seesTensors: true,
    make: (learningRate) => psgdKron({ learningRate }),
    // Whitened gradients do not get shorter near the minimum.
    contract: { sphereRate: 0.02 },
  }),
  row({
    name: "whitened gradients",
    seesTensors: true,
    make: (rate) => chain(scaleByPsgdKron(), scaleByLearningRate(rate)),
    contract: { sphereRate: 0.02 },
  }),
];
