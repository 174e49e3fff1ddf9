import {
  type AdemamixOptions,
  acprop,
  adaBelief,
  adaBound,
  adaMax,
  adaMaxW,
  adaMod,
  adam,
  adamEpsInRoot,
  adamL2,
  adamP,
  adamW,
  adan,
  addDecayedWeights,
  ademamix,
  adopt,
  amsGrad,
  amsGradW,
  chain,
  diffGrad,
  halfLifeSchedule,
  laProp,
  linearSchedule,
  nadam,
  nadamW,
  optimisticAdam,
  qhadam,
  radam,
  sgdP,
  simplifiedAdemamix,
  yogi,
} from "@layerwise/optim";
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
    },
  }),
  row({ name: "adam with b1 = 0", make: (learningRate) => adam({ learningRate, b1: 0 }) }),
  row({
    name: "adam with eps before correction",
    make: (learningRate) => adam({ learningRate, epsHat: true, eps: 1e-7 }),
    golden: {
      'numpy-formula keras adam eps-hat {"lr":0.1,"eps":0.001}': () =>
        adam({ learningRate, epsHat: true, eps: 1e-3 }),
    },
  }),
  row({
    name: "adamEpsInRoot",
    make: (learningRate) => adamEpsInRoot({ learningRate }),
    golden: {
      'numpy-formula slide adam sqrt(rhat+delta) {"eps":0.1,"delta":1e-8}': () =>
        adamEpsInRoot({ learningRate, eps: 1e-8 }),
    },
  }),
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
  row({
    name: "adamL2",
    make: (learningRate) => adamL2({ learningRate }),
    golden: {
      'torch-1.13 Adam {"lr":0.1,"weight_decay":0.01}': () =>
        adamL2({ learningRate, weightDecay: 0.01 }),
    },
    // The penalty is a gradient of its own, by design.
    contract: { zeroGradientIsNoOp: false },
  }),
  row({
    name: "nadam as in optax",
    make: (learningRate) => nadam({ learningRate }),
    golden: {
      'optax adam {"learning_rate":0.1,"nesterov":true}': () => nadam({ learningRate }),
    },
  }),
  row({
    name: "nadam with a momentum schedule",
    make: (learningRate) => nadam({ learningRate, momentumDecay: 0.004 }),
    golden: {
      'torch-1.13 NAdam {"lr":0.1,"foreach":true}': () =>
        nadam({ learningRate, momentumDecay: 0.004 }),
      'torch-1.13 NAdam {"lr":0.1,"eps":0.001,"momentum_decay":1,"weight_decay":0.01,"foreach":true}':
        () => chain(addDecayedWeights(0.01), nadam({ learningRate, eps: 1e-3, momentumDecay: 1 })),
    },
  }),
  row({
    name: "nadamW",
    make: (learningRate) => nadamW({ learningRate }),
    golden: {
      'optax nadamw {"learning_rate":0.1,"weight_decay":0.01}': () =>
        nadamW({ learningRate, weightDecay: 0.01 }),
    },
    // A decayed parameter moves without a gradient, by design.
    contract: { zeroGradientIsNoOp: false },
  }),
  row({
    name: "amsGrad",
    make: (learningRate) => amsGrad({ learningRate }),
    golden: {
      'torch-1.13 Adam {"lr":0.1,"amsgrad":true}': () => amsGrad({ learningRate }),
      'torch-1.13 Adam {"lr":0.1,"eps":0.001,"amsgrad":true}': () =>
        amsGrad({ learningRate, eps: 1e-3 }),
    },
  }),
  row({
    name: "amsGrad as in optax",
    make: (learningRate) => amsGrad({ learningRate, correction: "before-max" }),
    golden: {
      'optax-0.2.8 amsgrad {"learning_rate":0.1}': () =>
        amsGrad({ learningRate, correction: "before-max" }),
    },
  }),
  row({
    name: "amsGrad as in its paper",
    make: (learningRate) => amsGrad({ learningRate, correction: "none" }),
    golden: {
      'optax amsgrad {"learning_rate":0.1,"bias_correction_mu":false,"bias_correction_nu":false}':
        () => amsGrad({ learningRate, correction: "none" }),
    },
  }),
  row({
    name: "amsGradW",
    make: (learningRate) => amsGradW({ learningRate }),
    golden: {
      'torch-1.13 AdamW {"lr":0.1,"weight_decay":0.01,"amsgrad":true}': () =>
        amsGradW({ learningRate, weightDecay: 0.01 }),
    },
    // A decayed parameter moves without a gradient, by design.
    contract: { zeroGradientIsNoOp: false },
  }),
  row({
    name: "radam as in optax",
    make: (learningRate) => radam({ learningRate }),
    golden: {
      'optax radam {"learning_rate":0.1}': () => radam({ learningRate }),
      'optax radam {"learning_rate":0.1,"nesterov":true}': () =>
        radam({ learningRate, nesterov: true }),
      'optax radam {"learning_rate":0.1,"eps":0.001}': () => radam({ learningRate, eps: 1e-3 }),
      'optax-0.2.8 radam {"learning_rate":0.1,"b2":0.9,"eps_root":0.001,"threshold":4.5}': () =>
        radam({ learningRate, b2: 0.9, epsRoot: 1e-3, threshold: 4.5 }),
    },
  }),
  row({
    name: "radam as in PyTorch",
    make: (learningRate) => radam({ learningRate, epsHat: true }),
    golden: {
      'torch-1.13 RAdam {"lr":0.1,"foreach":false}': () => radam({ learningRate, epsHat: true }),
      'torch-1.13 RAdam {"lr":0.1,"eps":0.001,"foreach":false}': () =>
        radam({ learningRate, eps: 1e-3, epsHat: true }),
    },
  }),
  row({
    name: "adaMax",
    make: (learningRate) => adaMax({ learningRate }),
    golden: {
      'optax adamax {"learning_rate":0.1}': () => adaMax({ learningRate }),
      'torch-1.13 Adamax {"lr":0.1}': () => adaMax({ learningRate }),
      'optax-0.2.8 adamax {"learning_rate":0.1,"eps":0.001}': () =>
        adaMax({ learningRate, eps: 1e-3 }),
    },
  }),
  row({
    name: "adaMax as in Keras",
    make: (learningRate) => adaMax({ learningRate, eps: 1e-7, epsOutside: true }),
  }),
  row({
    name: "adaMaxW",
    make: (learningRate) => adaMaxW({ learningRate }),
    golden: {
      'optax adamaxw {"learning_rate":0.1,"weight_decay":0.01}': () =>
        adaMaxW({ learningRate, weightDecay: 0.01 }),
    },
    // A decayed parameter moves without a gradient, by design.
    contract: { zeroGradientIsNoOp: false },
  }),
  row({
    name: "adaBelief",
    make: (learningRate) => adaBelief({ learningRate }),
    golden: {
      'optax adabelief {"learning_rate":0.1}': () => adaBelief({ learningRate }),
      'optax-0.2.8 adabelief {"learning_rate":0.1,"nesterov":true}': () =>
        adaBelief({ learningRate, nesterov: true }),
      'optax-0.2.8 adabelief {"learning_rate":0.1,"eps":0.001,"eps_root":0.001}': () =>
        adaBelief({ learningRate, eps: 1e-3, epsRoot: 1e-3 }),
    },
  }),
  row({
    name: "yogi",
    make: (learningRate) => yogi({ learningRate }),
    golden: {
      'optax yogi {"learning_rate":0.1}': () => yogi({ learningRate }),
      'optax yogi {"learning_rate":0.1,"eps":1e-8}': () => yogi({ learningRate, eps: 1e-8 }),
    },
    // The first moment starts at 1e-6, as in optax.
    contract: { zeroGradientIsNoOp: false },
  }),
  row({
    name: "adan",
    make: (learningRate) => adan({ learningRate }),
    golden: {
      'pytorch_optimizer-3.8.0 Adan {"lr":0.1,"eps":0.001}': () =>
        adan({ learningRate, eps: 1e-3 }),
    },
  }),
  row({
    name: "adan as in optax",
    make: (learningRate) => adan({ learningRate, ahead: 1 - 0.92, epsRoot: 1e-8 }),
    golden: {
      'optax adan {"learning_rate":0.1}': () =>
        adan({ learningRate, ahead: 1 - 0.92, epsRoot: 1e-8 }),
      'optax-0.2.8 adan {"learning_rate":0.1,"eps":0.001,"eps_root":0.001,"weight_decay":0.01}':
        () => adan({ learningRate, ahead: 1 - 0.92, eps: 1e-3, epsRoot: 1e-3, weightDecay: 0.01 }),
    },
  }),
  row({ name: "qhadam", make: (learningRate) => qhadam({ learningRate }) }),
  row({
    name: "ademamix",
    // The default memory of 10⁴ steps outlasts these tests.
    make: (learningRate) => ademamix({ learningRate, b3: 0.99 }),
    golden: {
      'optax ademamix {"learning_rate":0.1}': () => ademamix({ learningRate }),
    },
  }),
  row({
    name: "ademamix with warm-up",
    make: (learningRate) => warmAdemamix(learningRate, { b3: 0.99, eps: 1e-8, weightDecay: 0 }),
    golden: {
      'optax-0.2.8 ademamix {"learning_rate":0.1,"eps":0.001,"weight_decay":0.01,"alpha_warmup":20,"b3_warmup":20}':
        () => warmAdemamix(learningRate, { b3: 0.9999, eps: 1e-3, weightDecay: 0.01 }),
    },
  }),
  row({
    name: "simplifiedAdemamix",
    // A sum is 1 / (1 − b1) times an average.
    make: (learningRate) => simplifiedAdemamix({ learningRate: learningRate / 10, b1: 0.9 }),
    golden: {
      'optax simplified_ademamix {"learning_rate":0.01}': () =>
        simplifiedAdemamix({ learningRate: 0.01 }),
      'optax-0.2.8 simplified_ademamix {"learning_rate":0.01,"alpha":10,"eps":0.001,"weight_decay":0.01}':
        () => simplifiedAdemamix({ learningRate: 0.01, alpha: 10, eps: 1e-3, weightDecay: 0.01 }),
    },
  }),
  row({
    name: "adopt",
    make: (learningRate) => adopt({ learningRate }),
    golden: {
      'optax adopt {"learning_rate":0.1}': () => adopt({ learningRate }),
      'optax-0.2.8 adopt {"learning_rate":0.1,"nesterov":true}': () =>
        adopt({ learningRate, nesterov: true }),
      'optax-0.2.8 adopt {"learning_rate":0.1,"eps":0.1,"use_clipping":false}': () =>
        adopt({ learningRate, eps: 0.1, clipValue: null }),
    },
  }),
  row({
    name: "acprop",
    make: (learningRate) => acprop({ learningRate }),
    golden: {
      'optax acprop {"learning_rate":0.1}': () => acprop({ learningRate }),
      'optax-0.2.8 acprop {"learning_rate":0.01,"eps":0.001,"eps_root":0.001,"weight_decay":0.01}':
        () => acprop({ learningRate: 0.01, eps: 1e-3, epsRoot: 1e-3, weightDecay: 0.01 }),
    },
  }),
  row({
    name: "optimisticAdam",
    make: (learningRate) => optimisticAdam({ learningRate }),
    golden: {
      'optax optimistic_adam_v2 {"learning_rate":0.1}': () => optimisticAdam({ learningRate }),
      'optax-0.2.8 optimistic_adam_v2 {"learning_rate":0.1,"alpha":0.7,"beta":0.3,"nesterov":false}':
        () => optimisticAdam({ learningRate, alpha: 0.7, beta: 0.3, nesterov: false }),
    },
  }),
  row({
    name: "adamP",
    make: (learningRate) => adamP({ learningRate }),
    golden: {
      'torch-1.13 Adam, pytorch_optimizer-3.8.0 projection AdamP {"lr":0.1,"weight_decay":0.01,"delta":1.2}':
        () => adamP({ learningRate, weightDecay: 0.01, delta: 1.2, channelAxis: 0 }),
      'torch-1.13 Adam, pytorch_optimizer-3.8.0 projection AdamP {"lr":0.1,"weight_decay":0.01}':
        () => adamP({ learningRate, weightDecay: 0.01, channelAxis: 0 }),
    },
  }),
  row({
    name: "sgdP",
    make: (learningRate) => sgdP({ learningRate, momentum: 0.9 }),
    golden: {
      'pytorch_optimizer-3.8.0 SGDP {"lr":0.1,"momentum":0.9,"weight_decay":0.01,"delta":1.2}':
        () => sgdP({ learningRate, momentum: 0.9, weightDecay: 0.01, delta: 1.2, channelAxis: 0 }),
      'pytorch_optimizer-3.8.0 SGDP {"lr":0.1,"momentum":0.9,"nesterov":true,"weight_decay":0.01}':
        () =>
          sgdP({ learningRate, momentum: 0.9, nesterov: true, weightDecay: 0.01, channelAxis: 0 }),
    },
  }),
  row({
    name: "adaBound",
    make: (learningRate) => adaBound({ learningRate }),
    golden: {
      // The library adds 1e-15 under the root.
      'pytorch_optimizer-3.8.0 AdaBound {"lr":0.1,"final_lr":0.01,"gamma":0.1}': () =>
        adaBound({ learningRate, finalLearningRate: 0.01, gamma: 0.1, epsRoot: 1e-15 }),
      'pytorch_optimizer-3.8.0 AdaBound {"lr":0.01,"final_lr":0.1,"gamma":0.1,"ams_bound":true}':
        () => adaBound({ learningRate: 0.01, gamma: 0.1, epsRoot: 1e-15, amsbound: true }),
    },
  }),
  row({
    name: "adaMod",
    // Step sizes fade in with the memory of their average, by default 10⁴ steps.
    make: (learningRate) => adaMod({ learningRate, b3: 0.9 }),
    golden: {
      'pytorch_optimizer-3.8.0 AdaMod {"lr":0.1,"betas":[0.9,0.999,0.9]}': () =>
        adaMod({ learningRate, b3: 0.9 }),
    },
  }),
  row({ name: "diffGrad", make: (learningRate) => diffGrad({ learningRate }) }),
  row({ name: "laProp", make: (learningRate) => laProp({ learningRate }) }),
];

function warmAdemamix(
  learningRate: number,
  { b3, ...rest }: Required<Pick<AdemamixOptions, "eps" | "weightDecay">> & { readonly b3: number },
): ReturnType<typeof ademamix> {
  const steps = 20;
  return ademamix({
    ...rest,
    learningRate,
    alpha: linearSchedule({ initValue: 0, endValue: 5, steps }),
    b3: halfLifeSchedule({ initValue: 0.9, endValue: b3, steps }),
  });
}
