import { random } from "@layerwise/autodiff";
import { batchNorm, batchRenorm } from "@layerwise/norm";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { maxDifference } from "./setup.ts";
import { distance, evaluate, exactTensor, exactTensors, type Nested } from "./support/evaluate.ts";
import { casesOf } from "./support/fixtures.ts";

interface Extra {
  readonly state: { readonly mean: Nested; readonly variance: Nested };
  readonly next: { readonly mean: Nested; readonly variance: Nested };
}

test.each(casesOf<Extra>("batchRenorm").map((golden) => [golden.config, golden] as const))(
  "%j: output, gradients and next state are the paper's (PyTorch with detached r and d)",
  (config, golden) => {
    const got = evaluate({
      layer: batchRenorm(config),
      params: exactTensors(golden.params),
      state: { ...exactTensors(golden.state), steps: tf.scalar(0, "int32") },
      ...exactTensors({ x: golden.x, cot: golden.cot }),
    });
    for (const [precision, limit] of [
      ["float64", 1e-12],
      ["float32", 1e-6],
    ] as const) {
      const { y, dx, dparams, next } = got[precision];
      const { beta = [], gamma = [] } = golden.dparams;
      expect(distance(y, golden.y)).toBeLessThan(limit);
      expect(distance(dx, golden.dx)).toBeLessThan(limit);
      expect(distance(dparams, [beta, gamma])).toBeLessThan(limit);
      expect(distance(next, [golden.next.mean, 1, golden.next.variance])).toBeLessThan(limit);
    }
  },
);

const x = tf.add(tf.mul(random.normal(random.key(1), [8, 3]), [0.2, 1, 4]), [1, -2, 0]);

test("rMax 1 and dMax 0 make batchNorm, at the factory or for a step", () => {
  const plain = batchNorm({ runningVariance: "biased" });
  const variables = plain.init(random.key(0), [3]);
  const want = plain.apply(variables, x, { training: true });
  const fixed = batchRenorm({ rMax: 1, dMax: 0 }).apply(variables, x, { training: true });
  const step = batchRenorm().apply(variables, x, {
    training: true,
    rMax: tf.scalar(1),
    dMax: tf.scalar(0),
  });
  for (const got of [fixed, step]) {
    expect(maxDifference(got.y, want.y.arraySync())).toBeLessThan(1e-6);
    expect(maxDifference(got.state.variance, want.state.variance.arraySync())).toBe(0);
  }
});

test("within its limits the training output is that of evaluation", () => {
  const layer = batchRenorm({ rMax: 100, dMax: 100 });
  const variables = layer.init(random.key(0), [3]);
  const trained = layer.apply(variables, x, { training: true }).y;
  expect(maxDifference(trained, layer.apply(variables, x).y.arraySync())).toBeLessThan(4e-6);
});

test("limits that are none are refused", () => {
  const message = "batchRenorm: expected finite rMax >= 1 and dMax >= 0, got rMax 0.5, dMax 5";
  expect(() => batchRenorm({ rMax: 0.5 })).toThrow(message);
  expect(() => batchRenorm({ dMax: Number.NaN })).toThrow("dMax NaN");
  const layer = batchRenorm();
  const variables = layer.init(random.key(0), [3]);
  expect(() => layer.apply(variables, x, { training: true, rMax: 0 })).toThrow("got rMax 0");
  expect(() => layer.apply(variables, tf.ones([1, 3]), { training: true })).toThrow(
    "batchRenorm: expected more than one value per channel in training, got input [1, 3]",
  );
});

test("the first fixture's state is one that the limits clip, above and below", () => {
  const [golden] = casesOf<Extra>("batchRenorm");
  const variance = exactTensor(golden?.state.variance ?? []);
  const batch = exactTensor(golden?.x ?? []);
  const ratio = tf.sqrt(tf.div(tf.moments(batch, 0).variance, variance)).dataSync();
  expect([Math.max(...ratio) > 1.5, Math.min(...ratio) < 1 / 1.5]).toEqual([true, true]);
});
