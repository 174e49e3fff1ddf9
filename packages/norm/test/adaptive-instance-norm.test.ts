import { grad, random } from "@layerwise/autodiff";
import { adaptiveInstanceNorm, instanceNorm, type Style, styleOf } from "@layerwise/norm";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { alive, maxDifference } from "./setup.ts";
import { type AnyLayer, distance, evaluate, exactTensors } from "./support/evaluate.ts";
import { casesOf } from "./support/fixtures.ts";

test("output and gradients by input and style agree with PyTorch", () => {
  const [golden] = casesOf("adaptiveInstanceNorm");
  if (golden === undefined) throw new Error("no fixture");
  // As a layer whose parameters are the style, so that both are differentiated.
  const layer: AnyLayer = {
    kind: "adaptive",
    init: () => ({ params: null, state: null }),
    apply: ({ params, state }, x) => ({ y: adaptiveInstanceNorm(x, params as Style), state }),
    outputShape: (shape) => shape,
  };
  const got = evaluate({
    layer,
    params: exactTensors(golden.params),
    ...exactTensors({ x: golden.x, cot: golden.cot }),
  });
  for (const [precision, limit] of [
    ["float64", 1e-12],
    ["float32", 1e-6],
  ] as const) {
    const { y, dx, dparams } = got[precision];
    expect(distance(y, golden.y)).toBeLessThan(limit);
    expect(distance(dx, golden.dx)).toBeLessThan(limit);
    const { scale = [], shift = [] } = golden.dparams;
    expect(distance(dparams, [scale, shift])).toBeLessThan(limit);
  }
});

const content = random.normal(random.key(1), [2, 4, 3, 5]);

test("the output has the mean and deviation of the style's images", () => {
  const images = tf.add(tf.mul(random.normal(random.key(2), [2, 6, 5]), 3), 7);
  const style = styleOf(images);
  expect(style.scale.shape).toEqual([2, 5]);
  const got = styleOf(adaptiveInstanceNorm(content, style, { eps: 0 }), { eps: 0 });
  expect(maxDifference(got.scale, style.scale.arraySync())).toBeLessThan(4e-6);
  expect(maxDifference(got.shift, style.shift.arraySync())).toBeLessThan(4e-6);
});

test("scale 1 and shift 0 are instance normalisation; one style serves a batch", () => {
  const style = { scale: tf.ones([1, 5]), shift: tf.zeros([1, 5]) };
  const layer = instanceNorm();
  const want = layer.apply(layer.init(random.key(0), [4, 3, 5]), content).y;
  const before = alive();
  const got = adaptiveInstanceNorm(content, style);
  expect(alive()).toBe(before + 1);
  expect(maxDifference(got, want.arraySync())).toBe(0);
  const first = tf.transpose(content, [0, 3, 1, 2]);
  const moved = adaptiveInstanceNorm(first, style, { channelsFirst: true });
  expect(maxDifference(tf.transpose(moved, [0, 2, 3, 1]), want.arraySync())).toBeLessThan(1e-6);
});

test("constant images have a finite style gradient", () => {
  const slope = grad((x: tf.Tensor) => {
    const { scale, shift } = styleOf(x);
    return tf.sum(tf.add(scale, shift));
  })(tf.ones([1, 3, 2]));
  expect([...slope.dataSync()].every(Number.isFinite)).toBe(true);
});

test("a style of another shape, and an image without space, are errors", () => {
  const style = { scale: tf.ones([2, 4]), shift: tf.zeros([2, 5]) };
  expect(() => adaptiveInstanceNorm(content, style)).toThrow(
    "adaptiveInstanceNorm: expected scale [2, 5], got [2, 4]",
  );
  expect(() => styleOf(tf.ones([2, 3]))).toThrow(
    "styleOf: expected spatial axes with at least 1 position, got input [2, 3]",
  );
});
