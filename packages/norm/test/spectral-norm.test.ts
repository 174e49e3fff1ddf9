import { grad, random } from "@layerwise/autodiff";
import { dense, type Layer } from "@layerwise/layers";
import { spectralNorm } from "@layerwise/norm";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, expectTypeOf, test } from "vitest";
import torch from "./fixtures/torch.json" with { type: "json" };
import { maxDifference } from "./setup.ts";
import { distance, evaluate, exactTensor, flat, type Nested } from "./support/evaluate.ts";
import { casesOf, transposed } from "./support/fixtures.ts";

test("power iterations and σ agree with the fixture (float64, five iterations)", () => {
  type Extra = {
    readonly W: Nested;
    readonly u0: Nested;
    readonly v0: Nested;
    readonly iters: readonly { readonly u: Nested; readonly v: Nested; readonly sigma: number }[];
  };
  const [golden] = casesOf<Extra>("spectral_norm_power_iteration");
  if (golden === undefined) throw new Error("no fixture");
  const layer = spectralNorm(dense({ units: 4, useBias: false }));
  const params = { kernel: exactTensor(transposed(golden.W)), bias: null };
  let state = { layer: null, u: exactTensor(golden.u0), v: exactTensor(golden.v0) };
  for (const want of golden.iters) {
    const point = { layer, params, state, x: tf.eye(6), cot: tf.zeros([6, 4]) };
    const got = evaluate(point);
    const { u, v } = got.float64.next as { u: ArrayLike<number>; v: ArrayLike<number> };
    expect(distance([u, v], [want.u, want.v])).toBeLessThan(1e-12);
    expect(distance(got.float32.next, [want.u, want.v])).toBeLessThan(1e-6);
    // The output for the identity is the kernel over σ.
    const kernel = flat(transposed(golden.W)).map((w) => w / want.sigma);
    expect(distance(got.float64.y, kernel)).toBeLessThan(1e-12);
    state = { layer: null, u: exactTensor(Array.from(u)), v: exactTensor(Array.from(v)) };
  }
});

describe("PyTorch's parametrization, three steps of training and one evaluation", () => {
  const { x, kernel, bias, start, steps } = torch.spectral;
  const layer = spectralNorm(dense({ units: 4 }));
  const params = { kernel: exactTensor(kernel), bias: exactTensor(bias) };
  let before = start;
  test.each(steps.map((step, i) => [i + 1, step] as const))("step %i", (_, want) => {
    const got = evaluate({
      layer,
      params,
      state: { layer: null, u: exactTensor(before.u), v: exactTensor(before.v) },
      x: exactTensor(x),
      cot: exactTensor(want.cot),
      training: want.training,
    });
    before = want;
    for (const [precision, limit] of [
      ["float64", 1e-12],
      ["float32", 1e-6],
    ] as const) {
      const { y, dx, dparams, next } = got[precision];
      expect(distance(y, want.y)).toBeLessThan(limit);
      expect(distance(dx, want.dx)).toBeLessThan(limit);
      expect(distance(dparams, [want.dbias, want.dkernel])).toBeLessThan(limit);
      expect(distance(next, [want.u, want.v])).toBeLessThan(limit);
    }
  });
});

test("the initial iterations find the largest singular value: σ of W / σ is 1", () => {
  const kernelInit = () => exactTensor(torch.spectral.kernel);
  const layer = spectralNorm(dense({ units: 4, useBias: false, kernelInit }), {
    initialIterations: 200,
  });
  const variables = layer.init(random.key(0), [6]);
  const { y } = layer.apply(variables, tf.eye(6));
  const want = torch.spectral.kernel.map((row) => row.map((w) => w / torch.spectral.sigma));
  expect(maxDifference(y, want)).toBeLessThan(1e-6);
  expect(maxDifference(variables.params.kernel, torch.spectral.kernel)).toBeLessThan(1e-7);
});

test("the state keeps the layer's own; names of parameters stay; the kernel is not overwritten", () => {
  const layer = spectralNorm(dense({ units: 3 }));
  const { params, state } = layer.init(random.key(0), [5]);
  expectTypeOf(layer).toExtend<Layer<{ kernel: tf.Tensor2D; bias: tf.Tensor1D | null }>>();
  expect([state.u.shape, state.v.shape, state.layer]).toEqual([[3], [5], null]);
  const kernel = params.kernel.arraySync();
  layer.apply({ params, state }, tf.ones([2, 5]), { training: true });
  expect(maxDifference(params.kernel, kernel)).toBe(0);
});

test("a zero kernel stays zero, with finite gradients, and leaves the vectors as they are", () => {
  const layer = spectralNorm(dense({ units: 2, useBias: false }));
  const { state } = layer.init(random.key(0), [2]);
  const params = { kernel: tf.zeros([2, 2]) as tf.Tensor2D, bias: null };
  const x = tf.ones([1, 2]);
  const result = layer.apply({ params, state }, x, { training: true });
  expect(maxDifference(result.y, [0, 0])).toBe(0);
  expect(maxDifference(result.state.u, state.u.arraySync())).toBe(0);
  expect(maxDifference(result.state.v, state.v.arraySync())).toBe(0);
  const slope = grad((p: typeof params) =>
    tf.sum(layer.apply({ params: p, state }, x, { training: true }).y),
  )(params);
  expect(maxDifference(slope.kernel, [1, 1, 1, 1])).toBe(0);
});
