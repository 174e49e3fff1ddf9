import {
  adafactor,
  chain,
  constantSchedule,
  scaleByFactoredRms,
  scaleByLearningRate,
  scaleBySm3,
  sm3,
} from "@layerwise/optim";
import { type Row, row } from "../support/row.ts";

const learningRate = 0.1;

const withMomentum = () =>
  adafactor({ learningRate, minDimSizeToFactor: 2, momentum: 0.9, weightDecayRate: 0.01 });

export const rows: readonly Row[] = [
  row({
    name: "adafactor",
    seesTensors: true,
    make: (learningRate) => adafactor({ learningRate, minDimSizeToFactor: 2 }),
    golden: {
      'optax adafactor {"learning_rate":0.1,"min_dim_size_to_factor":2}': () =>
        adafactor({ learningRate, minDimSizeToFactor: 2 }),
    },
  }),
  row({
    name: "adafactor with momentum and decay",
    seesTensors: true,
    make: (learningRate) =>
      adafactor({ learningRate, minDimSizeToFactor: 2, momentum: 0.9, weightDecayRate: 1e-5 }),
    golden: {
      'optax adafactor {"learning_rate":0.1,"min_dim_size_to_factor":2,"momentum":0.9,"weight_decay_rate":0.01}':
        withMomentum,
    },
    // This case's momentum was kept in float32, optax's default `dtype_momentum`: memory.test.ts
    // reproduces it to 1e-12 with Math.fround. The next row has the case in float64.
    float64Tolerance: 3e-7,
    // A decayed parameter moves without a gradient, by design.
    contract: { zeroGradientIsNoOp: false },
  }),
  row({
    name: "adafactor with momentum in float64",
    seesTensors: true,
    make: (learningRate) => adafactor({ learningRate, momentum: 0.5 }),
    golden: {
      'optax-0.2.8 adafactor, decay and momentum in float64 {"learning_rate":0.1,"min_dim_size_to_factor":2,"momentum":0.9,"weight_decay_rate":0.01}':
        withMomentum,
    },
  }),
  row({
    name: "adafactor with absolute steps and a schedule",
    make: (rate) =>
      adafactor({
        learningRate: constantSchedule(rate),
        multiplyByParameterScale: false,
        clippingThreshold: null,
        factored: false,
      }),
    golden: {
      'optax-0.2.8 adafactor, decay in float64 {"learning_rate":0.1,"factored":false,"decay_rate":0.9,"decay_offset":-5,"eps":0.001,"multiply_by_parameter_scale":false,"clipping_threshold":null}':
        () =>
          adafactor({
            learningRate,
            factored: false,
            decayRate: 0.9,
            stepOffset: -5,
            eps: 1e-3,
            multiplyByParameterScale: false,
            clippingThreshold: null,
          }),
    },
  }),
  row({
    name: "sm3",
    seesTensors: true,
    make: (learningRate) => sm3({ learningRate }),
    golden: {
      'optax sm3 {"learning_rate":0.1}': () => sm3({ learningRate }),
    },
    // On vectors it is AdaGrad, whose steps shrink as 1/√t: a larger rate gets there.
    contract: { sphereRate: 1, valleyRate: 0.01 },
  }),
  row({
    name: "sm3 with moving averages",
    seesTensors: true,
    make: (rate) => chain(scaleBySm3({ b2: 0.99 }), scaleByLearningRate(rate)),
    golden: {
      'optax-0.2.8 scale_by_sm3 {"learning_rate":0.1,"b1":0.5,"b2":0.9,"eps":0.001}': () =>
        chain(scaleBySm3({ b1: 0.5, b2: 0.9, eps: 1e-3 }), scaleByLearningRate(learningRate)),
    },
  }),
  row({
    name: "factored root mean square",
    seesTensors: true,
    make: (rate) => chain(scaleByFactoredRms({ minDimSizeToFactor: 2 }), scaleByLearningRate(rate)),
  }),
];
