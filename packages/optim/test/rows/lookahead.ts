import { adam, alternatingSam, lookahead, sam, sgd } from "@layerwise/optim";
import { type Row, row } from "../support/row.ts";

const learningRate = 0.1;

export const rows: readonly Row[] = [
  row({
    name: "lookahead(sgd)",
    make: (learningRate) => lookahead(sgd({ learningRate })),
    golden: {
      'optax-0.2.8 lookahead(sgd) {"learning_rate":0.1,"sync_period":3,"slow_step_size":0.5}': () =>
        lookahead(sgd({ learningRate }), { syncPeriod: 3 }),
      'pytorch_optimizer-3.8.0 Lookahead(SGD) {"lr":0.1,"k":3,"alpha":0.5}': () =>
        lookahead(sgd({ learningRate }), { syncPeriod: 3 }),
      'optax-0.2.8 lookahead(adam) {"learning_rate":0.1,"sync_period":5,"slow_step_size":0.8}':
        () => lookahead(adam({ learningRate }), { slowStepSize: 0.8 }),
    },
  }),
  row({
    name: "lookahead(adam) with a new state at each slow step",
    make: (learningRate) => lookahead(adam({ learningRate }), { resetState: true }),
    golden: {
      'optax-0.2.8 lookahead(adam) {"learning_rate":0.1,"sync_period":4,"slow_step_size":0.3,"reset_state":true}':
        () =>
          lookahead(adam({ learningRate }), { syncPeriod: 4, slowStepSize: 0.3, resetState: true }),
    },
    // Without memory Adam's steps are as long as the rate, near the minimum too.
    contract: { sphereRate: 0.03 },
  }),
  row({
    name: "sam(sgd)",
    make: (learningRate) => sam(sgd({ learningRate })),
    // The perturbation is normalised over all parameters; the step is that of the gradient function,
    // whatever the given gradients are.
    contract: { couplesLeaves: true, zeroGradientIsNoOp: false },
  }),
  row({
    name: "adaptive sam(sgd)",
    make: (learningRate) => sam(sgd({ learningRate }), { adaptive: true }),
    // As above.
    contract: { couplesLeaves: true, zeroGradientIsNoOp: false },
  }),
  row({
    name: "alternatingSam(sgd)",
    make: (learningRate) => alternatingSam(sgd({ learningRate })),
    contract: { couplesLeaves: true },
  }),
];
