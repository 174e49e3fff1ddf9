import {
  adam,
  adamW,
  addDecayedWeights,
  chain,
  clipByGlobalNorm,
  constantSchedule,
  identity,
  scale,
  scaleByAdam,
  scaleByLearningRate,
  sgd,
} from "@layerwise/optim";
import { optimizerContract } from "./optimizer-contract.ts";
import "./setup.ts";

optimizerContract("sgd", (learningRate) => sgd({ learningRate }));
optimizerContract("sgd with a schedule", (rate) => sgd({ learningRate: constantSchedule(rate) }));
optimizerContract("sgd with momentum", (learningRate) => sgd({ learningRate, momentum: 0.9 }));
optimizerContract("sgd with Nesterov momentum", (learningRate) =>
  sgd({ learningRate, momentum: 0.9, nesterov: true }),
);
optimizerContract("adam", (learningRate) => adam({ learningRate }));
optimizerContract("adam with b1 = 0", (learningRate) => adam({ learningRate, b1: 0 }));
optimizerContract("adam with a schedule", (rate) => adam({ learningRate: constantSchedule(rate) }));
// A decayed parameter moves without a gradient, by design.
optimizerContract("adamW", (learningRate) => adamW({ learningRate }), {
  zeroGradientIsNoOp: false,
});
optimizerContract("a chain of chains", (learningRate) =>
  chain(
    identity(),
    chain(clipByGlobalNorm(5), addDecayedWeights(0)),
    chain(scale(2), scaleByAdam()),
    scaleByLearningRate(learningRate),
  ),
);
