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
import { expect, test } from "vitest";
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

test.for(Object.entries({ sgd, adam, adamW }))("%s checks its learning rate", ([name, make]) => {
  const wanted = `${name}: expected learningRate to be a number >= 0 or a schedule, got`;
  for (const learningRate of [undefined, null, "0.1", -0.1, NaN, Infinity]) {
    expect(() => make({ learningRate } as never)).toThrow(`${wanted} ${learningRate}`);
    expect(() => scaleByLearningRate(learningRate as never)).toThrow(
      "scaleByLearningRate: expected",
    );
  }
  expect(() => (make as () => unknown)()).toThrow(`${wanted} undefined`);
  expect(() => make({ learningRate: 0 })).not.toThrow();
});
