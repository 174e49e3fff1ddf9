import {
  addDecayedWeights,
  aggMo,
  asgd,
  chain,
  constantSchedule,
  ema,
  emaMomentum,
  heavyBall,
  joinSchedules,
  nesterovMomentum,
  noisySgd,
  optimisticGradientDescent,
  qhm,
  scaleByLearningRate,
  sgd,
} from "@layerwise/optim";
import { type Row, row } from "../support/row.ts";

const learningRate = 0.1;
const halvedAt25 = joinSchedules([constantSchedule(0.1), constantSchedule(0.05)], [25]);

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
      'optax-0.2.8 sgd halved at 25 {"momentum":0.9,"nesterov":true}': () =>
        sgd({ learningRate: halvedAt25, momentum: 0.9, nesterov: true }),
    },
  }),
  row({
    name: "sgd with dampened momentum",
    make: (learningRate) => sgd({ learningRate, momentum: 0.9, dampening: 0.5 }),
    golden: {
      'torch-1.13 SGD {"lr":0.1,"momentum":0.9,"dampening":0.9}': () =>
        sgd({ learningRate, momentum: 0.9, dampening: 0.9 }),
      'torch-1.13 SGD {"lr":0.1,"momentum":0.9,"dampening":0.3,"weight_decay":0.01}': () =>
        chain(addDecayedWeights(0.01), sgd({ learningRate, momentum: 0.9, dampening: 0.3 })),
    },
  }),
  row({
    name: "heavyBall",
    make: (learningRate) => heavyBall({ learningRate }),
    golden: {
      'numpy-formula slide momentum v<-av-eg {"alpha":0.9,"eps":0.1}': () =>
        heavyBall({ learningRate, momentum: 0.9 }),
      'optax-0.2.8 chain(scale_by_learning_rate halved at 25,trace) {"decay":0.9}': () =>
        heavyBall({ learningRate: halvedAt25 }),
    },
  }),
  row({
    name: "emaMomentum",
    make: (learningRate) => emaMomentum({ learningRate }),
    golden: {
      'numpy-formula slide EMA momentum v<-lv-(1-l)g {"lam":0.9}': () =>
        emaMomentum({ learningRate: 1, momentum: 0.9 }),
      'optax ema(.9,nodebias) {"learning_rate":0.1}': () => emaMomentum({ learningRate }),
    },
  }),
  row({
    name: "ema",
    make: (learningRate) => chain(ema({ decay: 0.9 }), scaleByLearningRate(learningRate)),
    golden: {
      'optax ema(.9,debias) {"learning_rate":0.1}': () =>
        chain(ema({ decay: 0.9 }), scaleByLearningRate(learningRate)),
    },
  }),
  row({
    name: "nesterovMomentum",
    make: (learningRate) => nesterovMomentum({ learningRate }),
    // It takes the gradient from `gradFn`, which is not zero, and the loss sees all tensors.
    contract: { zeroGradientIsNoOp: false, couplesLeaves: true },
  }),
  row({
    name: "qhm",
    make: (learningRate) => qhm({ learningRate, decay: 0.9 }),
    golden: {
      'pytorch_optimizer-3.8.0 QHM {"lr":0.1,"momentum":0.9,"nu":0.7}': () =>
        qhm({ learningRate, decay: 0.9, nu: 0.7 }),
      'pytorch_optimizer-3.8.0 QHM {"lr":0.1,"momentum":0.999,"nu":0.5}': () =>
        qhm({ learningRate, nu: 0.5 }),
    },
  }),
  row({
    name: "aggMo",
    make: (learningRate) => aggMo({ learningRate }),
    golden: {
      'pytorch_optimizer-3.8.0 AggMo {"lr":0.1,"betas":[0,0.9,0.99]}': () =>
        aggMo({ learningRate }),
      'pytorch_optimizer-3.8.0 AggMo {"lr":0.01,"betas":[0.5,0.95]}': () =>
        aggMo({ learningRate: 0.01, betas: [0.5, 0.95] }),
    },
  }),
  row({
    name: "optimisticGradientDescent",
    make: (learningRate) => optimisticGradientDescent({ learningRate }),
    golden: {
      'optax optimistic_gradient_descent {"learning_rate":0.1}': () =>
        optimisticGradientDescent({ learningRate }),
      'optax-0.2.8 optimistic_gradient_descent {"learning_rate":0.1,"alpha":0.7,"beta":0.3}': () =>
        optimisticGradientDescent({ learningRate, alpha: 0.7, beta: 0.3 }),
    },
    // Stable up to 2/3 of the inverse curvature, 1e-3 in the ravine.
    contract: { valleyRate: 5e-4 },
  }),
  row({
    name: "asgd",
    make: (learningRate) => asgd({ learningRate }),
    golden: {
      'torch-1.13 ASGD {"lr":0.1}': () => asgd({ learningRate }),
      'torch-1.13 ASGD {"lr":0.1,"lambd":0.01,"t0":5}': () =>
        asgd({ learningRate, lambd: 0.01, t0: 5 }),
      'torch-1.13 ASGD {"lr":0.1,"lambd":0.1,"alpha":0.5,"t0":0,"weight_decay":0.01}': () =>
        chain(addDecayedWeights(0.01), asgd({ learningRate, lambd: 0.1, alpha: 0.5, t0: 0 })),
    },
    // A decayed parameter moves without a gradient, by design.
    contract: { zeroGradientIsNoOp: false },
  }),
  row({
    name: "noisySgd",
    // Noise of variance 0, made all the same: other noise could not be the same under other names.
    make: (learningRate) => noisySgd({ learningRate, eta: 0, seed: 0 }),
  }),
];
