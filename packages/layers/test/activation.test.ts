import { random } from "@layerwise/autodiff";
import type { ActivationFunction, ActivationName } from "@layerwise/layers";
import { activation, activations, fromFunction, LayerError, sequential } from "@layerwise/layers";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { alive, maxDifference } from "./setup.ts";

const names = Object.keys(activations) as ActivationName[];
const none = { params: null, state: null };

test.each(names)(
  "the layer %s applies the function, has the shape it says and returns a fresh tensor",
  (name) => {
    const layer = activation(name);
    expect(layer.kind).toBe(name);
    expect(Object.isFrozen(layer)).toBe(true);
    const variables = layer.init(random.key(0), [2, 4]);
    expect(variables).toEqual(none);
    const x = tf.tensor3d([1, -2, 3, 0.5, -1, 0, 2, 4], [1, 2, 4]);
    const before = alive();
    const { y, state } = layer.apply(variables, x);
    expect(alive()).toBe(before + 1);
    expect(state).toBeNull();
    expect(y).not.toBe(x);
    expect(y.dtype).toBe("float32");
    expect(y.shape).toEqual([1, ...layer.outputShape([2, 4])]);
    expect(maxDifference(y, (activations[name] as ActivationFunction)(x).arraySync())).toBe(0);
    expect(alive()).toBe(before + 2);
  },
);

test("with a name come the options of its function", () => {
  const x = tf.tensor2d([[-10, 5]]);
  const leaky = activation("leakyRelu", { negativeSlope: 0.5 });
  expect(leaky.apply(none, x).y.arraySync()).toEqual([[-5, 5]]);
  expect(activation("elu", { alpha: 2, name: "twice" }).kind).toBe("twice");
  const maxout = activation("maxout", { pieces: 3 });
  expect(maxout.outputShape([2, 6])).toEqual([2, 2]);
  expect(() => maxout.outputShape([5])).toThrow(
    "maxout: expected a last axis divisible by 3, got 5",
  );
  // @ts-expect-error no such option
  activation("elu", { slope: 2 });
  // @ts-expect-error a slope is a number
  activation("leakyRelu", { negativeSlope: "0.2" });
});

test("gated units halve the last axis, crelu doubles it; errors name layer and path", () => {
  for (const name of ["glu", "geglu", "swiglu", "reglu"] as const) {
    expect(activation(name).outputShape([3, 8])).toEqual([3, 4]);
    expect(() => activation(name).outputShape([3])).toThrow(
      `${name}: expected an even last axis, got 3 (input [3])`,
    );
  }
  expect(activation("crelu").outputShape([3, 8])).toEqual([3, 16]);
  const net = sequential({ gate: activation("glu") });
  const variables = net.init(random.key(0), [4]);
  expect(() => net.apply(variables, tf.ones([2, 5]))).toThrow(LayerError);
  expect(() => net.apply(variables, tf.ones([2, 5]))).toThrow(
    "gate (glu): expected an even last axis, got 5 (input [2, 5])",
  );
});

test("a function makes a layer with the given name; an unknown name is refused", () => {
  const cube = activation((x) => tf.pow(x, 3), { name: "cube" });
  expect(cube.kind).toBe("cube");
  expect(activation((x) => tf.neg(x)).kind).toBe("activation");
  expect(maxDifference(cube.apply(none, tf.scalar(-2)).y, -8)).toBeLessThan(1e-6);
  const x = tf.scalar(3);
  const before = alive();
  const same = fromFunction((v) => {
    tf.neg(v);
    return v;
  }).apply(none, x).y;
  expect(same).not.toBe(x);
  expect(alive()).toBe(before + 1);
  const sum = fromFunction((v) => tf.sum(v, -1), { outputShape: (shape) => shape.slice(0, -1) });
  expect(sum.outputShape([2, 3])).toEqual([2]);
  // @ts-expect-error no such activation
  expect(() => activation("toString")).toThrow(
    `activation: expected one of ${names.join(", ")}, got "toString"`,
  );
});
