import {
  adam,
  cautious,
  centralize,
  chain,
  constantSchedule,
  decayMask,
  ema,
  fromage,
  graft,
  identity,
  lamb,
  lars,
  linearSchedule,
  normalizeByUpdateNorm,
  novograd,
  scaleByAdam,
  scaleByLearningRate,
  scaleByParamBlockNorm,
  scaleByParamBlockRms,
  sgd,
} from "@layerwise/optim";
import { type Row, row } from "../support/row.ts";

const learningRate = 0.1;

export const rows: readonly Row[] = [
  row({
    name: "lamb",
    seesTensors: true,
    make: (learningRate) => lamb({ learningRate }),
    golden: {
      'optax lamb {"learning_rate":0.1,"weight_decay":0.01}': () =>
        lamb({ learningRate, weightDecay: 0.01 }),
      'optax-0.2.8 lamb {"learning_rate":0.1,"eps":0.001,"weight_decay":0.1,"mask":"matrices"}':
        () => lamb({ learningRate, eps: 1e-3, weightDecay: 0.1, weightDecayMask: decayMask }),
    },
    // Each step is 0.1 · ‖θ‖ long however near the minimum is: the smaller rate ends within 3e-2.
    contract: { sphereRate: 0.01 },
  }),
  row({
    name: "lars",
    seesTensors: true,
    make: (learningRate) => lars({ learningRate }),
    golden: {
      'optax lars {"learning_rate":0.1,"weight_decay":0.01}': () =>
        lars({ learningRate, weightDecay: 0.01 }),
      'optax-0.2.8 lars {"learning_rate":0.1,"weight_decay":0.01,"trust_coefficient":0.01,"eps":0.001,"trust_ratio_mask":"matrices","momentum":0.5,"nesterov":true}':
        () =>
          lars({
            learningRate,
            weightDecay: 0.01,
            trustCoefficient: 0.01,
            eps: 1e-3,
            trustRatioMask: decayMask,
            momentum: 0.5,
            nesterov: true,
          }),
    },
    // The trust coefficient makes a step 1e-3 of the rate, relative to ‖θ‖.
    contract: { sphereRate: 1, valleyRate: 0.1 },
  }),
  row({
    name: "lars with Nesterov momentum and a schedule",
    seesTensors: true,
    make: (rate) => lars({ learningRate: constantSchedule(rate), nesterov: true }),
    contract: { sphereRate: 1, valleyRate: 0.1 },
  }),
  row({
    name: "novograd",
    seesTensors: true,
    make: (learningRate) => novograd({ learningRate }),
    golden: {
      'optax novograd {"learning_rate":0.1,"weight_decay":0.01}': () =>
        novograd({ learningRate, weightDecay: 0.01 }),
      'optax-0.2.8 novograd {"learning_rate":0.1,"b1":0.95,"b2":0.98,"eps":0.001,"eps_root":0.001}':
        () => novograd({ learningRate, b1: 0.95, b2: 0.98, eps: 1e-3, epsRoot: 1e-3 }),
    },
    // Momentum sums, so that a step is 10 · 0.1 long; at a tenth of that rate it ends within 3e-2.
    contract: { sphereRate: 0.01 },
  }),
  row({
    name: "fromage",
    seesTensors: true,
    make: (learningRate) => fromage({ learningRate }),
    golden: {
      'optax fromage {"learning_rate":0.1}': () => fromage({ learningRate }),
    },
    // Steps do not get shorter near the minimum, and parameters shrink at every step, gradient or not.
    contract: { sphereRate: 0.01, zeroGradientIsNoOp: false },
  }),
  row({
    name: "fromage with a schedule",
    seesTensors: true,
    make: (rate) => fromage({ learningRate: constantSchedule(rate) }),
    golden: {
      'optax-0.2.8 fromage {"learning_rate":"0.1 (1 - t / 50)"}': () =>
        fromage({ learningRate: linearSchedule({ initValue: 0.1, endValue: 0, steps: 50 }) }),
    },
    contract: { sphereRate: 0.01, zeroGradientIsNoOp: false },
  }),
  row({
    name: "centralized sgd",
    seesTensors: true,
    make: (learningRate) => chain(centralize(), sgd({ learningRate })),
    golden: {
      'optax chain(centralize,sgd) {"learning_rate":0.1}': () =>
        chain(centralize({ unitAxis: "first" }), sgd({ learningRate })),
    },
  }),
  row({
    name: "cautious adam",
    make: (learningRate) => chain(cautious(scaleByAdam()), scaleByLearningRate(learningRate)),
  }),
  row({
    name: "cautious around a whole optimizer",
    make: (learningRate) => cautious(adam({ learningRate }), { descends: true }),
  }),
  row({
    name: "the direction of a moving average as long as the gradient",
    seesTensors: true,
    make: (rate) =>
      chain(
        graft({ magnitude: identity(), direction: ema({ decay: 0.9 }) }),
        scaleByLearningRate(rate),
      ),
  }),
  row({
    name: "sgd normalized by the update norm",
    make: (learningRate) => chain(normalizeByUpdateNorm(), sgd({ learningRate })),
    golden: {
      'optax-0.2.8 chain(normalize_by_update_norm,sgd) {"learning_rate":0.1,"scale_factor":2}':
        () => chain(normalizeByUpdateNorm({ scaleFactor: 2 }), sgd({ learningRate })),
    },
    // The global norm; steps keep their length near the minimum.
    contract: { couplesLeaves: true, sphereRate: 0.02 },
  }),
  row({
    name: "adam relative to the norm of parameters",
    seesTensors: true,
    make: (rate) => chain(scaleByAdam(), scaleByParamBlockNorm(), scaleByLearningRate(rate)),
    golden: {
      'optax-0.2.8 chain(scale_by_param_block_norm,sgd) {"learning_rate":0.01}': () =>
        chain(scaleByParamBlockNorm(), sgd({ learningRate: 0.01 })),
    },
  }),
  row({
    name: "adam relative to the root mean square of parameters",
    seesTensors: true,
    make: (rate) => chain(scaleByAdam(), scaleByParamBlockRms(), scaleByLearningRate(rate)),
    golden: {
      'optax-0.2.8 chain(scale_by_param_block_rms,sgd) {"learning_rate":0.1,"min_scale":0.8}': () =>
        chain(scaleByParamBlockRms({ minScale: 0.8 }), sgd({ learningRate })),
    },
  }),
];
