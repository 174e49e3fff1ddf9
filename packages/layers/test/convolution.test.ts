import { jacrev, random } from "@layerwise/autodiff";
import {
  conv1d,
  conv1dTransposed,
  conv2d,
  conv2dTransposed,
  depthwiseConv1d,
  depthwiseConv2d,
  dirac,
  type Fans,
  type Layer,
  type Shape,
  separableConv1d,
  separableConv2d,
} from "@layerwise/layers";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { describe, expect, expectTypeOf, test } from "vitest";
import golden from "./fixtures/convolution.json" with { type: "json" };
import { maxDifference } from "./setup.ts";
import { agreesWithTorch, type GoldenCase } from "./support/torch.ts";

const layers: Readonly<Record<string, (options: never) => Layer>> = {
  conv1d,
  conv1dTransposed,
  conv2d,
  conv2dTransposed,
  depthwiseConv1d,
  depthwiseConv2d,
  separableConv1d,
  separableConv2d,
};

describe("torch 1.13 in float64", () => {
  for (const found of golden.cases as readonly GoldenCase[]) {
    const make = layers[found.layer];
    if (make === undefined) throw new Error(`no layer ${found.layer}`);
    agreesWithTorch(found, make(found.options as never));
  }
});

const nothing = { state: null };
const value = (x: tf.Tensor): number => x.dataSync()[0] ?? Number.NaN;

test("the number of outputs is that of the places of the window (counted)", () => {
  for (const size of [5, 6, 9])
    for (const [kernelSize, strides, dilations, padding] of [
      [3, 1, 1, 0],
      [2, 3, 1, 1],
      [3, 2, 2, 0],
      [4, 3, 1, [[2, 0]]],
      [3, 2, 2, [[1, 3]]],
    ] as const) {
      const [before, after] = typeof padding === "number" ? [padding, padding] : padding[0];
      const last = size + before + after - (kernelSize - 1) * dilations;
      let places = 0;
      for (let start = 0; start < last; start += strides) places++;
      const layer = conv1d({ filters: 1, kernelSize, strides, dilations, padding });
      expect(layer.outputShape([size, 1])).toEqual([places, 1]);
      const { y } = layer.apply(layer.init(random.key(0), [size, 1]), tf.ones([1, size, 1]));
      expect(y.shape).toEqual([1, places, 1]);
    }
});

test('padding "same" makes ⌈size / stride⌉, with the odd zero at the end', () => {
  const layer = conv1d({ filters: 1, kernelSize: 2, padding: "same", useBias: false });
  const kernel = tf.tensor3d([1, 10], [2, 1, 1]);
  const { y } = layer.apply(
    { params: { kernel, bias: null }, ...nothing },
    tf.tensor3d([1, 2, 3], [1, 3, 1]),
  );
  expect([...y.dataSync()]).toEqual([21, 32, 3]);
  for (const strides of [1, 2, 3])
    expect(
      conv2d({ filters: 1, kernelSize: 3, strides, padding: "same" }).outputShape([7, 8, 1]),
    ).toEqual([Math.ceil(7 / strides), Math.ceil(8 / strides), 1]);
});

test("a causal convolution sees nothing later", () => {
  const layer = conv1d({ filters: 2, kernelSize: 3, dilations: 2, padding: "causal" });
  const variables = layer.init(random.key(0), [6, 1]);
  const slopes = jacrev((x: tf.Tensor) => layer.apply(variables, x).y)(tf.ones([1, 6, 1]));
  const seen = tf.reshape(slopes as tf.Tensor, [6, 2, 6]).arraySync() as number[][][];
  seen.forEach((outputs, t) => {
    const past = outputs.flatMap((row) => row.filter((_, s) => s > t || (t - s) % 2 === 1));
    expect(past.every((slope) => slope === 0)).toBe(true);
    expect(outputs.every((row) => row[t] !== 0)).toBe(true);
  });
});

test("the transposed convolution is the adjoint: ⟨conv x, y⟩ = ⟨x, convᵀ y⟩ with one kernel", () => {
  for (const options of [
    { kernelSize: 3 },
    { kernelSize: [3, 2], strides: 2, padding: [[1, 0], 1] },
    { kernelSize: 2, strides: [3, 1], padding: "same" },
    { kernelSize: 2, dilations: [2, 1], strides: [1, 2] },
    { kernelSize: 2, groups: 2 },
  ] as const) {
    const x = random.normal(random.key(1), [2, 6, 6, 4]);
    const conv = conv2d({ filters: 2, useBias: false, ...options });
    const variables = conv.init(random.key(2), [6, 6, 4]);
    const forward = conv.apply(variables, x).y;
    const y = random.normal(random.key(3), forward.shape);
    const back = conv2dTransposed({ filters: 4, useBias: false, ...options });
    // Rows that no window reaches are missing at the end.
    const returned = back.apply(variables, y).y;
    const [, height = 0, width = 0] = returned.shape;
    const part = tf.slice(x, [0, 0, 0, 0], [2, height, width, 4]);
    const [left, right] = [tf.sum(tf.mul(forward, y)), tf.sum(tf.mul(part, returned))];
    expect(Math.abs(value(left) - value(right))).toBeLessThan(1e-5);
  }
});

test("conv1d is conv2d with height 1; depthwise is as many groups as channels", () => {
  const x = random.normal(random.key(1), [2, 7, 4]);
  const line = conv1d({ filters: 8, kernelSize: 3, strides: 2, groups: 4 });
  const { params, state } = line.init(random.key(2), [7, 4]);
  const { y } = line.apply({ params, state }, x);
  const image = conv2d({ filters: 8, kernelSize: [1, 3], strides: [1, 2], groups: 4 });
  const kernel = tf.expandDims(params.kernel, 0) as tf.Tensor4D;
  const flat = image.apply({ params: { kernel, bias: params.bias }, state }, tf.expandDims(x, 1));
  expect(maxDifference(tf.squeeze(flat.y, [1]), y.arraySync())).toBe(0);
  const own = depthwiseConv1d({ kernelSize: 3, strides: 2, multiplier: 2 });
  const separate = tf.reshape(params.kernel, [3, 4, 2]) as tf.Tensor3D;
  const same = own.apply({ params: { kernel: separate, bias: params.bias }, state }, x);
  expect(maxDifference(same.y, y.arraySync())).toBe(0);
});

test("a separable convolution is a depthwise one and one of size 1", () => {
  const x = random.normal(random.key(1), [2, 5, 5, 2]);
  const layer = separableConv2d({ filters: 3, kernelSize: 3, multiplier: 2 });
  const { params } = layer.init(random.key(2), [5, 5, 2]);
  const parts = [
    depthwiseConv2d({ kernelSize: 3, multiplier: 2 }),
    conv2d({ filters: 3, kernelSize: 1 }),
  ];
  const between = parts[0]?.apply(
    { params: { kernel: params.depthwise, bias: null }, state: null },
    x,
  ).y;
  const after = parts[1]?.apply(
    { params: { kernel: params.pointwise, bias: params.bias }, state: null },
    between as tf.Tensor,
  ).y;
  const { y } = layer.apply({ params, ...nothing }, x);
  expect(maxDifference(y, after?.arraySync())).toBeLessThan(1e-6);
});

test("initializers see the fans of one group, and kernels that pass on their input do", () => {
  const seen: unknown[] = [];
  const kernelInit = (_key: tf.Tensor, shape: Shape, fans?: Fans) => {
    seen.push(fans);
    return tf.ones([...shape]);
  };
  const options = { kernelInit, kernelSize: 3, groups: 2 };
  conv2d({ ...options, filters: 6 }).init(random.key(0), [8, 8, 4]);
  conv2dTransposed({ ...options, filters: 6 }).init(random.key(0), [8, 8, 4]);
  depthwiseConv2d({ kernelInit, kernelSize: 3, multiplier: 2 }).init(random.key(0), [8, 8, 4]);
  expect(seen).toEqual([
    { fanIn: 18, fanOut: 27 },
    { fanIn: 18, fanOut: 27 },
    { fanIn: 9, fanOut: 18 },
  ]);
  const layer = conv2d({ filters: 4, kernelSize: 3, padding: "same", kernelInit: dirac() });
  const x = random.normal(random.key(1), [1, 5, 5, 4]);
  const { y } = layer.apply(layer.init(random.key(0), [5, 5, 4]), x);
  expect(maxDifference(y, x.arraySync())).toBe(0);
});

test("errors name what was wanted and what was given", () => {
  const layer = conv2d({ filters: 2, kernelSize: 3 });
  const variables = layer.init(random.key(0), [5, 5, 3]);
  expect(() => layer.apply(variables, tf.ones([8, 5, 5, 4]))).toThrow(
    "conv2d: expected 3 channels, got 4 (input [8, 5, 5, 4])",
  );
  expect(() => layer.apply(variables, tf.ones([8, 5, 2, 3]))).toThrow(
    "conv2d: expected spatial axis 1 to have at least 3 elements, got 2 (spatial axes [5, 2])",
  );
  expect(() => layer.apply(variables, tf.ones([5, 5, 3]))).toThrow(
    "conv2d: expected input [batch, height, width, channels], got [5, 5, 3]",
  );
  const other = conv2d({ filters: 2, kernelSize: 2 });
  expect(() => other.apply(variables, tf.ones([8, 5, 5, 3]))).toThrow(
    "conv2d: expected a kernel [2, 2, *, 2], got [3, 3, 3, 2]",
  );
  expect(() => layer.outputShape([5])).toThrow(
    "conv2d: expected input shape [height, width, channels], got [5]",
  );
  expect(() => conv1d({ filters: 3, kernelSize: 3, groups: 2 })).toThrow(
    "conv1d: expected groups that divide 3 filters, got 2",
  );
  expect(() => conv2d({ filters: 0, kernelSize: 3 })).toThrow(
    "conv2d: expected a positive whole number of filters, got 0",
  );
  expect(() => conv2d({ filters: 1, kernelSize: [3] })).toThrow(
    "conv2d: expected kernelSize: 2 positive whole numbers, got [3]",
  );
  expect(() => conv2d({ filters: 1, kernelSize: 3, padding: "causal" })).toThrow(
    'conv2d: expected padding "valid", "same" or numbers, got "causal"',
  );
  expect(() => conv2d({ filters: 1, kernelSize: 3, padding: [1, -1] })).toThrow(
    "conv2d: expected padding: 2 whole numbers of at least 0, or [before, after], got [1,-1]",
  );
  expect(() =>
    conv1dTransposed({ filters: 1, kernelSize: 3, strides: 2, outputPadding: 2 }),
  ).toThrow("conv1dTransposed: expected outputPadding: whole numbers less than the strides, got 2");
  const small = conv1dTransposed({ filters: 1, kernelSize: 1, padding: 2 });
  expect(() => small.outputShape([3, 1])).toThrow(
    "leaves something of spatial axis 0, got -1 elements",
  );
  // @ts-expect-error a layer needs a kernel size
  expect(() => conv2d({ filters: 1 })).toThrow();
  expectTypeOf(
    conv1d({ filters: 1, kernelSize: 1 }).init(random.key(0), [2, 1]).params.kernel,
  ).toEqualTypeOf<tf.Tensor3D>();
});

test.each(["valid", "same"] as const)("tfjs-layers, padding %s, weights as they are", (padding) => {
  const x = random.normal(random.key(1), [2, 5, 6, 2]);
  const options = { kernelSize: 3, strides: 2, padding } as const;
  for (const [layer, theirs] of [
    [conv2d({ ...options, filters: 3 }), tfl.layers.conv2d({ ...options, filters: 3 })],
    [
      conv2dTransposed({ ...options, filters: 3 }),
      tfl.layers.conv2dTranspose({ ...options, filters: 3 }),
    ],
    [
      separableConv2d({ ...options, filters: 3, multiplier: 2 }),
      tfl.layers.separableConv2d({ ...options, filters: 3, depthMultiplier: 2 }),
    ],
    [
      depthwiseConv2d({ ...options, multiplier: 2 }),
      tfl.layers.depthwiseConv2d({ ...options, depthMultiplier: 2 }),
    ],
  ] as const) {
    const { params, state } = layer.init(random.key(2), [5, 6, 2]);
    const weights: Readonly<Record<string, tf.Tensor | null>> = params;
    theirs.build([2, 5, 6, 2]);
    const names = ["kernel", "depthwise", "pointwise", "bias"];
    theirs.setWeights(names.flatMap((name) => weights[name] ?? []));
    const { y } = (layer as Layer).apply({ params, state }, x);
    expect(maxDifference(y, (theirs.apply(x) as tf.Tensor).arraySync())).toBeLessThan(1e-6);
  }
});
