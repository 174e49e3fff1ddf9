import { random, treePaths } from "@layerwise/autodiff";
import {
  activation,
  constant,
  dense,
  lsuv,
  parallel,
  residual,
  sequential,
  uniform,
  zeros,
} from "@layerwise/layers";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { alive, maxDifference } from "./setup.ts";

const variance = (x: tf.Tensor): number => tf.moments(x).variance.dataSync()[0] ?? 0;

const deep = sequential(
  Array.from({ length: 4 }, () =>
    sequential({
      dense: dense({ units: 24, kernelInit: uniform({ limit: 5 }) }),
      act: activation("tanh"),
    }),
  ),
);

test("every layer's output has variance 1, kernels stay orthogonal up to a factor", async () => {
  const batch = random.normal(random.key(0), [150, 24]);
  const start = deep.init(random.key(1), [24]);
  const key = random.key(2);
  const before = alive();
  const variables = await lsuv(deep, start, batch, { key });
  expect(alive()).toBe(before + 8);
  expect(treePaths(variables.params)).toEqual(treePaths(start.params));
  let x: tf.Tensor = batch;
  for (let i = 0; i < 4; i++) {
    const own = variables.params[`${i}`] as unknown as {
      readonly dense: { readonly kernel: tf.Tensor2D };
    };
    const { kernel } = own.dense;
    const z = tf.matMul(x as tf.Tensor2D, kernel);
    expect(Math.abs(variance(z) - 1)).toBeLessThan(0.1);
    const gram = tf.matMul(kernel, kernel, true, false);
    const scale = gram.dataSync()[0] ?? 0;
    expect(maxDifference(tf.div(gram, scale), tf.eye(24).arraySync())).toBeLessThan(1e-5);
    x = tf.tanh(z);
  }
});

test("without a key kernels keep their direction; containers of all kinds are opened", async () => {
  const net = sequential({
    in: dense({ units: 8, kernelInit: uniform({ limit: 3 }) }),
    block: residual(sequential([dense({ units: 8, kernelInit: uniform({ limit: 9 }) })])),
    heads: parallel([dense({ units: 2 }), dense({ units: 3, kernelInit: uniform({ limit: 4 }) })]),
  });
  const batch = random.normal(random.key(5), [300, 4]);
  const start = net.init(random.key(1), [4]);
  const { params } = await lsuv(net, start, batch, { tolerance: 0.01 });
  const ratio = tf.div(params.in.kernel, start.params.in.kernel);
  expect(variance(ratio)).toBeLessThan(1e-9);
  const x = tf.matMul(batch as tf.Tensor2D, params.in.kernel);
  const branch = tf.matMul(x, params.block.body["0"].kernel);
  expect(Math.abs(variance(x) - 1)).toBeLessThan(0.01);
  expect(Math.abs(variance(branch) - 1)).toBeLessThan(0.01);
  const y = tf.add(x, branch) as tf.Tensor2D;
  for (const name of ["0", "1"] as const) {
    expect(Math.abs(variance(tf.matMul(y, params.heads[name].kernel)) - 1)).toBeLessThan(0.01);
  }
});

test("biases count for nothing in a variance per layer, but a layer that does not vary is an error", async () => {
  const net = sequential({ a: dense({ units: 3, kernelInit: zeros, biasInit: constant(1) }) });
  const batch = random.normal(random.key(0), [10, 2]);
  const start = net.init(random.key(1), [2]);
  const before = alive();
  await expect(lsuv(net, start, batch)).rejects.toThrow(
    "a (lsuv): expected outputs that vary, got variance 0",
  );
  expect(alive()).toBe(before);
  await expect(lsuv(net, start, batch, { tolerance: 0 })).rejects.toThrow(
    "lsuv: expected a positive tolerance, got 0",
  );
  const none = sequential([activation("relu")]);
  await expect(lsuv(none, none.init(random.key(1), [2]), batch)).rejects.toThrow(
    "lsuv: expected layers with a kernel in sequential, got none",
  );
});
