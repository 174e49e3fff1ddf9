import type { GradientTransformation } from "@layerwise/optim";
import {
  adam,
  adamW,
  addDecayedWeights,
  applyUpdates,
  chain,
  clipByGlobalNorm,
  cosineDecaySchedule,
  joinSchedules,
  linearSchedule,
  sgd,
} from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import golden from "./fixtures/optimizers.json" with { type: "json" };
import { maxDifference } from "./setup.ts";

// Parameters after k updates with 50 given gradients, in float64: optax's own source on numpy,
// PyTorch 1.13, and update rules written out in numpy (`fixtures/optimizers.json`).
// f32 tolerances: PyTorch's own f32 run differs from its f64 run by 1.4e-7, 1.3e-6 and 1.7e-5 at
// steps 1, 10 and 50.
const tolerance: Readonly<Record<string, number>> = { 1: 1e-6, 2: 1e-6, 10: 5e-6, 50: 5e-5 };

const learningRate = 0.1;

const table: readonly (readonly [string, GradientTransformation])[] = [
  ['optax sgd {"learning_rate":0.1}', sgd({ learningRate })],
  ['optax sgd {"learning_rate":0.1,"momentum":0.9}', sgd({ learningRate, momentum: 0.9 })],
  [
    'optax sgd {"learning_rate":0.1,"momentum":0.9,"nesterov":true}',
    sgd({ learningRate, momentum: 0.9, nesterov: true }),
  ],
  ['optax adam {"learning_rate":0.1}', adam({ learningRate })],
  [
    'optax adam {"learning_rate":0.1,"eps":0,"eps_root":1e-8}',
    adam({ learningRate, eps: 0, epsRoot: 1e-8 }),
  ],
  [
    'optax adam {"learning_rate":0.1,"eps":0,"eps_root":0.001}',
    adam({ learningRate, eps: 0, epsRoot: 1e-3 }),
  ],
  ['optax adam {"learning_rate":0.1,"eps":0.001}', adam({ learningRate, eps: 1e-3 })],
  [
    'optax adamw {"learning_rate":0.1,"weight_decay":0.01}',
    adamW({ learningRate, weightDecay: 0.01 }),
  ],
  [
    'optax chain(clip_by_global_norm1,adam) {"learning_rate":0.1}',
    chain(clipByGlobalNorm(1), adam({ learningRate })),
  ],
  [
    'optax sched cosine adam {"learning_rate":0.1}',
    adam({
      learningRate: joinSchedules(
        [
          linearSchedule({ initValue: 0, endValue: learningRate, steps: 10 }),
          cosineDecaySchedule({ initValue: learningRate, steps: 40, alpha: 0.1 }),
        ],
        [10],
      ),
    }),
  ],
  ['torch-1.13 SGD {"lr":0.1}', sgd({ learningRate })],
  [
    'torch-1.13 SGD {"lr":0.1,"momentum":0.9,"nesterov":true,"weight_decay":0.01}',
    chain(addDecayedWeights(0.01), sgd({ learningRate, momentum: 0.9, nesterov: true })),
  ],
  ['torch-1.13 Adam {"lr":0.1}', adam({ learningRate })],
  [
    'torch-1.13 Adam {"lr":0.1,"weight_decay":0.01}',
    chain(addDecayedWeights(0.01), adam({ learningRate })),
  ],
  ['torch-1.13 AdamW {"lr":0.1,"weight_decay":0.01}', adamW({ learningRate, weightDecay: 0.01 })],
  [
    'torch-1.13 AdamW {"lr":0.1,"eps":0.001,"weight_decay":0.1}',
    adamW({ learningRate, eps: 1e-3, weightDecay: 0.1 }),
  ],
  // v ← λ v − (1 − λ) g, θ ← θ + v is the momentum sum with learning rate 1 − λ.
  [
    'numpy-formula slide EMA momentum v<-lv-(1-l)g {"lam":0.9}',
    sgd({ learningRate: 1 - 0.9, momentum: 0.9 }),
  ],
  [
    'numpy-formula slide adam sqrt(rhat+delta) {"eps":0.1,"delta":1e-8}',
    adam({ learningRate, eps: 0, epsRoot: 1e-8 }),
  ],
];

const idOf = (c: { source: string; name: string; config: object }): string =>
  `${c.source} ${c.name} ${JSON.stringify(c.config)}`;

test("every golden case is compared", () => {
  expect(table.map(([id]) => id).sort()).toEqual(golden.cases.map(idOf).sort());
});

test.each(table)("%s: the trajectory is that of the float64 oracle", (id, optimizer) => {
  const trajectory: Readonly<Record<string, object>> =
    golden.cases.find((c) => idOf(c) === id)?.trajectory ?? {};
  let params = { w: tf.tensor(golden.params.w), b: tf.tensor(golden.params.b) };
  let state = optimizer.init(params);
  const seen: string[] = [];
  golden.grads.forEach((grad, i) => {
    const grads = { w: tf.tensor(grad.w), b: tf.tensor(grad.b) };
    const step = optimizer.update(grads, state, params);
    params = applyUpdates(params, step.updates);
    state = step.state;
    const want = trajectory[i + 1];
    if (want === undefined) return;
    seen.push(String(i + 1));
    expect(maxDifference(params, { ...want }), `step ${i + 1}`).toBeLessThan(tolerance[i + 1] ?? 0);
  });
  expect(seen).toEqual(Object.keys(tolerance));
});
