import { compile, grad, hvp, type TensorTree, treeLeaves } from "@layerwise/autodiff";
import { WebGPUUnavailableError, webgpu } from "@layerwise/webgpu";
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, expect } from "vitest";
// @boundaries-ignore the table of the package above, whose optimizers must compute the same here
import { applyUpdates } from "../../optim/src/index.ts";
// @boundaries-ignore likewise
import { rows } from "../../optim/test/rows/index.ts";
// @boundaries-ignore likewise
import type { AllExtras, AnyOptimizer } from "../../optim/test/support/row.ts";
import { gpuTest, opened } from "./gpu.ts";
import { moved } from "./moved.ts";

type Params = { readonly w: tf.Tensor; readonly b: tf.Tensor };

const STEPS = 5;

/** A step on a small regression, as a graph. */
const stepOf = (optimizer: AnyOptimizer) =>
  compile((params: Params, state: unknown, x: tf.Tensor) => {
    const loss = ({ w, b }: Params): tf.Tensor =>
      tf.mean(tf.square(tf.sub(tf.add(tf.matMul(x, w), b), 1)));
    const extra = {
      value: loss(params),
      valueFn: loss,
      gradFn: grad(loss),
      hvp: (vector: Params) => hvp(loss, [params] as const, [vector] as const)[0],
    } as unknown as AllExtras;
    const next = optimizer.update(grad(loss)(params), state, params, extra);
    return [applyUpdates(params, next.updates), next.state] as const;
  });

/** Parameters after some steps. */
async function train(optimizer: AnyOptimizer, start: readonly [Params, unknown], x: tf.Tensor) {
  const step = stepOf(optimizer);
  let [params, state] = start;
  for (let i = 0; i < STEPS; i++) {
    // Line searches loop while a condition holds, which on WebGPU only the asynchronous call can do.
    [params, state] = (await step.async(params, state, x)) as [Params, unknown];
  }
  const values = treeLeaves<TensorTree, tf.Tensor>(params).map((leaf) => leaf.data());
  const numbers = (await Promise.all(values)).flatMap((list) => [...list]);
  step.dispose();
  return numbers;
}

afterAll(async () => {
  if (!(opened instanceof WebGPUUnavailableError)) await webgpu();
});

// Oracle: tfjs's CPU backend. Twice the float32 tolerance of golden trajectories at 10 steps.
gpuTest.each(rows)("$name takes the same steps on WebGPU as on the CPU", async ({ make }) => {
  await tf.setBackend("cpu");
  const optimizer = make(0.01);
  const x = tf.tensor2d([0.5, -1, 2, 1, 0.25, -0.75, 1.5, -2, 0, 1, 1, -0.5], [4, 3]);
  const params = {
    w: tf.tensor2d([0.3, -0.2, 0.8, 0.1, -0.6, 0.4], [3, 2]),
    b: tf.tensor1d([0.25, -0.5]),
  };
  const start = [params, optimizer.init(params)] as const;
  const want = await train(optimizer, start, x);
  await tf.setBackend("webgpu");
  const got = await train(optimizer, moved(start), moved(x));
  const distances = want.map((value, i) => Math.abs(value - (got[i] ?? Number.NaN)));
  expect(distances.every((distance) => distance < 1e-5)).toBe(true);
});
