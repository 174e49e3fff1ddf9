import {
  adaDelta,
  adaGrad,
  addDecayedWeights,
  chain,
  constantSchedule,
  ftrl,
  inverseTimeDecaySchedule,
  joinSchedules,
  nesterovRmsProp,
  rmsProp,
  scale,
  scaleByAdadelta,
  scaleByRss,
  scaleByStddev,
} from "@layerwise/optim";
import { type Row, row } from "../support/row.ts";

const learningRate = 0.1;
const halvedAt25 = joinSchedules([constantSchedule(0.1), constantSchedule(0.05)], [25]);

const torchAdaGrad = { initialAccumulatorValue: 0, eps: 1e-10, epsInSqrt: false } as const;
const torchRmsProp = { decay: 0.99, epsInSqrt: false, learningRateInVelocity: false } as const;

export const rows: readonly Row[] = [
  row({
    name: "adaGrad",
    make: (learningRate) => adaGrad({ learningRate }),
    golden: {
      'optax adagrad {"learning_rate":0.1}': () => adaGrad({ learningRate }),
      'optax adagrad {"learning_rate":0.1,"initial_accumulator_value":0,"eps":1e-7}': () =>
        adaGrad({ learningRate, initialAccumulatorValue: 0 }),
      'optax-0.2.8 scale_by_rss {"initial_accumulator_value":0.3,"eps":0.01}': () =>
        chain(scaleByRss({ initialAccumulatorValue: 0.3, eps: 0.01 }), scale(-learningRate)),
    },
    // The steps shrink with the sum of squared gradients: it wants a larger rate.
    contract: { sphereRate: 1, valleyRate: 0.01 },
  }),
  row({
    name: "adaGrad with eps outside of the root",
    make: (learningRate) => adaGrad({ learningRate, ...torchAdaGrad }),
    golden: {
      'numpy-formula slide adagrad {"eps":0.1,"delta":1e-7}': () =>
        adaGrad({ learningRate, ...torchAdaGrad, eps: 1e-7 }),
      'torch-1.13 Adagrad {"lr":0.1}': () => adaGrad({ learningRate, ...torchAdaGrad }),
      'torch-1.13 Adagrad {"lr":0.1,"eps":0.001}': () =>
        adaGrad({ learningRate, ...torchAdaGrad, eps: 1e-3 }),
      'torch-1.13 Adagrad {"lr":0.1,"lr_decay":0.01,"initial_accumulator_value":0.1}': () =>
        adaGrad({
          learningRate: inverseTimeDecaySchedule({ initValue: 0.1, rate: 0.01 }),
          ...torchAdaGrad,
          initialAccumulatorValue: 0.1,
        }),
      'torch-1.13 Adagrad {"lr":0.1,"weight_decay":0.01,"eps":0.001}': () =>
        chain(addDecayedWeights(0.01), adaGrad({ learningRate, ...torchAdaGrad, eps: 1e-3 })),
    },
    contract: { sphereRate: 1, valleyRate: 0.01 },
  }),
  row({
    name: "adaDelta",
    make: (learningRate) => adaDelta({ learningRate }),
    golden: {
      'optax adadelta {"learning_rate":0.1}': () => adaDelta({ learningRate }),
      'optax adadelta {"learning_rate":0.1,"weight_decay":0.01}': () =>
        adaDelta({ learningRate, weightDecay: 0.01 }),
      'optax adadelta {"learning_rate":0.1,"eps":0.001}': () =>
        adaDelta({ learningRate, eps: 1e-3 }),
      'optax-0.2.8 scale_by_adadelta {"rho":0.8,"eps":0.01}': () =>
        chain(scaleByAdadelta({ rho: 0.8, eps: 0.01 }), scale(-learningRate)),
      'torch-1.13 Adadelta {"lr":1}': () => adaDelta(),
      'torch-1.13 Adadelta {"lr":1,"rho":0.95,"eps":0.001,"weight_decay":0.01}': () =>
        adaDelta({ rho: 0.95, eps: 1e-3, weightDecay: 0.01 }),
    },
    // The rule's own rate is 1, and it starts with steps of 1e-3.
    contract: { sphereRate: 10, valleyRate: 1 },
  }),
  row({
    name: "rmsProp",
    make: (learningRate) => rmsProp({ learningRate }),
    golden: {
      'optax rmsprop {"learning_rate":0.1}': () => rmsProp({ learningRate }),
      'optax rmsprop {"learning_rate":0.1,"eps":0.001}': () => rmsProp({ learningRate, eps: 1e-3 }),
      'numpy-formula slide rmsprop {"eps":0.1,"rho":0.9,"delta":0.000001}': () =>
        rmsProp({ learningRate, decay: 0.9, eps: 1e-6 }),
      'optax-0.2.8 rmsprop {"learning_rate":0.1,"initial_scale":1}': () =>
        rmsProp({ learningRate, initialScale: 1 }),
    },
  }),
  row({
    name: "rmsProp with eps outside of the root",
    make: (learningRate) => rmsProp({ learningRate, ...torchRmsProp }),
    golden: {
      'optax rmsprop {"learning_rate":0.1,"eps_in_sqrt":false}': () =>
        rmsProp({ learningRate, epsInSqrt: false }),
      'torch-1.13 RMSprop {"lr":0.1}': () => rmsProp({ learningRate, ...torchRmsProp }),
      'torch-1.13 RMSprop {"lr":0.1,"eps":0.001,"alpha":0.9}': () =>
        rmsProp({ learningRate, ...torchRmsProp, eps: 1e-3, decay: 0.9 }),
      'torch-1.13 RMSprop {"lr":0.1,"alpha":0.9,"weight_decay":0.01}': () =>
        chain(addDecayedWeights(0.01), rmsProp({ learningRate, ...torchRmsProp, decay: 0.9 })),
    },
  }),
  row({
    name: "rmsProp with bias correction",
    make: (learningRate) => rmsProp({ learningRate, debias: true }),
    golden: {
      'optax-0.2.8 rmsprop {"learning_rate":0.1,"decay":0.95,"bias_correction":true,"eps_in_sqrt":false,"eps":0.001}':
        () => rmsProp({ learningRate, decay: 0.95, debias: true, epsInSqrt: false, eps: 1e-3 }),
    },
  }),
  row({
    name: "rmsProp with momentum",
    make: (learningRate) => rmsProp({ learningRate, momentum: 0.9 }),
    golden: {
      'optax rmsprop {"learning_rate":0.1,"momentum":0.9}': () =>
        rmsProp({ learningRate, momentum: 0.9 }),
      'optax-0.2.8 rmsprop halved at 25 {"momentum":0.9}': () =>
        rmsProp({ learningRate: halvedAt25, momentum: 0.9 }),
      'torch-1.13 RMSprop {"lr":0.1,"momentum":0.9}': () =>
        rmsProp({ learningRate, ...torchRmsProp, momentum: 0.9 }),
    },
  }),
  row({
    name: "rmsProp with Nesterov momentum",
    make: (learningRate) => rmsProp({ learningRate, momentum: 0.9, nesterov: true }),
    golden: {
      'optax rmsprop {"learning_rate":0.1,"momentum":0.9,"nesterov":true,"eps":0.000001}': () =>
        rmsProp({ learningRate, momentum: 0.9, nesterov: true, eps: 1e-6 }),
    },
    // Steps of almost constant length circle around a minimum at a distance in proportion to the rate.
    contract: { sphereRate: 0.02 },
  }),
  row({
    name: "centered rmsProp",
    make: (learningRate) => rmsProp({ learningRate, centered: true }),
    golden: {
      'torch-1.13 RMSprop {"lr":0.1,"centered":true}': () =>
        rmsProp({ learningRate, ...torchRmsProp, centered: true }),
      'torch-1.13 RMSprop {"lr":0.1,"centered":true,"momentum":0.9,"alpha":0.9,"eps":0.001}': () =>
        rmsProp({
          learningRate,
          ...torchRmsProp,
          centered: true,
          momentum: 0.9,
          decay: 0.9,
          eps: 1e-3,
        }),
      'optax-0.2.8 rmsprop {"learning_rate":0.1,"centered":true,"momentum":0.9,"eps":0.001}': () =>
        rmsProp({ learningRate, centered: true, momentum: 0.9, eps: 1e-3 }),
      'optax-0.2.8 scale_by_stddev {"decay":0.95,"bias_correction":true,"initial_scale":0.5,"eps":0.01}':
        () =>
          chain(
            scaleByStddev({ decay: 0.95, debias: true, initialScale: 0.5, eps: 0.01 }),
            scale(-learningRate),
          ),
      'optax-0.2.8 scale_by_stddev {"decay":0.9,"eps_in_sqrt":false,"eps":0.01}': () =>
        chain(scaleByStddev({ epsInSqrt: false, eps: 0.01 }), scale(-learningRate)),
    },
  }),
  row({
    name: "nesterovRmsProp",
    make: (learningRate) => nesterovRmsProp({ learningRate }),
    // It takes the gradient from `gradFn`, which is not zero, and the loss sees all tensors.
    contract: { zeroGradientIsNoOp: false, couplesLeaves: true },
  }),
  row({
    name: "ftrl",
    make: (learningRate) => ftrl({ learningRate }),
    golden: {
      'pytorch_optimizer-3.8.0 FTRL {"lr":0.1,"beta":1}': () => ftrl({ learningRate }),
      'pytorch_optimizer-3.8.0 FTRL {"lr":1,"beta":1,"lambda_1":0.5,"lambda_2":0.1}': () =>
        ftrl({ learningRate: 1, l1: 0.5, l2: 0.1 }),
    },
    // It solves for the parameters at every step, without a gradient to zero; and AdaGrad's rates.
    contract: { zeroGradientIsNoOp: false, sphereRate: 1, valleyRate: 0.01 },
  }),
];
