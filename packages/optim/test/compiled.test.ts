import { compile, grad, random, treeMap } from "@layerwise/autodiff";
import {
  adamW,
  applyUpdates,
  chain,
  clipByGlobalNorm,
  linearSchedule,
  sgd,
} from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { maxDifference } from "./setup.ts";

const rate = linearSchedule({ initValue: 0.5, endValue: 0.01, steps: 15 });

// Oracle: the same step, op by op. The compiled one may reassociate: a few f32 roundings per step.
test.each([
  ["sgd with momentum and a schedule", sgd({ learningRate: rate, momentum: 0.9, nesterov: true })],
  ["clipped adamW with a schedule", chain(clipByGlobalNorm(1), adamW({ learningRate: rate }))],
])("%s: a step compiles once and then agrees with eager steps", (_, optimizer) => {
  const x = random.normal(random.key(0), [16, 3]);
  const loss = (p: { w: tf.Tensor; b: tf.Tensor }): tf.Tensor =>
    tf.mean(tf.square(tf.sub(tf.add(tf.matMul(x, p.w), p.b), 1)));
  const init = {
    w: tf.tensor2d([[1], [-2], [0.5]]) as tf.Tensor,
    b: tf.tensor1d([3]) as tf.Tensor,
  };
  type Carry = { params: typeof init; state: ReturnType<typeof optimizer.init> };

  const step = ({ params, state }: Carry): Carry => {
    const next = optimizer.update(grad(loss)(params), state as never, params);
    return { params: applyUpdates(params, next.updates), state: next.state };
  };
  const compiled = compile(step);
  let [fast, slow]: [Carry, Carry] = [
    { params: init, state: optimizer.init(init) },
    { params: init, state: optimizer.init(init) },
  ];
  for (let i = 0; i < 20; i++) [fast, slow] = [compiled(fast), step(slow)];
  expect(compiled.traces).toBe(1);
  const want = treeMap((t: tf.Tensor) => t.arraySync(), slow.params);
  expect(maxDifference(fast.params, want as Record<string, unknown>)).toBeLessThan(1e-5);
});
