import { grad, random } from "@layerwise/autodiff";
import type { ActivationFunction } from "@layerwise/layers";
import { activation, activations } from "@layerwise/layers";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import golden from "./fixtures/layers.json" with { type: "json" };
import { alive, maxDifference } from "./setup.ts";

// Oracle: PyTorch float64, at 17 points from −50 to 50. f32 rounds values near 1 by 6e-8, and the
// derivative of sigmoid and tanh doubles it.
const table = Object.entries(activations).filter(([name]) => name !== "identity");

test.each(table)("%s: values and derivative agree with PyTorch", (name, fn) => {
  const found = golden.activation.find((c) => c.name === name);
  if (found === undefined) throw new Error(`no fixture for ${name}`);
  const x = tf.tensor(found.x);
  expect(maxDifference(fn(x), found.y)).toBeLessThan(2e-7);
  const cot = found.cot === undefined ? tf.onesLike(x) : tf.tensor(found.cot);
  const derivative = grad((v: tf.Tensor) => tf.sum(tf.mul(fn(v), cot)))(x);
  expect(maxDifference(derivative, found.dydx ?? found.dx)).toBeLessThan(3e-7);
});

test.each(Object.keys(activations) as (keyof typeof activations)[])(
  "the layer %s applies the function, keeps the shape and returns a fresh tensor",
  (name) => {
    const layer = activation(name);
    expect(layer.kind).toBe(name);
    expect(layer.outputShape([3, 4])).toEqual([3, 4]);
    const variables = layer.init(random.key(0), [3]);
    expect(variables).toEqual({ params: null, state: null });
    const x = tf.tensor2d([[1, -2, 3]]);
    const before = alive();
    const { y, state } = layer.apply(variables, x);
    expect(alive()).toBe(before + 1);
    expect(state).toBeNull();
    expect(y).not.toBe(x);
    expect(maxDifference(y, (activations[name] as ActivationFunction)(x).arraySync())).toBe(0);
  },
);

test("a function makes a layer with the given name; an unknown name is refused", () => {
  const cube = activation((x) => tf.pow(x, 3), { name: "cube" });
  expect(cube.kind).toBe("cube");
  expect(activation((x) => tf.neg(x)).kind).toBe("activation");
  const variables = { params: null, state: null };
  expect(maxDifference(cube.apply(variables, tf.scalar(-2)).y, -8)).toBeLessThan(1e-6);
  const x = tf.scalar(3);
  const before = alive();
  const same = activation((v) => {
    tf.neg(v);
    return v;
  }).apply(variables, x).y;
  expect(same).not.toBe(x);
  expect(alive()).toBe(before + 1);
  expect(Object.isFrozen(cube)).toBe(true);
  // @ts-expect-error no such activation
  expect(() => activation("toString")).toThrow(
    'activation: expected one of identity, relu, sigmoid, softmax, tanh, got "toString"',
  );
});
