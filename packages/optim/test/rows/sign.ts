import { chain, lion, rprop, scale, scaleByLion, signSgd, signum } from "@layerwise/optim";
import { type Row, row } from "../support/row.ts";

const learningRate = 0.1;

export const rows: readonly Row[] = [
  row({
    name: "signSgd",
    make: (learningRate) => signSgd({ learningRate }),
    golden: { 'optax sign_sgd {"learning_rate":0.1}': () => signSgd({ learningRate }) },
  }),
  row({
    name: "signum",
    make: (learningRate) => signum({ learningRate }),
    golden: {
      'optax signum {"learning_rate":0.1}': () => signum({ learningRate }),
      'pytorch_optimizer-3.8.0 SignSGD {"lr":0.1,"momentum":0.9}': () => signum({ learningRate }),
    },
  }),
  row({
    name: "lion",
    make: (learningRate) => lion({ learningRate, weightDecay: 0 }),
    golden: {
      'optax lion {"learning_rate":0.1,"weight_decay":0.01}': () =>
        lion({ learningRate, weightDecay: 0.01 }),
      'pytorch_optimizer-3.8.0 Lion {"lr":0.1,"betas":[0.95,0.98],"weight_decay":0.1}': () =>
        lion({ learningRate, b1: 0.95, b2: 0.98, weightDecay: 0.1 }),
    },
  }),
  row({
    name: "smooth lion",
    make: (learningRate) => lion({ learningRate, weightDecay: 0, mode: "smooth" }),
    golden: {
      'optax-0.2.8 scale_by_lion {"mode":"smooth","smooth_beta":2.5}': () =>
        chain(scaleByLion({ mode: "smooth", smoothBeta: 2.5 }), scale(-learningRate)),
    },
  }),
  row({
    name: "refined lion",
    make: (learningRate) => lion({ learningRate, weightDecay: 0, mode: "refined" }),
    golden: {
      'optax-0.2.8 scale_by_lion {"mode":"refined","b1":0.8}': () =>
        chain(scaleByLion({ mode: "refined", b1: 0.8 }), scale(-learningRate)),
    },
  }),
  row({
    name: "rprop",
    make: (learningRate) => rprop({ learningRate }),
    golden: {
      'torch-1.13 Rprop {"lr":0.1}': () => rprop({ learningRate }),
      'torch-1.13 Rprop {"lr":0.1,"etas":[0.6,1.5],"step_sizes":[0.01,0.3]}': () =>
        rprop({ learningRate, etaMinus: 0.6, etaPlus: 1.5, minStepSize: 0.01, maxStepSize: 0.3 }),
      'torch-1.13 Rprop {"lr":10,"step_sizes":[0.01,1]}': () =>
        rprop({ learningRate: 10, minStepSize: 0.01, maxStepSize: 1 }),
    },
  }),
];
