import { random } from "@layerwise/autodiff";
import {
  batchNorm,
  batchRenorm,
  evoNorm,
  filterResponseNorm,
  ghostBatchNorm,
  globalResponseNorm,
  groupNorm,
  instanceNorm,
  type LayoutOptions,
  layerNorm,
  layerScale,
  localResponseNorm,
  pixelNorm,
  rmsNorm,
  thresholdedLinearUnit,
} from "@layerwise/norm";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { maxDifference } from "./setup.ts";
import { type AnyLayer, outputOf } from "./support/evaluate.ts";

const x = random.normal(random.key(1), [4, 3, 5, 6]) as tf.Tensor4D;
const training = { training: true } as const;
const output = (layer: AnyLayer, input: tf.Tensor = x): tf.Tensor =>
  outputOf(layer, layer.init(random.key(0), input.shape.slice(1)), input, training);

describe("channels first is channels last with the axes moved", () => {
  const makers: Readonly<Record<string, (options: LayoutOptions) => AnyLayer>> = {
    batchNorm,
    batchRenorm,
    ghostBatchNorm: (o) => ghostBatchNorm({ ...o, ghostSize: 2 }),
    groupNorm: (o) => groupNorm({ ...o, groups: 3 }),
    instanceNorm,
    evoNorm: (o) => evoNorm({ ...o, groups: 3 }),
    filterResponseNorm: (o) => filterResponseNorm({ ...o, learnedEps: true }),
    thresholdedLinearUnit,
    globalResponseNorm,
    layerScale,
    pixelNorm,
    localResponseNorm: (o) => localResponseNorm({ ...o, convention: "torch", size: 4, alpha: 1 }),
  };
  test.each(Object.entries(makers))("%s", (_, make) => {
    const first = output(make({ channelsFirst: true }), tf.transpose(x, [0, 3, 1, 2]));
    const last = output(make({}));
    expect(maxDifference(tf.transpose(first, [0, 2, 3, 1]), last.arraySync())).toBeLessThan(1e-6);
  });
});

describe("layers that are others", () => {
  const same = (a: AnyLayer, b: AnyLayer, input: tf.Tensor = x): void =>
    expect(maxDifference(output(a, input), output(b, input).arraySync())).toBeLessThan(1e-6);

  test("one group is layer normalisation over all axes", () => {
    same(groupNorm({ groups: 1 }), layerNorm({ lastAxes: 3 }));
  });
  test("a group per channel is instance normalisation", () => {
    same(groupNorm({ groups: 6 }), instanceNorm());
  });
  test("a batch of one example makes batch normalisation instance normalisation", () => {
    same(batchNorm(), instanceNorm(), tf.slice(x, 0, 1));
  });
  test("pixel normalisation is RMS normalisation over channels", () => {
    same(pixelNorm({ eps: 1e-6 }), rmsNorm());
  });
  test("RMS normalisation of inputs with mean 0 is layer normalisation", () => {
    const centered = tf.sub(x, tf.mean(x, -1, true));
    same(rmsNorm({ eps: 1e-5 }), layerNorm(), centered);
  });
  test("a ghost batch as large as the batch is batch normalisation", () => {
    same(ghostBatchNorm({ ghostSize: 4 }), batchNorm());
  });
});

describe("localResponseNorm", () => {
  test.each([
    [{}, 5, 1, 1, 0.5],
    [{ radius: 2, bias: 2, alpha: 1e-1, beta: 0.75 }, 2, 2, 1e-1, 0.75],
    [{ radius: 9 }, 9, 1, 1, 0.5],
    [{ radius: 0 }, 0, 1, 1, 0.5],
  ] as const)("tensorflow %j is what tfjs computes", (options, radius, bias, alpha, beta) => {
    const want = tf.localResponseNormalization(x, radius, bias, alpha, beta);
    const got = output(localResponseNorm({ convention: "tensorflow", ...options }));
    expect(maxDifference(got, want.arraySync())).toBeLessThan(1e-6);
  });

  test("the conventions differ by the size of the window in α", () => {
    const torch = localResponseNorm({ convention: "torch", size: 5, alpha: 0.5, k: 2 });
    const options = { radius: 2, alpha: 0.1, beta: 0.75, bias: 2 };
    const other = localResponseNorm({ convention: "tensorflow", ...options });
    expect(maxDifference(output(torch), output(other).arraySync())).toBeLessThan(1e-6);
  });

  test("an option of the other convention, or none, is a type error; bad numbers throw", () => {
    // @ts-expect-error the convention must be named
    expect(() => localResponseNorm({ size: 5 })).toThrow(
      'localResponseNorm: expected convention "torch" or "tensorflow", got undefined',
    );
    // @ts-expect-error torch has a size, not a radius
    expect(() => localResponseNorm({ convention: "torch", radius: 2 })).toThrow(
      "localResponseNorm: expected size to be a positive whole number, got undefined",
    );
    expect(() => localResponseNorm({ convention: "tensorflow", bias: 0 })).toThrow(
      "localResponseNorm: expected finite alpha >= 0, beta, and k (bias) > 0, got alpha 1, beta 0.5, k 0",
    );
  });
});

test("option errors name the layer", () => {
  expect(() => groupNorm({ groups: 1.5 })).toThrow(
    "groupNorm: expected groups to be a positive whole number, got 1.5",
  );
  expect(() => groupNorm({ groups: 4 }).init(random.key(0), [6])).toThrow(
    "groupNorm: expected a number of channels that is a multiple of 4 groups, got 6",
  );
  expect(() => layerNorm({ lastAxes: 0 })).toThrow(
    "layerNorm: expected lastAxes to be a positive whole number, got 0",
  );
  expect(() => layerNorm({ lastAxes: 2 }).init(random.key(0), [6])).toThrow(
    "layerNorm: expected input shape [..., 2 axes], got [6]",
  );
  const layer = layerNorm();
  expect(() => layer.apply(layer.init(random.key(0), [64]), tf.ones([8, 32]))).toThrow(
    "layerNorm: expected last axis 64, got 32 (input [8, 32])",
  );
  expect(() => output(instanceNorm(), tf.ones([2, 1, 3]))).toThrow(
    "instanceNorm: expected spatial axes with at least 2 positions, got input [2, 1, 3]",
  );
  expect(() => output(globalResponseNorm(), tf.ones([2, 3]))).toThrow(
    "globalResponseNorm: expected spatial axes with at least 1 position, got input [2, 3]",
  );
  expect(() => rmsNorm({ eps: Number.NaN })).toThrow(
    "rmsNorm: expected a finite eps of at least 0, got NaN",
  );
  expect(() => layerScale({ gammaInit: Infinity })).toThrow(
    "layerScale: expected a finite gammaInit, got Infinity",
  );
  expect(() => batchNorm().init(random.key(0), [])).toThrow(
    "batchNorm: expected input shape [..., channels], got []",
  );
});
