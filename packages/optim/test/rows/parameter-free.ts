import {
  adam,
  alig,
  cocob,
  dadaptAdamW,
  dadaptSgd,
  dog,
  dowg,
  mechanize,
  momo,
  momoAdam,
  polyakSgd,
  prodigy,
  sgd,
} from "@layerwise/optim";
import { type Row, row } from "../support/row.ts";

// Norms, inner products and estimates are of all parameters together.
const couplesLeaves = true;

// The rate is a factor of the step size that these find themselves: 1 is what it is meant to be.
const findsRate = { couplesLeaves, sphereRate: 1, valleyRate: 1 };

export const rows: readonly Row[] = [
  row({
    name: "cocob",
    make: (learningRate) => cocob({ learningRate }),
    golden: {
      'optax-0.2.8 cocob {"alpha":10,"eps":0.001,"weight_decay":0.01}': () =>
        cocob({ alpha: 10, eps: 1e-3, weightDecay: 0.01 }),
      'optax cocob {"learning_rate":0.1}': () => cocob({ learningRate: 0.1 }),
    },
  }),
  row({
    name: "dadaptAdamW",
    make: (learningRate) => dadaptAdamW({ learningRate }),
    golden: {
      'optax-0.2.8 dadapt_adamw {"estim_lr0":0.01,"weight_decay":0.01,"eps":0.001}': () =>
        dadaptAdamW({ estimLr0: 0.01, weightDecay: 0.01, eps: 1e-3 }),

      'optax dadapt_adamw {"learning_rate":0.1}': () => dadaptAdamW({ learningRate: 0.1 }),
    },
    contract: findsRate,
  }),
  row({
    name: "dadaptSgd",
    make: (learningRate) => dadaptSgd({ learningRate }),
    golden: {
      'pytorch_optimizer-3.8.0 DAdaptSGD {"d0":0.1,"momentum":0.9}': () =>
        dadaptSgd({ estimLr0: 0.1 }),
      'pytorch_optimizer-3.8.0 DAdaptSGD {"d0":0.01,"momentum":0.5,"lr":0.5}': () =>
        dadaptSgd({ learningRate: 0.5, estimLr0: 0.01, momentum: 0.5 }),
    },
    contract: findsRate,
  }),
  row({
    name: "prodigy",
    make: (learningRate) => prodigy({ learningRate }),
    golden: {
      'optax-0.2.8 prodigy {"estim_lr0":0.01,"weight_decay":0.01,"eps":0.001,"beta3":0.9}': () =>
        prodigy({ estimLr0: 0.01, weightDecay: 0.01, eps: 1e-3, b3: 0.9 }),
      'optax-0.2.8 prodigy {"estim_lr0":0.01,"estim_lr_coef":0.5,"safeguard_warmup":true}': () =>
        prodigy({ estimLr0: 0.01, estimLrCoef: 0.5, safeguardWarmup: true }),
      'optax prodigy {"learning_rate":1}': () => prodigy(),
    },
    contract: findsRate,
  }),
  row({
    name: "dog",
    make: (learningRate) => dog({ learningRate }),
    golden: {
      'optax-0.2.8 dog {"init_step":["distance",0.1],"weight_decay":0.01}': () =>
        dog({ initStep: { distance: 0.1 }, weightDecay: 0.01 }),
      'optax-0.2.8 dog {"init_step":["learning_rate",0.1],"learning_rate":0.5}': () =>
        dog({ initStep: { learningRate: 0.1 }, learningRate: 0.5 }),
      'optax-0.2.8 dog {"init_step":["heuristic",0.1],"eps":0.001}': () =>
        dog({ initStep: { heuristic: 0.1 }, eps: 1e-3 }),
      'optax dog {"learning_rate":1}': () => dog(),
    },
    contract: findsRate,
  }),
  row({
    name: "dowg",
    make: (learningRate) => dowg({ learningRate }),
    golden: {
      "optax-0.2.8 dowg {}": () => dowg(),
      'optax-0.2.8 dowg {"learning_rate":0.5,"init_estim_sq_dist":0.1,"eps":0.001,"weight_decay":0.01}':
        () => dowg({ learningRate: 0.5, initSquaredDistance: 0.1, eps: 1e-3, weightDecay: 0.01 }),
    },
    contract: findsRate,
  }),
  row({
    name: "mechanize(sgd)",
    make: (learningRate) => mechanize(sgd({ learningRate })),
    golden: {
      'optax-0.2.8 mechanize(adam) {"s_init":0.01,"weight_decay":0.1,"num_betas":3,"learning_rate":0.1}':
        () =>
          mechanize(adam({ learningRate: 0.1 }), { sInit: 0.01, weightDecay: 0.1, numBetas: 3 }),

      'optax mechanize(sgd) {"learning_rate":0.1}': () => mechanize(sgd({ learningRate: 0.1 })),
    },
    // The factor starts at 1e-6 and has to grow first.
    contract: { ...findsRate, sphereSteps: 1500 },
  }),
  row({
    name: "polyakSgd",
    make: (maxLearningRate) => polyakSgd({ maxLearningRate }),
    golden: {
      'optax-0.2.8 polyak_sgd {"f_min":0.2,"max_learning_rate":0.3,"eps":0.1,"value":1}': () =>
        polyakSgd({ fMin: 0.2, maxLearningRate: 0.3, eps: 0.1 }),
      'optax-0.2.8 polyak_sgd {"f_min":2,"variant":"sps","value":1}': () => polyakSgd({ fMin: 2 }),
      'optax polyak_sgd {"value":1}': () => polyakSgd(),
    },
    contract: { couplesLeaves },
  }),
  row({
    name: "alig",
    make: (maxLearningRate) => alig({ maxLearningRate }),
    golden: {
      'pytorch_optimizer-3.8.0 AliG {"max_lr":0.1,"momentum":0.9,"value":1}': () =>
        alig({ maxLearningRate: 0.1, eps: 1e-6 }),
      'pytorch_optimizer-3.8.0 AliG {"max_lr":1,"momentum":0,"value":1}': () =>
        alig({ maxLearningRate: 1, momentum: 0, eps: 1e-6 }),
    },
    contract: { couplesLeaves },
  }),
  row({
    name: "momo",
    make: (learningRate) => momo({ learningRate }),
    golden: {
      'optax-0.2.8 momo {"learning_rate":0.01,"lower_bound":0.3,"weight_decay":0.1,"adapt_lower_bound":true,"value":1}':
        () =>
          momo({ learningRate: 0.01, lowerBound: 0.3, weightDecay: 0.1, adaptLowerBound: true }),
      'optax-0.2.8 momo {"learning_rate":1,"weight_decay":0.1,"lower_bound":-1,"adapt_lower_bound":true,"value":1}':
        () => momo({ weightDecay: 0.1, lowerBound: -1, adaptLowerBound: true }),
      'optax-0.2.8 momo {"learning_rate":1,"lower_bound":-3,"beta":0.5,"value":1}': () =>
        momo({ lowerBound: -3, beta: 0.5 }),

      'optax momo {"learning_rate":0.1,"value":1}': () => momo({ learningRate: 0.1 }),
    },
    contract: { couplesLeaves },
  }),
  row({
    name: "momoAdam",
    make: (learningRate) => momoAdam({ learningRate }),
    golden: {
      'optax-0.2.8 momo_adam {"learning_rate":0.01,"lower_bound":0.1,"weight_decay":0.1,"adapt_lower_bound":true,"value":1}':
        () =>
          momoAdam({
            learningRate: 0.01,
            lowerBound: 0.1,
            weightDecay: 0.1,
            adaptLowerBound: true,
          }),
      'optax-0.2.8 momo_adam {"value":1}': () => momoAdam(),
      'optax-0.2.8 momo_adam {"learning_rate":1,"weight_decay":0.1,"lower_bound":-1,"adapt_lower_bound":true,"eps":0.001,"value":1}':
        () =>
          momoAdam({
            learningRate: 1,
            weightDecay: 0.1,
            lowerBound: -1,
            adaptLowerBound: true,
            eps: 1e-3,
          }),
    },
    contract: { couplesLeaves },
  }),
];
