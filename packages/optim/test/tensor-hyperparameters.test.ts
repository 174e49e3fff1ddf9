import {
  adafactor,
  cautious,
  chain,
  fromage,
  lamb,
  lars,
  madgrad,
  muon,
  normalizeByUpdateNorm,
  novograd,
  psgdKron,
  scaleByAdam,
  scaleByFactoredRms,
  scaleByLearningRate,
  scaleByParamBlockRms,
  scaleBySm3,
  scaleByTrustRatio,
  shampoo,
  soap,
} from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import golden from "./fixtures/optimizers.json" with { type: "json" };
import { any } from "./support/derived.ts";
import "./setup.ts";

/** Makes a hyperparameter: the number itself, or a scalar tensor as `injectHyperparams` passes it. */
type Make = (value: number) => number | tf.Scalar;

test.each<[string, (h: Make) => unknown]>([
  ["lamb", (h) => lamb({ learningRate: h(0.1), b1: h(0.8), eps: h(1e-3), weightDecay: h(0.1) })],
  [
    "lars",
    (h) => lars({ learningRate: h(0.1), trustCoefficient: h(0.1), eps: h(0.1), momentum: h(0.5) }),
  ],
  [
    "novograd",
    (h) =>
      novograd({
        learningRate: h(0.1),
        b1: h(0.5),
        b2: h(0.5),
        eps: h(0.1),
        epsRoot: h(0.1),
        weightDecay: h(0.1),
      }),
  ],
  ["fromage", (h) => fromage({ learningRate: h(0.1), minNorm: h(0.1) })],
  ["scaleByTrustRatio", (h) => scaleByTrustRatio({ minNorm: h(0.1), trustCoefficient: h(0.5) })],
  ["normalizeByUpdateNorm", (h) => normalizeByUpdateNorm({ scaleFactor: h(2), eps: h(0.1) })],
  ["scaleByParamBlockRms", (h) => scaleByParamBlockRms({ minScale: h(3) })],
  [
    "cautious",
    (h) => chain(cautious(scaleByAdam(), { minShare: h(0.9) }), scaleByLearningRate(h(0.1))),
  ],
  [
    "adafactor",
    (h) =>
      adafactor({
        learningRate: h(0.1),
        decayRate: h(0.5),
        stepOffset: h(-2),
        eps: h(0.1),
        clippingThreshold: h(0.5),
        momentum: h(0.5),
        weightDecayRate: h(0.1),
      }),
  ],
  ["scaleByFactoredRms", (h) => scaleByFactoredRms({ decayRate: h(0.5), minDimSizeToFactor: 2 })],
  ["scaleBySm3", (h) => scaleBySm3({ b1: h(0.5), b2: h(0.5), eps: h(0.1) })],
  [
    "muon",
    (h) =>
      muon({
        learningRate: h(0.1),
        beta: h(0.5),
        eps: h(0.1),
        weightDecay: h(0.1),
        consistentRms: h(0.5),
        adamLearningRate: h(0.2),
        adamB1: h(0.5),
        adamB2: h(0.5),
        adamEpsRoot: h(0.1),
        adamWeightDecay: h(0.1),
      }),
  ],
  ["shampoo", (h) => shampoo({ learningRate: h(0.1), momentum: h(0.5), b2: h(0.5), eps: h(0.1) })],
  [
    "soap",
    (h) => soap({ learningRate: h(0.1), b1: h(0.5), b2: h(0.5), eps: h(0.1), weightDecay: h(0.1) }),
  ],
  [
    "psgdKron",
    (h) =>
      psgdKron({
        learningRate: h(0.1),
        b1: h(0.5),
        maxRms: h(0.5),
        weightDecay: h(0.1),
        preconditionerLearningRate: h(0.25),
        lipschitzDecay: h(0.5),
        damping: h(0.1),
      }),
  ],
  [
    "madgrad",
    (h) => madgrad({ learningRate: h(0.1), momentum: h(0.5), eps: h(0.1), weightDecay: h(0.1) }),
  ],
])("%s takes its hyperparameters as tensors, too", (_, make) => {
  const params = { w: tf.tensor2d(golden.params.w), b: tf.tensor1d(golden.params.b) };
  const run = (h: Make): number[] => {
    const tx = any(make(h));
    let state = tx.init(params);
    let updates: unknown = params;
    for (const { w, b } of golden.grads.slice(0, 2)) {
      ({ updates, state } = tx.update({ w: tf.tensor2d(w), b: tf.tensor1d(b) }, state, params));
    }
    const { w, b } = updates as typeof params;
    return [...w.dataSync(), ...b.dataSync()];
  };
  const [got, want] = [run((x) => tf.scalar(x)), run((x) => x)];
  const error = Math.max(...got.map((x, i) => Math.abs(x - (want[i] ?? Number.NaN))));
  expect(error).toBeLessThan(1e-5);
});
